import type { Command, Step } from "./commands/step.ts";
import { type Context, readContext } from "./context.ts";
import { Failure } from "./failure.ts";
import type { GitHubClient } from "./github/client.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { type Interruption, watchInterruption } from "./interruption.ts";
import { createJobLog } from "./job-log.ts";
import { type Outputs, SUCCESSES, UNKNOWN, writeOutputs } from "./outputs.ts";
import { systemClock } from "./run/clock.ts";

const COMMANDS: Partial<Record<Inputs["command"], () => Promise<Command>>> = {
  plan: async () => (await import("./commands/plan/plan.ts")).planCommand,
  apply: async () => (await import("./commands/apply/apply.ts")).applyCommand,
  destroy: async () => (await import("./commands/apply/apply.ts")).applyCommand,
  tofu: async () => (await import("./commands/tofu/tofu.ts")).tofuCommand,
  init: async () => (await import("./commands/init/init.ts")).initCommand,
  output: async () => (await import("./commands/output.ts")).outputCommand,
  cleanup: async () => (await import("./commands/cleanup/cleanup.ts")).cleanupCommand,
  archive: async () => (await import("./commands/archive-only.ts")).archiveOnlyCommand,
};

/** Longest time in all that the GitHub API may let a request wait. */
const COMMENT_PATIENCE_MS = 30_000;

/** What is known of a step that failed before its command could tell. */
const FAILED: Outputs = { ...UNKNOWN, status: "errored" };

const log = createJobLog();
let settled = false;

// Success has to be proven: whatever ends this process early, it ends with 1.
process.exitCode = 1;
if (process.argv[2] === "post") process.exitCode = await (await import("./commands/post.ts")).postStep(log);
else await main();

async function main(): Promise<void> {
  process.on("exit", () => {
    if (!settled)
      finish(FAILED, new Failure("internal", "The step ended without a verdict. Please report it."));
  });
  let interruption: Interruption | undefined;
  try {
    const context = await readContext();
    const inputs = readInputs(context.workspaceRoot);
    interruption = watchInterruption(inputs.timeoutMs);
    const result = await run({ inputs, context, signal: interruption.signal });
    finish({ ...UNKNOWN, ...result.outputs }, result.failure);
  } catch (error) {
    finish(FAILED, asFailure(error));
  } finally {
    interruption?.end();
  }
}

async function run({ inputs, context, signal }: Pick<Step, "inputs" | "context" | "signal">) {
  const github = once(() => openGitHubFor(inputs, context, signal));
  const { findPullRequest } = await import("./commands/pull-request.ts");
  const pullRequest = await findPullRequest(context, github);
  const command = await COMMANDS[inputs.command]?.();
  if (command === undefined)
    throw new Failure("input", `Input "command": ${inputs.command} is not there yet.`);
  return command({ inputs, context, log, signal, clock: systemClock, pullRequest, github });
}

/** Octokit is slow to load, so it is opened by whoever needs it first. */
async function openGitHubFor(
  { githubToken }: Inputs,
  { apiUrl, graphqlUrl, userAgent }: Context,
  signal: AbortSignal,
): Promise<GitHubClient | undefined> {
  if (githubToken === undefined) return undefined;
  log.mask(githubToken);
  const { openGitHub } = await import("./github/client.ts");
  const options = { apiUrl, graphqlUrl, userAgent, patienceMs: COMMENT_PATIENCE_MS };
  return openGitHub({ ...options, token: githubToken, signal: interruptionOnly(signal) });
}

/** A timed-out plan is still reported, a canceled job is not. */
function interruptionOnly(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  signal.addEventListener("abort", () => {
    if (signal.reason instanceof Failure && signal.reason.reason === "interrupted")
      controller.abort(signal.reason);
  });
  return controller.signal;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Writes the outputs and the one error, and lets the process end with what was proven. */
function finish(found: Outputs, failure: Failure | undefined): void {
  const outputs = failure === undefined ? found : { ...found, "failure-reason": failure.reason };
  settled = true;
  let last = failure;
  try {
    writeOutputs(outputs);
  } catch (error) {
    last ??= asFailure(error);
  }
  if (last !== undefined) log.annotate("error", last.message, { position: last.position });
  process.exitCode = last === undefined && SUCCESSES.has(outputs.status) ? 0 : 1;
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const what = error instanceof Error ? `${error.name}: ${error.message.split("\n")[0]}` : String(error);
  const message = `An error that was not foreseen: ${what}. Please report it with the job's log.`;
  return new Failure("internal", message, { cause: error });
}
