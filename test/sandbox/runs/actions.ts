import type { Run, World } from "../world.ts";
import { confirm, end } from "./lifecycle.ts";
import {
  coolOffIsOver,
  isCancelable,
  isConfirmable,
  isDiscardable,
  isFinal,
  isPending,
  setStatus,
} from "./status.ts";

/** An action took effect, or the state of the run does not allow it. */
export type ActionOutcome = "done" | "wrong-state";

/** Confirms a run that waits for it. */
export function applyAction(world: World, run: Run): ActionOutcome {
  if (!isConfirmable(run)) return "wrong-state";
  confirm(world, run);
  return "done";
}

/** Discards a run that waits for its turn or for a person. */
export function discardAction(world: World, run: Run): ActionOutcome {
  // Terrakube cancels the job, whatever it is at (RemoteTfeService.java, discardRun).
  if (!isDiscardable(run) && (!world.profile.actionsAlwaysTrue || isFinal(run))) return "wrong-state";
  end(world, run, "discarded");
  return "done";
}

/**
 * Cancels a run. An engine that is at work is interrupted and the status changes when it has ended; as a mere label
 * (OTF, a team's token) the status changes at once and the engine goes on.
 */
export function cancelAction(world: World, run: Run, byTeam: boolean): ActionOutcome {
  const allowed = isCancelable(run);
  if (!allowed && !world.profile.cancelRelabels) return "wrong-state";
  run.canceledAt = performance.now();
  const label = isFinal(run) || isPending(run) || !allowed || (byTeam && world.profile.teamCancelIsLabel);
  if (isFinal(run)) setStatus(run, "canceled");
  else if (label) end(world, run, "canceled");
  if (!label || isPending(run)) run.abort.abort();
  return "done";
}

/** Ends a run whose cancel has not taken effect. */
export function forceCancelAction(world: World, run: Run): ActionOutcome {
  if (isFinal(run) || !coolOffIsOver(world, run)) return "wrong-state";
  end(world, run, "force_canceled");
  return "done";
}
