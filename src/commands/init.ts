import { versionForNewWorkspace } from "./binary-version.ts";
import { ensureWorkspace } from "./ensure-workspace.ts";
import type { Step, StepResult } from "./step.ts";
import { findTarget } from "./target.ts";

/** `command: init`: makes the workspace, with its tags and project, where the server does not have it yet. */
export async function initCommand(step: Step): Promise<StepResult> {
  const target = await findTarget(step);
  const terraformVersion = () => versionForNewWorkspace(step);
  const { workspace } = await ensureWorkspace(step, target, terraformVersion);
  return { outputs: { status: "done", workspace: workspace.name, "workspace-id": workspace.id } };
}
