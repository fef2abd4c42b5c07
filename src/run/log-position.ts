import type { LogChunk } from "../api/types.ts";
import { emptyText, feedText, finishText, type TextState, wholeCharacters } from "./log-text.ts";
import type { LogPiece } from "./types.ts";

/**
 * Where in a remote log the next request starts. A pure reducer: (state, answer) → (state, lines). Exactly the bytes
 * received are committed, also those of an answer that broke off, so that nothing is lost, doubled or reordered.
 *
 * Servers count the `offset` of a log URL in bytes (HCP Terraform, OTF) or in UTF-16 units (Terrakube reads it out of
 * a Java String). As long as the log is ASCII both are the same; the first request after that also asks for the end of
 * what is already here and so finds out which it is. A server that counts in neither is read from the start each time.
 */
export type LogState = {
  counting: "bytes" | "utf16" | "from-start";
  /** The server was seen to count so. */
  confirmed: boolean;
  /** How often the way of counting was changed. */
  changes: number;
  /** Answers in a row to the request for known bytes that ended before these. */
  shortAnswers: number;
  /** Committed bytes. */
  bytes: number;
  /** The last committed bytes, from the start of a character. */
  tail: Uint8Array;
  text: TextState;
};

export type LogRequest = { offset: number; limit: number; known: number };

/** What an answer brought: new bytes, nothing new, or what cannot be this log. */
export type LogProgress = "bytes" | "empty" | "mismatch";

/** Longer than a rule of box-drawing characters, whose repetitions would match at a wrong place too. */
const TAIL_BYTES = 512;
const MOST_CHANGES = 4;
/** Most that is read of a log that can only be read from its start. */
const FROM_START_LIMIT = 8 * 1024 * 1024;

/** The start of a log of a server that is believed to count offsets in `counting`. */
export function startLog(counting: "bytes" | "utf16"): LogState {
  return {
    counting,
    confirmed: false,
    changes: 0,
    shortAnswers: 0,
    bytes: 0,
    tail: new Uint8Array(),
    text: emptyText,
  };
}

/** What to ask for next, `limit` new bytes or units at most; `known` bytes of the answer are already here. */
export function nextRequest(state: LogState, limit: number): LogRequest {
  if (state.counting === "from-start") return { offset: 0, limit: FROM_START_LIMIT, known: state.bytes };
  const known = mustConfirm(state) ? state.tail.length : 0;
  const offset =
    state.counting === "bytes" ? state.bytes - known : state.text.units - (known > 0 ? tailUnits(state) : 0);
  return { offset, limit: limit + known, known };
}

function mustConfirm(state: LogState): boolean {
  return !state.confirmed && state.text.units !== state.bytes;
}

function tailUnits(state: LogState): number {
  return Buffer.from(state.tail).toString("utf8").length;
}

type Step = { state: LogState; pieces: LogPiece[]; progress: LogProgress };

/** Takes the answer (status 200) to `request`, which was made by `nextRequest` from this state. */
export function acceptAnswer(state: LogState, request: LogRequest, chunk: LogChunk): Step {
  if (state.counting === "from-start") return acceptFromStart(state, chunk);
  if (request.known === 0) return commit(state, chunk.bytes);
  const seen = chunk.bytes.subarray(0, request.known);
  if (!sameBytes(seen, state.tail.subarray(0, seen.length))) return countOtherwise(state);
  if (seen.length === request.known) {
    return commit({ ...state, confirmed: true, shortAnswers: 0 }, chunk.bytes.subarray(request.known));
  }
  if (!chunk.complete) return { state, pieces: [], progress: "mismatch" };
  // Once may be a cut connection; twice, and the server has nothing there.
  if (state.shortAnswers > 0) return countOtherwise(state);
  return { state: { ...state, shortAnswers: 1 }, pieces: [], progress: "mismatch" };
}

/** What is left when nothing more comes: the lone last line. */
export function finishLog(state: LogState): LogPiece[] {
  return finishText(state.text);
}

function commit(state: LogState, received: Uint8Array): Step {
  const bytes = state.counting === "utf16" ? wholeUnits(received) : received;
  if (bytes.length === 0)
    return { state, pieces: [], progress: received.length === 0 ? "empty" : "mismatch" };
  const { state: text, pieces } = feedText(state.text, bytes);
  const next = { ...state, bytes: state.bytes + bytes.length, tail: newTail(state.tail, bytes), text };
  return { state: next, pieces, progress: "bytes" };
}

/**
 * What can be committed where offsets count UTF-16 units: whole characters only. Half a surrogate pair at the end of
 * the range comes as `?`, so a `?` at the end is left to the next request, unless it is all there is.
 */
function wholeUnits(received: Uint8Array): Uint8Array {
  const whole = received.subarray(0, wholeCharacters(received));
  return whole.length > 1 && whole.at(-1) === 0x3f ? whole.subarray(0, -1) : whole;
}

function newTail(tail: Uint8Array, bytes: Uint8Array): Uint8Array {
  const joined = bytes.length >= TAIL_BYTES ? bytes : Buffer.concat([tail, bytes]);
  let start = Math.max(0, joined.length - TAIL_BYTES);
  while (start > 0 && start < joined.length && isContinuation(joined[start])) start++;
  return new Uint8Array(joined.subarray(start));
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function countOtherwise(state: LogState): Step {
  const counting = state.counting === "bytes" ? "utf16" : "bytes";
  const changes = state.changes + 1;
  const changed: LogState = { ...state, counting, confirmed: false, changes, shortAnswers: 0 };
  if (changes >= MOST_CHANGES) changed.counting = "from-start";
  return {
    state: changed.counting === "utf16" ? dropPending(changed) : changed,
    pieces: [],
    progress: "mismatch",
  };
}

/** Takes back the bytes of a cut character: a server that counts UTF-16 units cannot go on inside of one. */
function dropPending(state: LogState): LogState {
  const cut = state.text.pending.length;
  const tail = state.tail.slice(0, state.tail.length - cut);
  return { ...state, bytes: state.bytes - cut, tail, text: { ...state.text, pending: new Uint8Array() } };
}

function acceptFromStart(state: LogState, chunk: LogChunk): Step {
  const known = chunk.bytes.subarray(state.bytes - state.tail.length, state.bytes);
  if (!sameBytes(known, state.tail)) return { state, pieces: [], progress: "mismatch" };
  return commit(state, chunk.bytes.subarray(state.bytes));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
