import { stat } from "node:fs/promises";
import { join } from "node:path";
import { connectToWorkspace } from "../../api/server.ts";
import type { Workspace } from "../../api/types.ts";
import { type CommandCall, callArguments, commandCall, hasFlag } from "../../cli/commands.ts";
import { Failure } from "../../failure.ts";
import type { Outputs } from "../../outputs.ts";
import type { LogPiece } from "../../run/types.ts";
import { endingOfFailure } from "../findings.ts";
import { resultFolder } from "../result-folder.ts";
import type { Step, StepResult } from "../step.ts";
import { connectOptions } from "../target/target.ts";
import { maskGiven } from "../variables.ts";
import { type Call, type Called, callBinary } from "./call-binary.ts";
import { checkVersions } from "./check-versions.ts";
import { firstError } from "./errors.ts";
import { callInitialised, initArguments } from "./initialise.ts";
import { type OnLines, showOnLines } from "./on-lines.ts";
import { type Prepared, prepareBinary } from "./prepare.ts";

/** A command of the binary: its backend, token and workspace are prepared, and its output and exit code are kept. */
export async function tofuCommand(step: Step): Promise<StepResult> {
  return runWithBinary(step, step.inputs.arguments);
}

/** Runs the binary with the words of a command line, such as `state`, `list`. */
export async function runWithBinary(step: Step, words: string[]): Promise<StepResult> {
  const outputs: Partial<Outputs> = { status: "done" };
  try {
    await carryOut(step, commandCall(words), outputs);
    return { outputs };
  } catch (error) {
    const cause: unknown = step.signal.aborted ? step.signal.reason : error;
    if (!(cause instanceof Failure)) throw cause;
    const { status } = endingOfFailure(cause, undefined);
    return { outputs: { ...outputs, status }, failure: cause };
  }
}

async function carryOut(step: Step, command: CommandCall, outputs: Partial<Outputs>): Promise<void> {
  const { needs } = command.facts;
  const folder = await resultFolder(step.context);
  const prepared = await prepareBinary(step, { needs, what: `The command "${command.name}"`, folder });
  if (needs === "state") await checkState(step, prepared, { command, outputs });
  if (command.facts.variables !== undefined) await maskGiven(step, command.options);
  const file = join(folder, "stdout");
  const { log } = step;
  const show = (pieces: LogPiece[]) => log.foreign(pieces.map(({ text }) => text));
  const onLines: OnLines = showOnLines(step, { command, file });
  log.line(`Running ${prepared.binary.product} ${[command.name, ...command.options].join(" ")}`);
  const call: Call = {
    arguments: callArguments(command, step.inputs, prepared.binary),
    stdin: stdinOf(step),
    stdoutFile: file,
    ...(!onLines.hidesOutput && command.facts.fileOnly !== true && { onStdout: show }),
    onStderr: show,
  };
  const called =
    command.name === "init"
      ? await callBinary(step, prepared, { ...call, arguments: initArguments(prepared, call.arguments) })
      : await callInitialised(step, prepared, { needs, call });
  outputs["log-file"] = file;
  if (called.interrupted) step.signal.throwIfAborted();
  if (command.facts.fileOnly === true) {
    log.line(`Its output (${(await stat(file)).size} bytes) is in the file ${file} only (output log-file)`);
  }
  const told = await onLines.tell(called);
  if (called.code !== 0) throw commandFailed({ command, prepared, called, told });
}

/** A console ends with its input, and its last line with a line feed. */
function stdinOf({ inputs: { stdin } }: Step): string {
  return stdin === "" || stdin.endsWith("\n") ? stdin : `${stdin}\n`;
}

/** Before the binary is run: the workspace is there and the token may see it, and the versions agree where it is to be written. */
async function checkState(
  step: Step,
  { binary, backend }: Prepared,
  { command, outputs }: { command: CommandCall; outputs: Partial<Outputs> },
): Promise<void> {
  if (backend === undefined) return;
  const { target, settings } = backend;
  outputs.workspace = target.workspace;
  const workspace = await readWorkspace(step, backend);
  outputs["workspace-id"] = workspace.id;
  if (command.facts.writes !== true || settings.backend === "none") return;
  const ignored = step.inputs.ignoreRemoteVersion || hasFlag(command.options, "ignore-remote-version");
  const kind = settings.backend;
  checkVersions(step, { binary, kind, organization: target.organization, workspace }, { ignored });
}

async function readWorkspace(step: Step, { target }: NonNullable<Prepared["backend"]>): Promise<Workspace> {
  const options = { ...connectOptions(step, target), workspace: target.workspace };
  const { server, workspace } = await connectToWorkspace(options);
  await server.close();
  return workspace;
}

type Failed = { command: CommandCall; prepared: Prepared; called: Called; told: string | undefined };

function commandFailed({ command, prepared, called, told }: Failed): Failure {
  const what = `${prepared.binary.product} ${command.name} failed with exit code ${called.code}`;
  return new Failure(
    "command-failed",
    `${what}${told === undefined ? firstError(called.stderr) : `: ${told}`}`,
  );
}
