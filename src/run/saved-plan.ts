import type { ServerFacts } from "../api/server-facts.ts";
import type { Workspace } from "../api/types.ts";
import { Failure } from "../failure.ts";
import { unsupported } from "./option-limits.ts";
import type { RunOptions } from "./options.ts";

/** Where a plan is made that may be saved. */
export type SavePlace = {
  facts: ServerFacts;
  hostname: string;
  workspace: Workspace;
  /** The plan is for a pull request of the repository itself, whose merge can be followed by an apply. */
  applyCanFollow: boolean;
};

/**
 * Whether to make a saved plan. `auto` does where the server has them, an apply can follow, and the token could remove the
 * run again; there is no harm in the other kind, which is planned again and compared. Throws Failure where `true` cannot be.
 */
export function savesPlan(
  { savePlan, terraformVersion }: RunOptions,
  { facts, hostname, workspace, applyCanFollow }: SavePlace,
): boolean {
  const mayApply = workspace.permissions.canQueueApply;
  if (savePlan === "auto") {
    const asOrdinary = workspace.vcsConnected || terraformVersion !== undefined;
    return facts.savedPlans && applyCanFollow && mayApply === true && !asOrdinary;
  }
  if (savePlan === "false") return false;
  if (!facts.savedPlans) {
    const why = "it would make an ordinary run of it, which blocks the workspace";
    throw unsupported(hostname, "save-plan: true", why);
  }
  if (workspace.vcsConnected) {
    const why = `the workspace ${workspace.name} is connected to a VCS repository and applies only what comes from there`;
    throw unsupported(hostname, "save-plan: true", why);
  }
  if (mayApply === false) {
    throw new Failure(
      "forbidden",
      `Insufficient rights for "save-plan: true": this token may not apply in the workspace ${workspace.name}, so it could ` +
        "not remove the run again either. Give it write permissions, or leave the input at auto.",
    );
  }
  return true;
}
