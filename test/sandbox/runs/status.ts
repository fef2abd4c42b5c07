import type { Phase, Run, World } from "../world.ts";

/** Statuses that nothing follows. */
const final = new Set([
  "applied",
  "planned_and_finished",
  "policy_soft_failed",
  "discarded",
  "errored",
  "canceled",
  "force_canceled",
]);

/** Statuses in which a person decides over an apply. */
const waiting = new Set(["planned", "planned_and_saved", "cost_estimated", "policy_checked"]);

const deciding = new Set([...waiting, "policy_override", "post_plan_awaiting_decision"]);

const cancelable = new Set([
  "pending",
  "fetching",
  "pre_plan_running",
  "plan_queued",
  "planning",
  "cost_estimating",
  "policy_checking",
  "post_plan_running",
  "confirmed",
  "apply_queued",
  "pre_apply_running",
  "applying",
]);

export const isFinal = (run: Run): boolean => final.has(run.status);

/** Waits for its turn, a person or nothing at all: holds no engine. */
export const isPending = (run: Run): boolean => run.status === "pending";

/** Whether the run waits for its confirmation; OTF confirms in `planned` alone. */
export function isConfirmable(run: Run): boolean {
  return waiting.has(run.status) && !run.attributes.planOnly;
}

export const isDiscardable = (run: Run): boolean => deciding.has(run.status) || run.status === "pending";

export const isCancelable = (run: Run): boolean =>
  cancelable.has(run.status) && !(run.canceledAt !== undefined && run.abort.signal.aborted);

export function isForceCancelable(world: World, run: Run): boolean {
  if (run.canceledAt === undefined || isFinal(run)) return false;
  if (world.profile.forceCancelPromised) return true;
  return coolOffIsOver(world, run);
}

export const coolOffIsOver = (world: World, run: Run): boolean =>
  run.canceledAt !== undefined && performance.now() - run.canceledAt >= world.settings.forceCancelAfterMs;

/** Sets the status and its time. */
export function setStatus(run: Run, status: string): void {
  run.status = status;
  run.timestamps[`${status.replaceAll("_", "-")}-at`] = new Date().toISOString();
}

/** Sets the status of a phase and its time. */
export function setPhaseStatus(phase: Phase, status: Phase["status"]): void {
  phase.status = status;
  phase.timestamps[`${status === "running" ? "started" : status}-at`] = new Date().toISOString();
}

/** Ends a phase that has not ended. */
export function endPhase(phase: Phase, status: Phase["status"]): void {
  if (["pending", "queued", "running"].includes(phase.status)) setPhaseStatus(phase, status);
}
