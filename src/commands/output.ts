import { Failure } from "../failure.ts";
import { onWorkspace } from "./on-workspace.ts";
import { resultFolder } from "./result-folder.ts";
import { hiddenNote, outputLines, outputsOfState, readOutputs } from "./state-outputs.ts";
import type { Step, StepResult } from "./step.ts";
import { findTarget } from "./target/target.ts";

const NONE =
  "No outputs found: the state of the workspace has none. Define them in the configuration and apply it.";

/**
 * `command: output`: the outputs of the workspace's state, read from the server, so that neither a binary nor, with the inputs
 * hostname, organization and workspace, a configuration is needed. `output NAME`: only this one. With options, such as `-json`,
 * it is a command of the binary.
 */
export async function outputCommand(step: Step): Promise<StepResult> {
  const { arguments: given } = step.inputs;
  if (given.some((argument) => argument.startsWith("-"))) {
    const { runWithBinary } = await import("./tofu/tofu.ts");
    return runWithBinary(step, ["output", ...given]);
  }
  if (given.length > 1) {
    const words = JSON.stringify(given.join(" "));
    throw new Failure("input", `Input "command": output takes the name of one output, not ${words}.`);
  }
  const [name] = given;
  const target = await findTarget(step);
  const { organization, workspace, hostname } = target;
  step.log.line(`Outputs of ${organization}/${workspace} on ${hostname}`);
  return onWorkspace(step, target, async (place) => {
    const read = await readOutputs(place.server, place.workspace, { log: step.log, name });
    const found = read.outputs.length + read.hidden.length > 0;
    if (!found && name !== undefined) throw notFound(name, `${organization}/${workspace}`);
    if (!found) step.log.warning(NONE);
    const note = hiddenNote(read);
    if (note !== undefined) step.log.warning(note);
    step.log.foreign(outputLines(read, { values: "show", bare: name !== undefined }));
    const outputs = await outputsOfState(read, await resultFolder(step.context));
    return { outputs: { ...outputs, status: "done" } };
  });
}

function notFound(name: string, where: string): Failure {
  const remedy = "If it was just added to the configuration, apply that first: only then it is in the state.";
  return new Failure(
    "not-found",
    `Output ${JSON.stringify(name)} not found in the state of ${where}. ${remedy}`,
  );
}
