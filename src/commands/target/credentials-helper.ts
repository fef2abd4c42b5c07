import type { RunProgram } from "../../config/cli-configuration/helper.ts";

/** Most bytes of output that are kept: an answer is a short JSON object. */
const MOST_BYTES = 64 * 1024;

/** Milliseconds that a helper has to end when the step has to. */
const PATIENCE_MS = 1000;

type Place = {
  directory: string;
  environment: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
};

/** Runs credentials helpers, which see the job's environment without what is this step's own. */
export function helperRunner({ directory, environment, signal }: Place): RunProgram {
  return async (file, args) => {
    const { runProgram } = await import("../../cli/exec.ts");
    const { withoutOwn } = await import("../../cli/environment.ts");
    const [stdout, stderr] = [collector(), collector()];
    const program = { file, arguments: args, directory, environment: withoutOwn(environment), signal };
    const { code } = await runProgram({
      ...{ ...program, patienceMs: PATIENCE_MS },
      ...{ onStdout: stdout.take, onStderr: stderr.take },
    });
    signal.throwIfAborted();
    return { exitCode: code, stdout: stdout.text(), stderr: stderr.text() };
  };
}

function collector() {
  let bytes = Buffer.alloc(0);
  return {
    take: (chunk: Uint8Array) => {
      if (bytes.length < MOST_BYTES) bytes = Buffer.concat([bytes, chunk]);
    },
    text: () => bytes.toString("utf8"),
  };
}
