import type { Run } from "../../api/types.ts";
import type { ApplyEnding } from "../../gate/endings.ts";
import type { StopOutcome } from "../../run/stop.ts";
import type { ApplyOutcome } from "../../run/types.ts";
import type { Step } from "../step.ts";
import type { ApplyJob } from "./apply-job.ts";

/** Milliseconds for the last look at an apply that was cancelled. */
const LOOK_MS = 1500;

/** What became of an apply that was to be cancelled. */
export type Canceling = {
  why: "timeout" | "interrupted";
  stopped: StopOutcome;
  run: Run;
  /** Status of the apply itself, where it could be read. */
  applyStatus: string | undefined;
};

/**
 * Cancels the run that this step confirmed, as the input `cancel-apply` asks where the step ends before its apply does. The
 * requests have a time of their own. What it could not do, the post step tries again.
 */
export async function cancelApply(
  step: Step,
  { server, ledger, findings }: ApplyJob,
  { why, run }: { why: Canceling["why"]; run: Run },
): Promise<Canceling> {
  const stopped = await ledger.cancelApply(server, step);
  if (stopped.result !== "failed") ledger.close();
  const last = stopped.run ?? run;
  findings.run = last;
  if (last.applyId === undefined) return { why, stopped, run: last, applyStatus: undefined };
  const fresh = server.withSignal(AbortSignal.timeout(LOOK_MS));
  const apply = await fresh.readApply(last.applyId).catch(() => undefined);
  if (apply?.counts !== undefined) findings.done = seen("the server tells", apply.counts);
  else if (findings.apply !== undefined)
    findings.done = seen("the log showed until then", findings.apply.seen);
  return { why, stopped, run: last, applyStatus: apply?.status };
}

function seen(source: string, { add, change, destroy, import: imported }: ApplyOutcome["seen"]): string {
  const done = `${add} added, ${change} changed, ${destroy} destroyed, ${imported} imported`;
  return `Done before the apply was canceled, as far as ${source}: ${done}. The state tells whether there is more.`;
}

/** The ending of such an apply, from the one that its status alone tells: what was asked for is no failure of somebody else. */
export function endingOfCanceled(end: ApplyEnding, { why, stopped, run }: Canceling): ApplyEnding {
  if (end.status === "canceled") {
    const status = why === "timeout" ? "timed-out" : "canceled";
    return { ...end, status, reason: why, sentence: `${end.sentence} ${whatWasApplied(run)}`.trim() };
  }
  if (end.status !== "unknown") return end;
  return {
    ...end,
    reason: why,
    sentence: `The step ended while the apply was in progress. ${stopped.message}`,
  };
}

/** Where the server tells times, an apply that has none has not begun. */
function whatWasApplied({ statusTimestamps: times }: Run): string {
  const begun = "applying-at" in times || "applied-at" in times || Object.keys(times).length === 0;
  return begun ? "" : "It had not begun, so that nothing was applied.";
}
