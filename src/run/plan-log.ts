import type { Phase } from "../api/types.ts";
import { Failure } from "../failure.ts";
import { createBell } from "./clock.ts";
import { keepHeapSmall } from "./heap.ts";
import { createLogFile, type LogFile } from "./log-file.ts";
import { createLogPrinter, type LogPrinter, type RenderLine } from "./log-printer.ts";
import { type LogResult, streamLog } from "./log-stream.ts";
import { openPlanGroup } from "./plan-group.ts";
import { stageOf } from "./status.ts";
import type { LogPiece } from "./types.ts";
import { currentVerdict, type Watch, watchUntil } from "./watch.ts";

export type PlanLogOptions = {
  logFile: string;
  render: RenderLine;
  /** The plan as read while the run was queued: it often has the log's URL already. */
  firstPlan: Promise<Phase | undefined>;
};

/**
 * Streams the log of a run's plan to the job log and a file, until the run's status says that the plan is over and the
 * log is drained. Two loops share one budget of requests: that of the log, and that of the status. Gives whether the
 * log was read, and written, as a whole; if not, there was a warning. Throws what ends the reading of the status.
 */
export async function followPlanLog(watch: Watch, options: PlanLogOptions): Promise<boolean> {
  const file = await createLogFile(options.logFile);
  const group = openPlanGroup(watch.log);
  const printer = createLogPrinter(group, options.render, watch.clock);
  const sink = createSink(watch, printer, file);
  try {
    const result = await runBothLoops(watch, options, sink.write);
    const problem = sink.problem() ?? (result.complete ? undefined : incomplete(result));
    if (problem !== undefined) watch.log.warning(problem);
    return problem === undefined;
  } finally {
    printer.finish();
    group.end();
    await file.close().catch(() => undefined);
  }
}

function incomplete(result: LogResult): string {
  return (
    `The log of the plan could not be read to its end (${result.bytes} bytes were). ` +
    "The verdict is not affected: it is the run's status on the server, where the whole log is."
  );
}

type Sink = { write: (pieces: LogPiece[]) => Promise<void>; problem: () => string | undefined };

/** Prints, then writes. A file that cannot be written any more costs the file, not the run's verdict. */
function createSink(watch: Watch, printer: LogPrinter, file: LogFile): Sink {
  let problem: string | undefined;
  const noticeLength = keepHeapSmall();
  const write = async (pieces: LogPiece[]) => {
    for (const { text } of pieces) noticeLength(text.length);
    printer.print(pieces);
    if (problem !== undefined) return;
    try {
      await file.write(pieces);
    } catch (error) {
      watch.signal.throwIfAborted();
      if (!(error instanceof Failure)) throw error;
      problem = error.message;
    }
  };
  return { write, problem: () => problem };
}

async function runBothLoops(
  watch: Watch,
  options: PlanLogOptions,
  onPieces: (pieces: LogPiece[]) => Promise<void>,
): Promise<LogResult> {
  const bell = createBell(watch.clock);
  const stop = new AbortController();
  const signal = AbortSignal.any([watch.signal, stop.signal]);
  const planIsOver = () => stageOf(watch.run.status) !== "plan" || currentVerdict(watch).verdict !== "wait";
  const status = watchUntil(watch, { until: "end", reached: planIsOver }).then(
    () => bell.ring(),
    (error: unknown) => {
      stop.abort(error);
      throw error;
    },
  );
  const log = streamLog({
    ...{ ...logSource(watch, options.firstPlan), onPieces, signal, bell, ended: planIsOver },
    ...{ clock: watch.clock, budget: watch.budget, onRead: (read) => noticeRead(watch, read) },
  });
  // Both must have ended before the file is closed; the status loop's error is the one that counts.
  await Promise.allSettled([status, log]);
  await status;
  return log;
}

function noticeRead(watch: Watch, read: { bytes: boolean; marked: boolean }): void {
  if (read.bytes) watch.bytesAt = watch.clock.now();
  const appeared = read.marked && !watch.marked;
  watch.marked = read.marked;
  if (appeared) watch.bell.ring();
}

function logSource(watch: Watch, firstPlan: Promise<Phase | undefined>) {
  const { server } = watch;
  let early: Promise<Phase | undefined> | undefined = firstPlan;
  const renewUrl = async (signal: AbortSignal): Promise<string | undefined> => {
    const earlyUrl = (await early)?.logReadUrl;
    early = undefined;
    const url = earlyUrl ?? (await readPlan(watch, signal))?.logReadUrl;
    if (url !== undefined) watch.log.mask(url);
    return url;
  };
  const readLog = (at: { url: string; offset: number; limit: number }, signal: AbortSignal) =>
    server.withSignal(signal).readLog(at.url, at.offset, at.limit);
  return { renewUrl, readLog, counting: server.facts.logOffsets, framed: server.facts.logFramed };
}

async function readPlan(watch: Watch, signal: AbortSignal): Promise<Phase | undefined> {
  if (watch.run.planId === undefined) return undefined;
  await watch.budget.take(signal);
  return watch.server.withSignal(signal).readPlan(watch.run.planId);
}
