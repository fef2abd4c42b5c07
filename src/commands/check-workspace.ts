import type { ServerFacts } from "../api/server-facts.ts";
import type { Workspace } from "../api/types.ts";
import type { Target } from "../config/target.ts";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";

/**
 * What keeps a workspace from being applied to by a run of this step, before one is made that nobody could confirm. `runId`
 * names one that is there already. Throws Failure `forbidden` or `unsupported`.
 */
export function checkApply(
  workspace: Workspace,
  { target, runId, facts }: { target: Target; runId: string; facts: ServerFacts },
): void {
  const name = `${target.organization}/${workspace.name}`;
  if (!facts.tellsWaiting) {
    throw new Failure(
      "unsupported",
      `${target.hostname} tells a run that waits for its approval with the same status, "unknown", as one that was rejected ` +
        "or cancelled, and takes an approval of either. So nothing could be proven to be applied: approve runs there.",
    );
  }
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

/** Why the plans of a workspace are not the server's to make: how it is set up, or what the job says. */
export type WhyLocal = "execution-mode" | "entitlement" | "TF_FORCE_LOCAL_BACKEND";

/** `undefined` where the server plans (opentofu, internal/backend/remote/backend.go, Operation and forceLocal). */
export function whyLocal(
  workspace: Pick<Workspace, "executionMode">,
  around: { entitlements: { operations: boolean }; environment: Context["environment"] },
): WhyLocal | undefined {
  if (workspace.executionMode === "local") return "execution-mode";
  if (!around.entitlements.operations) return "entitlement";
  return around.environment["TF_FORCE_LOCAL_BACKEND"] ? "TF_FORCE_LOCAL_BACKEND" : undefined;
}

/**
 * What keeps a workspace from running this plan, before anything is uploaded (opentofu, internal/backend/remote:
 * backend.go, backend_plan.go). Throws Failure `forbidden`.
 */
export function checkWorkspace(workspace: Workspace, target: Target): void {
  const name = `${target.organization}/${workspace.name}`;
  if (workspace.permissions.canQueueRun === false) {
    throw new Failure(
      "forbidden",
      `Insufficient rights to generate a plan: ${target.tokenSource} may not start runs in the workspace ${name} on ` +
        `${target.hostname}. At least plan permissions on the workspace are required.`,
    );
  }
}
