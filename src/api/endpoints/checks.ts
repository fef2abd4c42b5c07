import type { JsonValue } from "../../json.ts";
import { amount, count, flag, list, optionalText, requiredText, text } from "../attributes.ts";
import { callEndpoint, callForDocument, caps } from "../call.ts";
import type { CostEstimateAnswer, PolicyCheck, PolicySetOutcome, TaskStage } from "../check-types.ts";
import { header } from "../http.ts";
import {
  child,
  type JsonObject,
  type Resource,
  readIncluded,
  readMany,
  readOne,
  relatedIds,
} from "../json-api.ts";
import { readPages } from "../pages.ts";
import type { Bound } from "../session.ts";

/** `GET cost-estimates/:id`. Amounts are decimal strings as sent. */
export function readCostEstimate(bound: Bound, id: string): Promise<CostEstimateAnswer> {
  const call = {
    what: `reading cost estimate ${id}`,
    method: "GET",
    endpoint: "cost-estimates/:id",
    parameters: { id },
  } as const;
  return callForDocument(bound, call, (document) => {
    const { attributes } = readOne(document, { type: "cost-estimates", id });
    return {
      status: requiredText(attributes, "status"),
      errorMessage: optionalText(attributes, "error-message"),
      priorMonthlyCost: amount(attributes, "prior-monthly-cost"),
      proposedMonthlyCost: amount(attributes, "proposed-monthly-cost"),
      deltaMonthlyCost: amount(attributes, "delta-monthly-cost"),
      resourcesCount: count(attributes, "resources-count") ?? 0,
      matchedResourcesCount: count(attributes, "matched-resources-count") ?? 0,
    };
  });
}

/** `GET policy-checks/:id`. */
export function readPolicyCheck(bound: Bound, id: string): Promise<PolicyCheck> {
  const call = {
    what: `reading policy check ${id}`,
    method: "GET",
    endpoint: "policy-checks/:id",
    parameters: { id },
  } as const;
  return callForDocument(bound, call, (document) => {
    const { attributes } = readOne(document, { type: "policy-checks", id });
    return {
      id,
      status: requiredText(attributes, "status"),
      scope: text(attributes, "scope"),
      isOverridable: flag(child(attributes, "actions"), "is-overridable") ?? false,
      result: child(attributes, "result") ?? null,
    };
  });
}

/** `GET policy-checks/:id/output`: what the policy engine printed, foreign text. */
export function readPolicyCheckOutput(bound: Bound, id: string): Promise<string> {
  const call = {
    what: `reading the output of policy check ${id}`,
    method: "GET",
    endpoint: "policy-checks/:id/output",
    parameters: { id },
  } as const;
  return callEndpoint(bound, call, {
    accept: "text/plain, */*",
    cap: caps.document,
    read: (answer) => {
      if (/html/i.test(header(answer.headers, "content-type") ?? "")) return "not-api";
      return { value: new TextDecoder().decode(answer.bytes) };
    },
  });
}

/** `GET task-stages/:id` with its task results. */
export function readTaskStage(bound: Bound, id: string): Promise<TaskStage> {
  const call = {
    what: `reading task stage ${id}`,
    method: "GET",
    endpoint: "task-stages/:id",
    parameters: { id },
    query: { include: "task_results,policy_evaluations" },
  } as const;
  return callForDocument(bound, call, (document) => decodeTaskStage(document, id));
}

function decodeTaskStage(document: JsonObject, id: string): TaskStage {
  const stage = readOne(document, { type: "task-stages", id });
  const own = new Set(relatedIds(stage, "task-results"));
  return {
    id,
    stage: text(stage.attributes, "stage"),
    status: requiredText(stage.attributes, "status"),
    taskResults: readIncluded(document, "task-results")
      .filter((result) => own.has(result.id))
      .map(decodeTaskResult),
    policyEvaluationIds: relatedIds(stage, "policy-evaluations"),
  };
}

function decodeTaskResult({ id, attributes }: Resource): TaskStage["taskResults"][number] {
  return {
    id,
    name: text(attributes, "task-name"),
    status: text(attributes, "status"),
    message: text(attributes, "message"),
    enforcement: text(attributes, "workspace-task-enforcement-level"),
    url: text(attributes, "url"),
  };
}

/** `GET policy-evaluations/:id/policy-set-outcomes`, all pages. */
export async function readPolicySetOutcomes(bound: Bound, evaluationId: string): Promise<PolicySetOutcome[]> {
  const outcomes: PolicySetOutcome[] = [];
  for await (const { resources } of readPages((page) => readOutcomePage(bound, evaluationId, page))) {
    outcomes.push(...resources.map(decodeOutcome));
  }
  return outcomes;
}

function readOutcomePage(bound: Bound, id: string, page: number) {
  const call = {
    what: `reading the outcomes of policy evaluation ${id}`,
    method: "GET",
    endpoint: "policy-evaluations/:id/policy-set-outcomes",
    parameters: { id },
    query: { "page[number]": String(page), "page[size]": "100" },
  } as const;
  return callForDocument(bound, call, (document) => readMany(document, "policy-set-outcomes"));
}

function decodeOutcome({ attributes }: Resource): PolicySetOutcome {
  return {
    policySet: text(attributes, "policy-set-name"),
    error: text(attributes, "error"),
    outcomes: list(attributes, "outcomes").map((outcome) => ({
      policy: text(outcome, "policy_name"),
      status: text(outcome, "status"),
      enforcement: text(outcome, "enforcement_level"),
      description: text(outcome, "description"),
      output: printed(child(outcome, "output")),
    })),
  };
}

/** What a policy printed: a text, or a list of `{ print: text }`. */
function printed(output: JsonValue | undefined): string {
  if (typeof output === "string") return output;
  if (!Array.isArray(output)) return "";
  return output.map((item) => (typeof item === "string" ? item : text(item, "print"))).join("\n");
}
