import { randomBytes } from "node:crypto";
import { createPlanDigester, type PlanDigest, type PlanForm } from "../../src/gate/canonical.ts";
import type { Asked, RunFacts } from "../../src/gate/facts.ts";
import type { RunFlags } from "../../src/gate/flags.ts";
import { field, isObject, PLAN_MEMBERS } from "../../src/gate/plan-element.ts";
import type { MergedPullRequest } from "../../src/gate/pull-request.ts";
import type { JsonValue } from "../../src/json.ts";

export const key = randomBytes(32);
export const headSha = "a".repeat(40);
export const mergeSha = "c".repeat(40);
export const D = "d".repeat(64);
export const otherD = "e".repeat(64);
export const content = { digest: D };

export const flags: RunFlags = {
  destroy: false,
  refreshOnly: false,
  refresh: true,
  targets: [],
  replace: [],
  variables: [],
};

export const asked: Asked = { workspaceId: "ws-1", flags, requireSameArchive: false, archiveDigest: D };

export const pullRequest: MergedPullRequest = {
  number: 12,
  repository: "acme/infra",
  headSha,
  mergeSha,
  mergedAt: "2026-03-01T12:00:00Z",
};

/** A run that waits for its confirmation. */
export function run(change: Partial<RunFacts> = {}): RunFacts {
  return {
    id: "run-1",
    workspaceId: "ws-1",
    configurationVersionId: "cv-1",
    planId: "plan-1",
    status: "planned",
    planStatus: "finished",
    planOnly: false,
    autoApply: false,
    hasChanges: true,
    confirmable: true,
    canApply: true,
    message: "",
    createdAt: "2026-03-01T11:00:00.123Z",
    flags,
    ...change,
  };
}

/** A run as `command: plan` leaves it. */
export function plannedOnly(change: Partial<RunFacts> = {}): RunFacts {
  return run({ id: "run-0", status: "planned_and_finished", planOnly: true, confirmable: false, ...change });
}

/** Digests a whole plan. */
export function digestOf(plan: JsonValue, form: PlanForm = "plain"): PlanDigest {
  const digester = createPlanDigester({ form, key });
  for (const [member, { part }] of Object.entries(PLAN_MEMBERS)) {
    const value = isObject(plan) ? field(plan, member) : undefined;
    if (Array.isArray(value)) for (const item of value) digester.add(part, item);
    else if (isObject(value))
      for (const [name, item] of Object.entries(value)) digester.add(part, item, name);
  }
  return digester.finish();
}

/** A plan that updates one resource, from `before` to `after`. */
export function updating(before: JsonValue, after: JsonValue, more: Record<string, JsonValue> = {}) {
  return { resource_changes: [resource({ change: { actions: ["update"], before, after, ...more } })] };
}

export function resource(given: Record<string, JsonValue>): Record<string, JsonValue> {
  return {
    address: "terraform_data.a",
    mode: "managed",
    type: "terraform_data",
    name: "a",
    provider_name: "terraform.io/builtin/terraform",
    change: { actions: ["create"], before: null, after: { input: "x" }, after_unknown: { id: true } },
    ...given,
  };
}

export const plan = digestOf(updating({ input: "x" }, { input: "y" }));
export const otherPlan = digestOf(updating({ input: "z" }, { input: "y" }));
