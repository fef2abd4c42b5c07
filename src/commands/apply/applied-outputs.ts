import type { Job } from "../plan/run-plan.ts";
import { resultFolder } from "../result-folder.ts";
import { hiddenNote, outputLines, outputsOfState, readOutputs } from "../state-outputs.ts";
import type { Step } from "../step.ts";

/** Reads what the state's outputs are after the apply. That they cannot be read is a note and changes no verdict. */
export async function readAppliedOutputs(
  { log, context, inputs }: Step,
  { server, workspace, findings }: Pick<Job, "server" | "workspace" | "findings">,
): Promise<void> {
  try {
    const read = await readOutputs(server, workspace, { log });
    const outputs = await outputsOfState(read, await resultFolder(context, findings.archive));
    findings.stateOutputs = { outputs, lines: outputLines(read, { values: inputs.commentValues }) };
    const note = hiddenNote(read);
    if (note !== undefined) findings.notes.push(note);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    findings.notes.push(`The outputs of the state could not be read: ${why}`);
    log.line(`The outputs of the state could not be read: ${why}`);
  }
}
