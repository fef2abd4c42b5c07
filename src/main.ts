import type { Command, Step } from "./commands/step.ts";
import { readContext } from "./context.ts";
import { Failure } from "./failure.ts";
import { readInputs } from "./inputs.ts";
import { type Interruption, watchInterruption } from "./interruption.ts";
import { createJobLog } from "./job-log.ts";
import { type Outputs, SUCCESSES, UNKNOWN, writeOutputs } from "./outputs.ts";

const COMMANDS: Record<Step["inputs"]["command"], () => Promise<Command>> = {
  plan: async () => (await import("./commands/plan.ts")).planCommand,
  archive: async () => (await import("./commands/archive-step.ts")).archiveStep,
};

const log = createJobLog();
let outputs: Outputs = UNKNOWN;
let settled = false;

// Success has to be proven: whatever ends this process early, it ends with 1, an error and all outputs.
process.exitCode = 1;
process.on("exit", () => {
  if (settled) return;
  log.annotate("error", "The step ended without a verdict. Please report it with the job's log.");
  writeOutputs({ ...outputs, status: "unknown", "failure-reason": "internal" });
});

let interruption: Interruption | undefined;
try {
  const context = await readContext();
  const inputs = readInputs(context.workspaceRoot);
  interruption = watchInterruption(inputs.timeoutMs);
  const command = await COMMANDS[inputs.command]();
  const result = await command({ inputs, context, log, signal: interruption.signal });
  finish({ ...outputs, ...result.outputs }, result.failure);
} catch (error) {
  finish(outputs, asFailure(error));
} finally {
  interruption?.stopWatching();
}

/** Writes the outputs and the one error, and lets the process end with what was proven. */
function finish(found: Outputs, failure: Failure | undefined): void {
  outputs = failure === undefined ? found : withFailure(found, failure);
  let unwritten: Failure | undefined;
  try {
    writeOutputs(outputs);
  } catch (error) {
    unwritten = asFailure(error);
  }
  settled = true;
  const last = failure ?? unwritten;
  if (last !== undefined) log.annotate("error", last.message, { position: last.position });
  process.exitCode = last === undefined && SUCCESSES.has(outputs.status) ? 0 : 1;
}

function withFailure(found: Outputs, failure: Failure): Outputs {
  const status = found.status === "unknown" ? "errored" : found.status;
  return { ...found, status, "failure-reason": failure.reason };
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const what = error instanceof Error ? `${error.name}: ${error.message.split("\n")[0]}` : String(error);
  return new Failure(
    "internal",
    `An error that was not foreseen: ${what}. Please report it with the job's log.`,
    {
      cause: error,
    },
  );
}
