import type { Phase, Run, Server } from "../api/types.ts";
import { Failure } from "../failure.ts";
import { createBell } from "./clock.ts";
import { keepHeapSmall } from "./heap.ts";
import type { LogFile } from "./log-file.ts";
import type { LogGroup } from "./log-group.ts";
import { createLogPrinter, type LogPrinter, type RenderLine } from "./log-printer.ts";
import { type LogResult, streamLog } from "./log-stream.ts";
import type { LogPiece } from "./types.ts";
import { type Watch, watchUntil } from "./watch.ts";

/** The plan or the apply of the run that is watched, and where its log goes. */
export type LoggedPhase = {
  name: "plan" | "apply";
  /** Reads it; `undefined` where the run has none. */
  read: (server: Server, run: Run) => Promise<Phase | undefined>;
  /** A reading made while the run was queued: it often has the log's URL already. */
  first: Promise<Phase | undefined>;
  /** Whether the run's status, as last read, says that it is over. */
  isOver: () => boolean;
  openFile: () => Promise<LogFile>;
  openGroup: () => LogGroup;
  render: RenderLine;
};

/**
 * Streams the log of a phase to the job log and a file, until the run's status says that the phase is over and the log is
 * drained. Two loops share one budget of requests: that of the log, and that of the status. Gives whether the log was
 * read, and written, as a whole; if not, there was a warning. Throws what ends the reading of the status.
 */
export async function followPhaseLog(watch: Watch, phase: LoggedPhase): Promise<boolean> {
  const file = await phase.openFile();
  const group = phase.openGroup();
  const printer = createLogPrinter(group, phase.render, watch.clock);
  const sink = createSink(watch, printer, file);
  try {
    const result = await runBothLoops(watch, phase, sink.write);
    const problem = sink.problem() ?? (result.complete ? undefined : incomplete(phase, result));
    if (problem !== undefined) watch.log.warning(problem);
    return problem === undefined;
  } finally {
    printer.finish();
    group.end();
    await file.close().catch(() => undefined);
  }
}

function incomplete({ name }: LoggedPhase, result: LogResult): string {
  return (
    `The log of the ${name} could not be read to its end (${result.bytes} bytes were). ` +
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
  phase: LoggedPhase,
  onPieces: (pieces: LogPiece[]) => Promise<void>,
): Promise<LogResult> {
  const bell = createBell(watch.clock);
  const stop = new AbortController();
  const signal = AbortSignal.any([watch.signal, stop.signal]);
  const status = watchUntil(watch, { until: "end", reached: phase.isOver }).then(
    () => bell.ring(),
    (error: unknown) => {
      stop.abort(error);
      throw error;
    },
  );
  const log = streamLog({
    ...{ ...logSource(watch, phase), onPieces, signal, bell, ended: phase.isOver },
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

function logSource(watch: Watch, phase: LoggedPhase) {
  const { server } = watch;
  let early: Promise<Phase | undefined> | undefined = phase.first;
  const renewUrl = async (signal: AbortSignal): Promise<string | undefined> => {
    const earlyUrl = (await early)?.logReadUrl;
    early = undefined;
    const url = earlyUrl ?? (await readAgain(watch, phase, signal))?.logReadUrl;
    if (url !== undefined) watch.log.mask(url);
    return url;
  };
  const readLog = (at: { url: string; offset: number; limit: number }, signal: AbortSignal) =>
    server.withSignal(signal).readLog(at.url, at.offset, at.limit);
  return { renewUrl, readLog, counting: server.facts.logOffsets, framed: server.facts.logFramed };
}

async function readAgain(watch: Watch, phase: LoggedPhase, signal: AbortSignal): Promise<Phase | undefined> {
  await watch.budget.take(signal);
  return phase.read(watch.server.withSignal(signal), watch.run);
}
