import type { Run } from "../api/types.ts";
import { isKnownRunStatus } from "./status.ts";

/** What stops a run: cancelling one in progress, or discarding one that waits. */
export type StopAction = "cancel" | "discard";

/** What is known of the attempts so far. */
export type StopAttempts = {
  /** The server has an endpoint to cancel runs. */
  cancels: boolean;
  /** What was asked for and accepted last. */
  accepted: StopAction | undefined;
  /** What was refused, with the status: the token may not, or the server has no such endpoint. */
  refused: ReadonlyMap<StopAction, number>;
};

/** What to ask for now; `undefined`: wait for what was asked for, or for the run to come to where it can be stopped. */
export function nextAction(run: Run, attempts: StopAttempts): StopAction | undefined {
  if (attempts.accepted !== "cancel" && canDo(run, attempts, "cancel")) return "cancel";
  if (attempts.accepted !== "discard" && canDo(run, attempts, "discard")) return "discard";
  return undefined;
}

/**
 * What the server says can be done to the run, and is not known to be refused. Where discarding is refused, as to OTF's
 * write role, cancelling is tried although `is-cancelable` is false: OTF does it all the same.
 */
export function canDo(run: Run, attempts: StopAttempts, action: StopAction): boolean {
  const { actions, permissions } = run;
  if (attempts.refused.has(action)) return false;
  const waits = actions.isDiscardable === true;
  if (action === "discard") return waits;
  if (!attempts.cancels) return false;
  if (waits && attempts.refused.has("discard")) return true;
  if (waits && permissions.canCancel === false) return false;
  return actions.isCancelable ?? isKnownRunStatus(run.status);
}
