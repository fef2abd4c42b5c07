import { connect } from "./api/server.ts";
import { POST_PATIENCE_MS, settle } from "./commands/settle.ts";
import { resolveTarget } from "./config/target.ts";
import { readContext } from "./context.ts";
import { Failure } from "./failure.ts";
import { readInputs } from "./inputs.ts";
import { createJobLog } from "./job-log.ts";
import { readUnsettledRun, type UnsettledRun } from "./state.ts";

const log = createJobLog();

// Nothing that goes wrong here may change the verdict of a step that was done, but a run left behind must be seen.
process.exitCode = 1;
try {
  const unsettled = readUnsettledRun();
  process.exitCode = unsettled === undefined || (await stop(unsettled)) ? 0 : 1;
} catch (error) {
  const why = error instanceof Failure ? error.message : String(error);
  log.annotate("error", `The run that this step left behind could not be stopped: ${why}`);
}

/** Stops what main could not; whether nothing is left behind. */
async function stop(unsettled: UnsettledRun): Promise<boolean> {
  const context = await readContext();
  const { directory, token } = readInputs(context.workspaceRoot);
  const request = { ...unsettled, directory, workspaceRoot: context.workspaceRoot, token: token ?? "" };
  const target = await resolveTarget(request, context.environment);
  log.mask(target.token);
  const { server } = await connect({
    ...target,
    userAgent: context.userAgent,
    proxy: context.environment,
    signal: AbortSignal.timeout(POST_PATIENCE_MS),
    mask: log.mask,
  });
  try {
    const { result, message } = await settle(server, unsettled, { log, patienceMs: POST_PATIENCE_MS });
    if (result === "failed") log.annotate("error", message);
    return result !== "failed";
  } finally {
    await server.close();
  }
}
