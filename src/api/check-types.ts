import type { JsonValue } from "../json.ts";

export type CostEstimateAnswer = {
  status: string;
  errorMessage: string | undefined;
  priorMonthlyCost: string;
  proposedMonthlyCost: string;
  deltaMonthlyCost: string;
  resourcesCount: number;
  matchedResourcesCount: number;
};

export type PolicyCheck = {
  id: string;
  status: string;
  scope: string;
  isOverridable: boolean;
  result: JsonValue;
};

export type TaskStage = {
  id: string;
  stage: string;
  status: string;
  taskResults: {
    id: string;
    name: string;
    status: string;
    message: string;
    enforcement: string;
    url: string;
  }[];
  policyEvaluationIds: string[];
};

export type PolicySetOutcome = {
  policySet: string;
  error: string;
  outcomes: { policy: string; status: string; enforcement: string; description: string; output: string }[];
};
