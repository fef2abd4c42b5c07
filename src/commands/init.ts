import type { Target } from "../config/target.ts";
import { Failure } from "../failure.ts";
import { versionForNewWorkspace } from "./binary-version.ts";
import { ensureWorkspace } from "./ensure-workspace.ts";
import type { Step, StepResult } from "./step.ts";
import { findTarget } from "./target.ts";

/** `command: init`: makes the workspace, with its tags and project, where the server does not have it yet. */
export async function initCommand(step: Step): Promise<StepResult> {
  const target = await findTarget(step);
  checkSelection(target);
  const terraformVersion = () => versionForNewWorkspace(step);
  const { workspace } = await ensureWorkspace(step, target, terraformVersion);
  return { outputs: { status: "done", workspace: workspace.name, "workspace-id": workspace.id } };
}

/** A plan takes the workspace that the environment selects, as the CLI's does; making it would be another matter. */
function checkSelection({ named, workspace, position }: Target): void {
  if (named === undefined) return;
  throw new Failure(
    "configuration",
    `workspaces not supported: the block names the workspace "${named}", but TF_WORKSPACE or an earlier selection says ` +
      `"${workspace}". Unset TF_WORKSPACE, or write workspaces { prefix = "…" } to have several.`,
    position === undefined ? {} : { position },
  );
}
