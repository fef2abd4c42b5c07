import type { ServerFacts } from "../api/server-facts.ts";
import type { Run } from "../api/types.ts";
import type { PlanEnding } from "./types.ts";

/** Where in its life a run is. `queue`: the plan has not begun. `checks`: the plan is made, checks or a decision follow. */
export type Stage = "queue" | "plan" | "checks" | "apply" | "final";

/** What a status means to who follows a plan. */
export type PlanVerdict =
  | { verdict: "wait" }
  | { verdict: "needs-person" | "ok" | "fail"; ending: PlanEnding };

/**
 * `ok` with `atRest`: the status is passed through on the way to checks, or is where the run waits for confirmation; it
 * is an ending only in the second case.
 */
type PlanColumn = PlanVerdict & { atRest?: true };

/** What a status means for an apply that this step confirmed. `unknown`: the run ended in a way that no apply ends in. */
export type ApplyStep = "wait" | "needs-person" | ApplyEnd;
export type ApplyEnd = "applied" | "errored" | "canceled" | "discarded" | "policy-failed" | "unknown";

type StatusRow = { stage: Stage; plan: PlanColumn; apply: ApplyStep };

const wait: PlanColumn = { verdict: "wait" };
const planned: PlanColumn = { verdict: "ok", ending: "planned" };
const plannedAtRest: PlanColumn = { ...planned, atRest: true };
const needsPerson: PlanColumn = { verdict: "needs-person", ending: "needs-person" };
const fail = (ending: PlanEnding): PlanColumn => ({ verdict: "fail", ending });

/**
 * Every documented run status: those of go-tfe (run.go), of the "run states" page of HCP Terraform's API reference, of
 * OTF (internal/runstatus) and Terrakube. One column per command that follows runs.
 */
const RUN_STATUSES: Readonly<Record<string, StatusRow>> = {
  pending: { stage: "queue", plan: wait, apply: "wait" },
  fetching: { stage: "queue", plan: wait, apply: "wait" },
  fetching_completed: { stage: "queue", plan: wait, apply: "wait" },
  pre_plan_running: { stage: "queue", plan: wait, apply: "wait" },
  pre_plan_completed: { stage: "queue", plan: wait, apply: "wait" },
  pre_plan_awaiting_decision: { stage: "queue", plan: needsPerson, apply: "needs-person" },
  queuing: { stage: "queue", plan: wait, apply: "wait" },
  plan_queued: { stage: "queue", plan: wait, apply: "wait" },
  planning: { stage: "plan", plan: wait, apply: "wait" },
  planned: { stage: "checks", plan: plannedAtRest, apply: "wait" },
  cost_estimating: { stage: "checks", plan: wait, apply: "wait" },
  cost_estimated: { stage: "checks", plan: plannedAtRest, apply: "wait" },
  policy_checking: { stage: "checks", plan: wait, apply: "wait" },
  policy_checked: { stage: "checks", plan: plannedAtRest, apply: "wait" },
  policy_override: { stage: "checks", plan: needsPerson, apply: "needs-person" },
  post_plan_running: { stage: "checks", plan: wait, apply: "wait" },
  post_plan_completed: { stage: "checks", plan: plannedAtRest, apply: "wait" },
  post_plan_awaiting_decision: { stage: "checks", plan: needsPerson, apply: "needs-person" },
  planned_and_saved: { stage: "checks", plan: planned, apply: "wait" },
  confirmed: { stage: "apply", plan: planned, apply: "wait" },
  queuing_apply: { stage: "apply", plan: planned, apply: "wait" },
  apply_queued: { stage: "apply", plan: planned, apply: "wait" },
  pre_apply_running: { stage: "apply", plan: planned, apply: "wait" },
  pre_apply_completed: { stage: "apply", plan: planned, apply: "wait" },
  pre_apply_awaiting_decision: { stage: "apply", plan: planned, apply: "needs-person" },
  applying: { stage: "apply", plan: planned, apply: "wait" },
  applied: { stage: "final", plan: planned, apply: "applied" },
  planned_and_finished: { stage: "final", plan: planned, apply: "unknown" },
  policy_soft_failed: { stage: "final", plan: fail("policy-failed"), apply: "policy-failed" },
  discarded: { stage: "final", plan: fail("discarded"), apply: "discarded" },
  errored: { stage: "final", plan: fail("errored"), apply: "errored" },
  canceled: { stage: "final", plan: fail("canceled"), apply: "canceled" },
  force_canceled: { stage: "final", plan: fail("canceled"), apply: "canceled" },
  // Terrakube: a running job; and a finished one, which has no confirmation to wait for any more.
  running: { stage: "plan", plan: wait, apply: "wait" },
  finished: { stage: "final", plan: planned, apply: "unknown" },
  // Terrakube's word for a job that waits for an approval, and for one that was rejected or cancelled.
  unknown: { stage: "checks", plan: needsPerson, apply: "needs-person" },
};

/** The statuses of the table above. */
export const knownRunStatuses: readonly string[] = Object.keys(RUN_STATUSES);

/** The stage of a run; a status that nobody documented counts as a plan in progress. */
export function stageOf(status: string): Stage {
  return rowOf(status)?.stage ?? "plan";
}

/** Whether the status is in the table. */
export function isKnownRunStatus(status: string): boolean {
  return rowOf(status) !== undefined;
}

/** The apply's column of the table; a status that nobody documented is waited out. */
export function applyStep(status: string): ApplyStep {
  return rowOf(status)?.apply ?? "wait";
}

function rowOf(status: string): StatusRow | undefined {
  return Object.hasOwn(RUN_STATUSES, status) ? RUN_STATUSES[status] : undefined;
}

/** How long a status must stand before a server that does not say whether it is confirmable is believed to rest in it. */
const SETTLED_MS = 5_000;

/** What the run's status means for a plan. `unchangedMs`: how long this status has been seen. Unknown statuses: wait. */
export function planVerdict(run: Run, seen: { facts: ServerFacts; unchangedMs: number }): PlanVerdict {
  const column = rowOf(run.status)?.plan ?? wait;
  if (column.verdict === "wait" || (column.atRest === true && !isAtRest(run, seen)))
    return { verdict: "wait" };
  if (column.verdict === "ok" && run.hasChanges === false) return { verdict: "ok", ending: "no-changes" };
  return { verdict: column.verdict, ending: column.ending };
}

/**
 * A plan-only run never rests before it is final. Else the server says by `is-confirmable` that nothing follows; one
 * that has no policies has nothing that could follow (OTF stays at `cost_estimated`, which it never lets confirm).
 */
function isAtRest(run: Run, seen: { facts: ServerFacts; unchangedMs: number }): boolean {
  if (run.planOnly === true) return false;
  if (run.actions.isConfirmable === true) return true;
  const mayRest = run.actions.isConfirmable === undefined || !seen.facts.policies;
  return mayRest && seen.unchangedMs >= SETTLED_MS;
}

/** Whether nothing will happen to the run any more. */
export function isFinal(status: string): boolean {
  return stageOf(status) === "final";
}

/** What a check that goes along with a run has come to. */
export type CheckState =
  | "wait"
  | "passed"
  | "failed"
  | "soft-failed"
  | "needs-override"
  | "errored"
  | "canceled"
  | "skipped";

/** Cost estimate statuses: go-tfe cost_estimate.go. */
const COST_STATUSES: Readonly<Record<string, CheckState>> = {
  pending: "wait",
  queued: "wait",
  finished: "passed",
  skipped_due_to_targeting: "skipped",
  errored: "errored",
  canceled: "canceled",
};

/** Policy check statuses: go-tfe policy_check.go. */
const POLICY_CHECK_STATUSES: Readonly<Record<string, CheckState>> = {
  pending: "wait",
  queued: "wait",
  passed: "passed",
  overridden: "passed",
  soft_failed: "soft-failed",
  hard_failed: "failed",
  errored: "errored",
  canceled: "canceled",
  unreachable: "skipped",
};

/** Task stage and task result statuses: go-tfe task_stages.go, task_result.go. */
const TASK_STATUSES: Readonly<Record<string, CheckState>> = {
  pending: "wait",
  running: "wait",
  passed: "passed",
  failed: "failed",
  awaiting_override: "needs-override",
  errored: "errored",
  canceled: "canceled",
  unreachable: "skipped",
};

const CHECKS = { cost: COST_STATUSES, "policy-check": POLICY_CHECK_STATUSES, task: TASK_STATUSES };

/** The state of a cost estimate, a policy check, or a task stage or result; unknown statuses: wait. */
export function checkState(kind: keyof typeof CHECKS, status: string): CheckState {
  return entryOf(CHECKS[kind], status) ?? "wait";
}

function entryOf<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
