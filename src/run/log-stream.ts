import type { LogChunk } from "../api/types.ts";
import { type Bell, type RequestBudget, withTimeLimit } from "./clock.ts";
import {
  acceptAnswer,
  finishLog,
  isProbing,
  type LogProgress,
  type LogState,
  nextRequest,
  startLog,
} from "./log-position.ts";
import { holdsSummary, logInterval } from "./pacing.ts";
import type { Clock, LogPiece } from "./types.ts";

export type LogStreamOptions = {
  /** One GET of the log URL; rejects when no status line came. Must heed the signal. */
  readLog: (at: { url: string; offset: number; limit: number }, signal: AbortSignal) => Promise<LogChunk>;
  /** A fresh log URL, a secret; `undefined` while the server has none. Asked first, and whenever a URL is refused. */
  renewUrl: (signal: AbortSignal) => Promise<string | undefined>;
  /** How the server is believed to count offsets, and whether it marks the start and end of a log. */
  counting: "bytes" | "utf16";
  framed: boolean;
  clock: Clock;
  budget: RequestBudget;
  /** Ends the stream at once, by rejection. */
  signal: AbortSignal;
  /** Whether the run's status says that nothing is appended any more. Ring the bell when that changes. */
  ended: () => boolean;
  bell: Bell;
  /** Takes the lines in order; the next read waits for it. */
  onPieces: (pieces: LogPiece[]) => Promise<void>;
  /** Told after each read: whether it brought bytes, whether the end mark is the last byte received. */
  onRead?: (read: { bytes: boolean; marked: boolean }) => void;
  /** New bytes per request. */
  limit?: number;
  /** Most bytes of the whole log; the rest is not read. */
  maxBytes?: number;
};

/** Whether the log was read to its end, and how many bytes it has. */
export type LogResult = { complete: boolean; bytes: number };

/** Asked for at once, in bytes: much, because a long log has to be read at five requests a second. */
const LIMIT = 1024 * 1024;
/** Turned into lines at once, in bytes. */
const PART = 64 * 1024;
/** A read that takes so long is broken off; what came of it until then is kept, and the rest asked for again. */
const READ_TIME = { ms: 10_000, graceMs: 1_000 };
/** Reads in a row that bring nothing after the end, before it is believed. */
const EMPTY_READS = 2;
/** A log that cannot be read for so long, after the run's phase has ended, is given up. */
const GIVE_UP_AFTER = 60_000;

type Reading = { kind: "chunk"; chunk: LogChunk } | { kind: "refused" } | { kind: "failed" };

type Stream = {
  log: LogState;
  url: string | undefined;
  reads: number;
  readsSinceSummary: number | undefined;
  empties: number;
  failures: number;
  more: boolean;
  broughtBytesAt: number;
  /** When the last read that did not fail ended. */
  readableAt: number;
  /** When the phase was first seen to have ended. */
  endedAt: number | undefined;
};

/**
 * Reads the log of a plan or an apply as it grows, to its end. After any fault (connection reset, short body, stall,
 * error status, expired URL) it goes on at the byte where it was, so that every line comes out once and in order.
 * Ends once the run's status says that the phase has ended, and two reads in a row, begun after that, brought nothing:
 * one may be an answer whose connection ended before its first byte. Rejects when the signal is aborted or `onPieces` rejects, else never.
 */
export async function streamLog(options: LogStreamOptions): Promise<LogResult> {
  const now = options.clock.now();
  const stream: Stream = {
    ...{ log: startLog(options.counting), url: undefined, reads: 0, readsSinceSummary: undefined },
    ...{ empties: 0, failures: 0, more: false },
    ...{ broughtBytesAt: now, readableAt: now, endedAt: undefined },
  };
  let lastStart = now;
  while (!isOver(stream, options)) {
    await options.bell.wait(lastStart + interval(stream, options) - options.clock.now(), options.signal);
    await options.budget.take(options.signal);
    lastStart = options.clock.now();
    noticeEnd(stream, options);
    await takeReading(stream, await readOnce(stream, options), options);
  }
  const pieces = finishLog(stream.log);
  if (pieces.length > 0) await options.onPieces(pieces);
  return { complete: isDrained(stream), bytes: stream.log.bytes };
}

function noticeEnd(stream: Stream, options: LogStreamOptions): void {
  if (!options.ended() || stream.endedAt !== undefined) return;
  stream.endedAt = options.clock.now();
  // Only reads that begin after the end was known prove that there is nothing more.
  stream.empties = 0;
}

function isOver(stream: Stream, options: LogStreamOptions): boolean {
  if (options.maxBytes !== undefined && stream.log.bytes >= options.maxBytes) return true;
  if (stream.endedAt === undefined) return false;
  const unreadableSince = Math.max(stream.endedAt, stream.readableAt);
  return isDrained(stream) || (stream.failures > 0 && options.clock.now() - unreadableSince > GIVE_UP_AFTER);
}

function isDrained(stream: Stream): boolean {
  return stream.endedAt !== undefined && stream.empties >= EMPTY_READS;
}

function interval(stream: Stream, options: LogStreamOptions): number {
  const { reads, readsSinceSummary, empties, failures, more } = stream;
  const quietMs = options.clock.now() - stream.broughtBytesAt;
  const framed = stream.log.text.started ? stream.log.text.framed : options.framed;
  const state = { marked: stream.log.text.marked, framed, ended: options.ended() };
  return reads === 0 && failures === 0
    ? 0
    : logInterval({ reads, readsSinceSummary, empties, failures, more, quietMs, ...state });
}

async function readOnce(stream: Stream, options: LogStreamOptions): Promise<Reading> {
  const { clock, signal } = options;
  try {
    return await withTimeLimit({ clock, ...READ_TIME, signal }, async (limited) => {
      stream.url ??= await options.renewUrl(limited);
      if (stream.url === undefined) return { kind: "failed" };
      const { offset, limit } = nextRequest(stream.log, options.limit ?? LIMIT);
      return classify(await options.readLog({ url: stream.url, offset, limit }, limited));
    });
  } catch {
    signal.throwIfAborted();
    return { kind: "failed" };
  }
}

/** 416: the offset is at the end. 401, 403, 404, 410: the URL has expired, or the phase has not begun. */
function classify(chunk: LogChunk): Reading {
  if (chunk.status === 200 || chunk.status === 206) return { kind: "chunk", chunk };
  if (chunk.status === 204 || chunk.status === 416) {
    return { kind: "chunk", chunk: { status: 200, bytes: new Uint8Array(), complete: true } };
  }
  return { kind: [401, 403, 404, 410].includes(chunk.status) ? "refused" : "failed" };
}

async function takeReading(stream: Stream, reading: Reading, options: LogStreamOptions): Promise<void> {
  stream.reads++;
  if (stream.readsSinceSummary !== undefined) stream.readsSinceSummary++;
  stream.more = false;
  if (reading.kind === "refused") stream.url = undefined;
  if (reading.kind === "chunk") return takeChunk(stream, reading.chunk, options);
  stream.failures++;
  stream.empties = 0;
}

async function takeChunk(stream: Stream, chunk: LogChunk, options: LogStreamOptions): Promise<void> {
  const { limit } = nextRequest(stream.log, options.limit ?? LIMIT);
  const progress = await takeParts(stream, chunk, options);
  stream.more = progress === "counting" || (progress === "bytes" && chunk.bytes.length >= limit);
  const failed = progress === "fragment" || (progress === "empty" && !chunk.complete);
  stream.empties = progress === "empty" && !failed ? stream.empties + 1 : 0;
  stream.failures = failed ? stream.failures + 1 : 0;
  if (!failed) stream.readableAt = options.clock.now();
  if (progress === "bytes") noticeBytes(stream, chunk, options);
  options.onRead?.({ bytes: progress === "bytes", marked: stream.log.text.marked });
}

function noticeBytes(stream: Stream, chunk: LogChunk, options: LogStreamOptions): void {
  stream.broughtBytesAt = options.clock.now();
  if (holdsSummary(chunk.bytes)) stream.readsSinceSummary = 0;
}

/** Takes an answer part by part, so that the lines of one part are out of memory when those of the next come in. */
async function takeParts(stream: Stream, chunk: LogChunk, options: LogStreamOptions): Promise<LogProgress> {
  let rest = chunk.bytes;
  for (;;) {
    const before = stream.log;
    const { state, pieces, progress } = acceptAnswer(before, { ...chunk, bytes: rest.subarray(0, PART) });
    stream.log = state;
    if (pieces.length > 0) await options.onPieces(pieces);
    // A part may leave a few bytes at its end to the next one. After the last part they are left to the next request.
    if (rest.length <= PART || isProbing(state)) return progress;
    rest = rest.subarray(state.bytes - before.bytes);
  }
}
