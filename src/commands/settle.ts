import type { Server } from "../api/types.ts";
import type { JobLog } from "../job-log.ts";
import { type StopOutcome, stopRun } from "../run/stop.ts";
import type { Clock } from "../run/types.ts";
import { saveUnsettledRun, type UnsettledRun } from "../state.ts";

/** What main has before the runner loses patience with an interrupted step, and post after it. */
export const MAIN_PATIENCE_MS = 6000;
export const POST_PATIENCE_MS = 20_000;

/**
 * Stops a run that this step made and has not seen the end of, and forgets it once nothing is left to stop. The
 * requests have a time of their own, since the step's signal may be what ended it: `interrupted`. Then a request that was under
 * way may make the run after all, so one that is not found is not forgotten. `cancelApply`: also one that is being applied.
 */
export async function settle(
  server: Server,
  unsettled: UnsettledRun,
  options: {
    log: JobLog;
    clock: Clock;
    patienceMs: number;
    cancelApply?: boolean;
    interrupted?: boolean;
  },
): Promise<StopOutcome> {
  const { log, clock, patienceMs, cancelApply = false, interrupted = false } = options;
  const { runId, workspaceId, configurationVersionId } = unsettled;
  const target = runId === "" ? { workspaceId, configurationVersionId } : { runId };
  const fresh = server.withSignal(AbortSignal.timeout(patienceMs + 1000));
  const stopped = await stopRun(fresh, target, { clock, deadlineMs: patienceMs, cancelApply });
  log.line(stopped.message);
  const mayCome = stopped.result === "not-found" && interrupted;
  if (stopped.result !== "failed" && !mayCome) saveUnsettledRun(undefined);
  return stopped;
}
