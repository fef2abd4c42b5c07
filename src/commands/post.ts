import { connect } from "../api/server.ts";
import { resolveTarget } from "../config/target.ts";
import { type Context, readContext } from "../context.ts";
import { Failure } from "../failure.ts";
import { readInputs } from "../inputs.ts";
import type { JobLog } from "../job-log.ts";
import { systemClock } from "../run/clock.ts";
import { readUnsettledRun, type UnsettledRun } from "../state.ts";
import { POST_PATIENCE_MS, settle } from "./settle.ts";
import { surroundings, targetRequest } from "./target/target.ts";

/**
 * The post step: stops the run that main left unsettled, if there is one. Returns the exit code: 0 unless a run may have
 * been left behind.
 */
export async function postStep(log: JobLog): Promise<number> {
  try {
    const unsettled = readUnsettledRun();
    return unsettled === undefined || (await stop(unsettled, await readContext(), log)) ? 0 : 1;
  } catch (error) {
    const why = error instanceof Failure ? error.message : String(error);
    log.annotate("error", `The run that this step left behind could not be stopped: ${why}`);
    return 1;
  }
}

async function stop(unsettled: UnsettledRun, context: Context, log: JobLog): Promise<boolean> {
  const inputs = readInputs(context.workspaceRoot);
  const { cancelApply } = inputs;
  const request = { ...targetRequest(inputs, context), ...unsettled };
  const signal = AbortSignal.timeout(POST_PATIENCE_MS);
  const target = await resolveTarget(request, context.environment, {
    ...surroundings({ context, log, signal }),
    // Main has warned already.
    warn: log.line,
  });
  const { server } = await connect({
    ...target,
    userAgent: context.userAgent,
    proxy: context.environment,
    signal,
    mask: log.mask,
  });
  try {
    const { result, message } = await settle(server, unsettled, {
      log,
      clock: systemClock,
      patienceMs: POST_PATIENCE_MS,
      // Only what main confirmed: another's apply is not this step's to cancel.
      cancelApply: cancelApply && unsettled.confirmed === true,
    });
    if (result === "failed") log.annotate("error", message);
    return result !== "failed";
  } finally {
    await server.close();
  }
}
