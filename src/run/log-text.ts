import type { LogPiece } from "./types.ts";

/**
 * Bytes of a log become lines. Everything here is a function of all bytes received so far, however they were cut into
 * chunks: that is what makes a resumed log equal to an undisturbed one.
 */

/** Marks of the start and the end of a log, as go-tfe (logreader.go) reads them. */
const STX = 0x02;
const ETX = 0x03;

/** Longest stretch of one line that is kept in memory, in UTF-16 units (512 KiB). */
export const LONGEST_PIECE = 256 * 1024;

export type TextState = {
  /** Any byte was received. */
  started: boolean;
  /** The first byte was the start mark. */
  framed: boolean;
  /** The first bytes of a character whose others have not arrived. */
  pending: Uint8Array;
  /** The last byte received is the end mark, or else a control character of the text; the next bytes will tell. */
  marked: boolean;
  /** The line whose end has not arrived. */
  partial: string;
  /** UTF-16 units received: whole characters and marks. */
  units: number;
};

/** A log of which nothing is known. */
export const emptyText: TextState = {
  started: false,
  framed: false,
  pending: new Uint8Array(),
  marked: false,
  partial: "",
  units: 0,
};

// Without `stream: true` a decoder keeps no state between calls.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Takes the next bytes of the log and gives the lines that they complete. */
export function feedText(state: TextState, bytes: Uint8Array): { state: TextState; pieces: LogPiece[] } {
  if (bytes.length === 0) return { state, pieces: [] };
  const opened = state.started ? { framed: state.framed, body: bytes } : openText(bytes);
  const data = joinBytes(state.pending, state.marked ? Uint8Array.of(ETX) : undefined, opened.body);
  const marked = opened.framed && data.at(-1) === ETX;
  const unmarked = marked ? data.subarray(0, -1) : data;
  const whole = wholeCharacters(unmarked);
  const text = utf8.decode(unmarked.subarray(0, whole));
  const lines = splitLines(state.partial, text);
  const startMark = opened.framed && !state.started ? 1 : 0;
  const units = state.units - (state.marked ? 1 : 0) + startMark + text.length + (marked ? 1 : 0);
  const next = {
    started: true,
    framed: opened.framed,
    pending: new Uint8Array(unmarked.subarray(whole)),
    marked,
    units,
  };
  return { state: { ...next, partial: lines.partial }, pieces: lines.pieces };
}

/** The last line, if it had no line end. */
export function finishText(state: TextState): LogPiece[] {
  const { pieces, partial } = splitLines(state.partial, utf8.decode(state.pending));
  return partial === "" ? pieces : [...pieces, { text: partial, ends: true }];
}

function openText(bytes: Uint8Array): { framed: boolean; body: Uint8Array } {
  return bytes[0] === STX ? { framed: true, body: bytes.subarray(1) } : { framed: false, body: bytes };
}

function joinBytes(...parts: (Uint8Array | undefined)[]): Uint8Array {
  const present = parts.flatMap((part) => (part === undefined || part.length === 0 ? [] : [part]));
  return present.length === 1 && present[0] !== undefined ? present[0] : Buffer.concat(present);
}

/** How many of the bytes come before a character that is cut off at the end. */
export function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) return sequenceLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf8) return 1;
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

function splitLines(partial: string, text: string): { pieces: LogPiece[]; partial: string } {
  const pieces: LogPiece[] = [];
  let rest = partial;
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    const line = cutLong(rest + text.slice(start, end), pieces);
    pieces.push({ text: line.endsWith("\r") ? line.slice(0, -1) : line, ends: true });
    rest = "";
    start = end + 1;
  }
  return { partial: cutLong(rest + text.slice(start), pieces), pieces };
}

/** Moves full pieces of an overlong line to `pieces` and returns what is left. */
function cutLong(line: string, pieces: LogPiece[]): string {
  let rest = line;
  while (rest.length > LONGEST_PIECE) {
    const last = rest.charCodeAt(LONGEST_PIECE - 1);
    const cut = last >= 0xd800 && last < 0xdc00 ? LONGEST_PIECE - 1 : LONGEST_PIECE;
    pieces.push({ text: rest.slice(0, cut), ends: false });
    rest = rest.slice(cut);
  }
  return rest;
}
