import type { Workspace } from "../api/types.ts";
import type { Target } from "../config/target.ts";
import { Failure } from "../failure.ts";

/**
 * What keeps a workspace from being applied to by a run of this step, before one is made that nobody could confirm. `runId`
 * names one that is there already. Throws Failure `forbidden` or `unsupported`.
 */
export function checkApply(workspace: Workspace, { target, runId }: { target: Target; runId: string }): void {
  const name = `${target.organization}/${workspace.name}`;
  if (workspace.permissions.canQueueApply === false) {
    throw new Failure(
      "forbidden",
      `Insufficient rights to apply: ${target.tokenSource} may not apply runs in the workspace ${name} on ` +
        `${target.hostname}. At least write permissions on the workspace are required.`,
    );
  }
  if (workspace.vcsConnected && runId === "") {
    throw new Failure(
      "unsupported",
      `The workspace ${name} is connected to a VCS repository, and its server applies only what comes from there. ` +
        "Merge there, or remove the connection; `run-id` confirms a run that the server made.",
    );
  }
}

/**
 * What keeps a workspace from running this plan, before anything is uploaded (opentofu, internal/backend/remote:
 * backend.go, backend_plan.go). Throws Failure `execution-mode` or `forbidden`.
 */
export function checkWorkspace(
  workspace: Workspace,
  target: Target,
  entitled: { operations: boolean },
): void {
  const name = `${target.organization}/${workspace.name}`;
  if (workspace.executionMode === "local") {
    throw new Failure(
      "execution-mode",
      `The workspace ${name} has the execution mode "local", so ${target.hostname} does not run its plans. ` +
        `Set its execution mode to "remote" or "agent".`,
    );
  }
  if (!entitled.operations) {
    throw new Failure(
      "execution-mode",
      `The organization ${target.organization} at ${target.hostname} does not run operations remotely: enable that there.`,
    );
  }
  if (workspace.permissions.canQueueRun === false) {
    throw new Failure(
      "forbidden",
      `Insufficient rights to generate a plan: ${target.tokenSource} may not start runs in the workspace ${name} on ` +
        `${target.hostname}. At least plan permissions on the workspace are required.`,
    );
  }
}
