import type { Target } from "../../config/target.ts";
import { Failure } from "../../failure.ts";
import type { Outputs } from "../../outputs.ts";
import { endingOfFailure } from "../findings.ts";
import type { Step, StepResult } from "../step.ts";
import { selectWorkspace } from "../target/select-workspace.ts";
import { connectOptions, findTarget } from "../target/target.ts";
import { versionForNewWorkspace } from "./binary-version.ts";
import { ensureWorkspace } from "./ensure-workspace.ts";

/**
 * `command: init`: makes the workspace, with its tags and project, where the server does not have it yet. With arguments, such as
 * `-upgrade`, the binary then initialises the directory with them; it does so for its other commands without being asked.
 */
export async function initCommand(step: Step): Promise<StepResult> {
  const outputs: Partial<Outputs> = {};
  try {
    await makeWorkspace(step, outputs);
  } catch (error) {
    const cause: unknown = step.signal.aborted ? step.signal.reason : error;
    if (!(cause instanceof Failure)) throw cause;
    const { status, failure = cause } = endingOfFailure(cause, undefined);
    return { outputs: { ...outputs, status }, failure };
  }
  if (step.inputs.arguments.length === 0) return { outputs: { ...outputs, status: "done" } };
  const { runWithBinary } = await import("../tofu/tofu.ts");
  const result = await runWithBinary(step, ["init", ...step.inputs.arguments]);
  return { ...result, outputs: { ...outputs, ...result.outputs } };
}

/** Adds to the outputs what is known of the workspace. */
async function makeWorkspace(step: Step, outputs: Partial<Outputs>): Promise<void> {
  const target = await withSelection(step, await findTarget(step));
  checkSelection(target);
  outputs.workspace = target.workspace;
  const terraformVersion = () => versionForNewWorkspace(step);
  const { workspace } = await ensureWorkspace(step, target, terraformVersion);
  outputs["workspace-id"] = workspace.id;
}

/** What is good enough for a plan, but not to make a workspace of it: a selection against the block, arguments without a value. */
function checkSelection({ named, workspace, position, unread = [] }: Target): void {
  if (unread.length > 0) {
    throw new Failure(
      "configuration",
      `The workspace "${workspace}" cannot be made as the block says: the value of ${unread.join(" and ")} is not known before ` +
        "a run. Give the variables in it values with the inputs variables or var-files, or write the value itself.",
      position === undefined ? {} : { position },
    );
  }
  if (named === undefined) return;
  throw new Failure(
    "configuration",
    `workspaces not supported: the block names the workspace "${named}", but TF_WORKSPACE or an earlier selection says ` +
      `"${workspace}". Unset TF_WORKSPACE, or write workspaces { prefix = "…" } to have several.`,
    position === undefined ? {} : { position },
  );
}

/** An earlier selection only counts where it is still there. */
async function withSelection(step: Step, target: Target): Promise<Target> {
  const isOneOfSeveral = target.prefix !== undefined || target.tags !== undefined;
  if (target.chosenBy !== "selected" || !isOneOfSeveral) return target;
  return selectWorkspace(step, target, connectOptions(step, target));
}
