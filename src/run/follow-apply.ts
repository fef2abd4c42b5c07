import { ApiError } from "../api/errors.ts";
import type { Phase, Run, Server } from "../api/types.ts";
import { Failure } from "../failure.ts";
import { type ApplyTally, createTally, openApplyGroup } from "./apply-log.ts";
import { createBudget } from "./clock.ts";
import type { FollowContext } from "./follow.ts";
import { armHalt, type Halt } from "./halt.ts";
import { createLogFile, type LogFile } from "./log-file.ts";
import { REQUEST_RATE } from "./pacing.ts";
import { followPhaseLog, type LoggedPhase } from "./phase-log.ts";
import { applyStep, isFinal, stageOf } from "./status.ts";
import type { ApplyEnding, ApplyOutcome } from "./types.ts";
import { startWatch, type Watch, watchUntil } from "./watch.ts";

/**
 * Follows a confirmed run until its apply has ended, its log live. Never stops the run, whatever happens here: a limit, an
 * interruption, a server that is out of reach or a token that is refused end the following, with the ending `unknown`.
 * The queue timeout does not apply, as a confirmed run has had its turn. The ending is the server's status, which
 * `applyEnding` reads together with the apply's own. Throws nothing that the server or the disk can cause.
 */
export async function followApply(context: FollowContext): Promise<ApplyOutcome> {
  const { clock, log, run, limits } = context;
  const halt = armHalt(clock, { ...limits, queueTimeoutMs: undefined }, context.signal);
  const server = context.server.withSignal(halt.signal);
  const budget = createBudget(clock, REQUEST_RATE);
  const watch = startWatch({ server, clock, budget, log, signal: halt.signal, run, patient: true });
  const state: Following = {
    ...{ context, watch, tally: createTally() },
    logComplete: false,
    apply: undefined,
  };
  try {
    await followStages(state);
    return outcome(state, undefined, undefined);
  } catch (error) {
    if (halt.reason() !== undefined) return outcome(state, whyStopped(halt, context.signal), undefined);
    if (!(error instanceof ApiError)) throw error;
    return outcome(state, undefined, error);
  } finally {
    halt.close();
  }
}

type Following = {
  context: FollowContext;
  watch: Watch;
  tally: ApplyTally;
  logComplete: boolean;
  apply: Phase | undefined;
};

async function followStages(state: Following): Promise<void> {
  const { watch } = state;
  await waitForTurn(watch);
  state.logComplete = hasLog(watch.run) ? await followPhaseLog(watch, applyOf(state)) : true;
  await watchUntil(watch, { until: "end", reached: () => isOver(watch.run) });
  state.apply = await readEnded(watch);
}

function isOver({ status }: Run): boolean {
  return applyStep(status) !== "wait";
}

/** Until the engine is at work. What precedes may take long: a worker to become free, run tasks. */
async function waitForTurn(watch: Watch): Promise<void> {
  let told = "";
  const between = async () => {
    if (watch.run.status !== told) watch.log.foreign([`Waiting: the run is ${watch.run.status}.`]);
    told = watch.run.status;
  };
  await watchUntil(watch, {
    until: "begin",
    reached: () => isAtWork(watch.run) || isOver(watch.run),
    between,
  });
}

/** A status that nobody documented counts as work in progress, as Terrakube's word for it does. */
function isAtWork({ status }: Run): boolean {
  return status === "applying" || stageOf(status) === "plan";
}

/** A run that ended before its apply began has no log of it; where no times are told, it may have one. */
function hasLog({ applyId, status, statusTimestamps: times }: Run): boolean {
  const begun = "applying-at" in times || "applied-at" in times || Object.keys(times).length === 0;
  const removed = ["canceled", "force_canceled", "discarded"].includes(status) && !("applying-at" in times);
  return applyId !== undefined && !removed && (begun || !isFinal(status));
}

function applyOf({ context, watch, tally }: Following): LoggedPhase {
  return {
    ...{ name: "apply", read: readApply, first: Promise.resolve(undefined), render: context.render },
    isOver: () => isOver(watch.run),
    openFile: () => openFile(context),
    openGroup: () => {
      const group = openApplyGroup(watch.log);
      const foreign = (lines: string[]) => {
        tally.notice(lines);
        group.foreign(lines);
      };
      return { foreign, end: group.end };
    },
  };
}

/** An apply that cannot be written down is followed all the same. */
async function openFile({ logFile, log }: FollowContext): Promise<LogFile> {
  try {
    return await createLogFile(logFile);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    log.warning(error.message);
    return { write: async () => undefined, close: async () => undefined };
  }
}

async function readApply(server: Server, { applyId }: Run): Promise<Phase | undefined> {
  return applyId === undefined ? undefined : server.readApply(applyId);
}

async function readEnded(watch: Watch): Promise<Phase | undefined> {
  try {
    await watch.budget.take(watch.signal);
    return await readApply(watch.server, watch.run);
  } catch (error) {
    watch.signal.throwIfAborted();
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** The signal of the step carries its timeout, too. */
function whyStopped(halt: Halt, signal: AbortSignal): "timeout" | "interrupted" {
  const reason: unknown = signal.reason;
  const late = halt.reason() === "timed-out" || (reason instanceof Failure && reason.reason === "timeout");
  return late ? "timeout" : "interrupted";
}

function outcome(
  { watch, apply, tally, logComplete }: Following,
  stopped: ApplyOutcome["stopped"],
  trouble: ApiError | undefined,
): ApplyOutcome {
  const { run } = watch;
  const ending = applyEnding(run, apply);
  // A log that breaks off, is gone (Terrakube) or goes on (OTF, after a cancel) tells of less than was done.
  const told = tally.summary() ?? (ending === "errored" && logComplete ? tally.done() : undefined);
  return {
    ...{ ending, run, apply, logComplete, trouble },
    counts: apply?.counts ?? told,
    countsFrom: apply?.counts === undefined ? "log" : "server",
    seen: tally.done(),
    logSaysComplete: tally.summary() !== undefined,
    stopped: isOver(run) ? undefined : stopped,
  };
}

/**
 * How an apply ended, from the run's status and the apply's. OTF calls a run canceled that was cancelled after it had been
 * applied; `applied-at` and an apply that is `finished` remain and prove it. Else `canceled` proves nothing: OTF's engine
 * may still be at work then. Terrakube has one word, `finished`, for the end of every run.
 */
export function applyEnding(run: Run, apply: Phase | undefined): ApplyEnding {
  const step = applyStep(run.status);
  if (step === "wait") return "unknown";
  const isFinished = apply?.status === "finished";
  if (step === "canceled" && isFinished && "applied-at" in run.statusTimestamps) return "applied";
  return step === "unknown" && isFinished ? "applied" : step;
}
