import type { LogChunk } from "../api/types.ts";
import { emptyText, feedText, finishText, type TextState, wholeCharacters } from "./log-text.ts";
import type { LogPiece } from "./types.ts";

/**
 * Where in a remote log the next request starts. A pure reducer: (state, answer) → (state, lines). Exactly what was
 * received is committed, also of an answer that broke off, so that nothing is lost, doubled or reordered.
 *
 * Servers count the `offset` of a log URL in bytes (HCP Terraform, OTF) or in UTF-16 units (Terrakube reads it out of
 * a Java String). For ASCII both are the same. After the first other character one request asks for what is one byte
 * behind that character's start: only a server that counts bytes answers with the middle of a character.
 */
export type LogState = {
  counting: "bytes" | "utf16";
  /** Offset of the request that tells how the server counts; `undefined` before the first character that is not ASCII. */
  probe: number | "answered" | undefined;
  /** Committed bytes. */
  bytes: number;
  text: TextState;
};

export type LogRequest = { offset: number; limit: number };

/** What an answer brought: new bytes, how the server counts, nothing, or less than one character. */
export type LogProgress = "bytes" | "counting" | "empty" | "fragment";

const PROBE_LIMIT = 16;

/** The start of a log of a server that is believed to count offsets in `counting`. */
export function startLog(counting: "bytes" | "utf16"): LogState {
  return { counting, probe: undefined, bytes: 0, text: emptyText };
}

/** Whether the next request only finds out how the server counts. */
export function isProbing(state: LogState): state is LogState & { probe: number } {
  return typeof state.probe === "number";
}

/** What to ask for next, `limit` bytes or units at most. */
export function nextRequest(state: LogState, limit: number): LogRequest {
  if (isProbing(state)) return { offset: state.probe, limit: PROBE_LIMIT };
  return { offset: state.counting === "bytes" ? state.bytes : state.text.units, limit };
}

type Step = { state: LogState; pieces: LogPiece[]; progress: LogProgress };

/** Takes the answer (status 200) to the request that `nextRequest` made from this state. */
export function acceptAnswer(state: LogState, chunk: LogChunk): Step {
  const { bytes } = chunk;
  // A server that counts bytes has something behind the start of a character, so "nothing" says the log ends there.
  if (bytes.length === 0) return { state, pieces: [], progress: "empty" };
  if (!isProbing(state)) return commit(state, bytes);
  const counting = isContinuation(bytes[0]) ? "bytes" : "utf16";
  return { state: { ...state, counting, probe: "answered" }, pieces: [], progress: "counting" };
}

/** What is left when nothing more comes: the lone last line. */
export function finishLog(state: LogState): LogPiece[] {
  return finishText(state.text);
}

function commit(state: LogState, received: Uint8Array): Step {
  const countsBytes = state.counting === "bytes" && state.probe === "answered";
  const bytes = countsBytes ? received : wholeUnits(received);
  if (bytes.length === 0) return { state, pieces: [], progress: "fragment" };
  const { state: text, pieces } = feedText(state.text, bytes);
  const probe = state.probe ?? findProbe(state, bytes, text);
  return { state: { ...state, probe, bytes: state.bytes + bytes.length, text }, pieces, progress: "bytes" };
}

/**
 * What can be committed where offsets may count UTF-16 units: whole characters only. Half a surrogate pair at the end
 * of the range comes as `?`, so a `?` at the end is left to the next request, unless it is all there is.
 */
function wholeUnits(received: Uint8Array): Uint8Array {
  const whole = received.subarray(0, wholeCharacters(received));
  return whole.length > 1 && whole.at(-1) === 0x3f ? whole.subarray(0, -1) : whole;
}

/** One behind the start of the first well-formed character of more than one byte. */
function findProbe(before: LogState, bytes: Uint8Array, after: TextState): number | undefined {
  if (after.units === before.text.units + bytes.length) return undefined;
  const lead = bytes.findIndex((byte, at) => byte >= 0xc2 && isContinuation(bytes[at + 1]));
  return lead < 0 ? undefined : before.bytes + lead + 1;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
