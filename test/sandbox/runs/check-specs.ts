/** What a server makes of a plan after it, for profiles that have such checks. */
export type CostEstimateSpec = {
  status: "finished" | "errored" | "canceled" | "skipped_due_to_targeting";
  prior?: string;
  proposed?: string;
  delta?: string;
  matched?: number;
  total?: number;
  error?: string;
};
export type PolicyCheckSpec = {
  status: "passed" | "soft_failed" | "hard_failed" | "errored";
  scope?: "organization" | "workspace";
  output: string;
};
export type TaskStageSpec = {
  stage: "pre_plan" | "post_plan" | "pre_apply";
  status: "passed" | "failed" | "errored" | "awaiting_override";
  tasks?: {
    name: string;
    status: string;
    message: string;
    enforcement: "advisory" | "mandatory";
    url?: string;
  }[];
  policies?: {
    set: string;
    error?: string;
    outcomes: {
      policy: string;
      status: string;
      enforcement: string;
      description?: string;
      output?: string;
    }[];
  }[];
};
