import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LogChunk } from "../../src/api/types.ts";
import { acceptAnswer, finishLog, type LogState, nextRequest, startLog } from "../../src/run/log-position.ts";
import { LONGEST_PIECE } from "../../src/run/log-text.ts";
import type { LogPiece } from "../../src/run/types.ts";
import {
  type Counting,
  disturb,
  FAULTS,
  type Fault,
  held,
  rangeServer,
  referenceLines,
  testLog,
} from "./log-servers.ts";

type Serve = (offset: number, limit: number) => Uint8Array;

type Source = { serve: Serve; limit: number };

/** One read: disturbed after `n` bytes by `fault`, else whole. */
function read(state: LogState, source: Source, cut?: { fault: Fault; n: number }) {
  const request = nextRequest(state, source.limit);
  const whole = source.serve(request.offset, request.limit);
  const chunk: LogChunk | undefined =
    cut === undefined ? { status: 200, bytes: whole, complete: true } : disturb(whole, cut.fault, cut.n);
  if (chunk === undefined || chunk.status !== 200) return { state, pieces: [] };
  return acceptAnswer(state, chunk);
}

function linesOf(pieces: LogPiece[]): string[] {
  return pieces.map((piece) => piece.text);
}

/** Reads on to the end, undisturbed. */
function drain(state: LogState, source: Source): string[] {
  const pieces: LogPiece[] = [];
  let at = state;
  for (let idle = 0; idle < 3; ) {
    const next = read(at, source);
    pieces.push(...next.pieces);
    idle = next.state.bytes === at.bytes ? idle + 1 : 0;
    at = next.state;
  }
  return linesOf([...pieces, ...finishLog(at)]);
}

describe("a log cut at every byte", () => {
  const text = testLog();
  const log = held(text, true);
  const serve = rangeServer(log, "bytes");
  const STRIDE = 1024;

  /** Reads, twice if the first answer only tells how the server counts, up to `boundary`. */
  function readTo(boundary: number, from: LogState) {
    const first = read(from, { serve, limit: boundary - from.bytes });
    if (first.state.bytes === boundary || first.state.bytes === log.length) return first;
    const second = read(first.state, { serve, limit: boundary - first.state.bytes });
    return { state: second.state, pieces: [...first.pieces, ...second.pieces] };
  }

  // A state and its past lines say all about the future, so a cut has done no harm when both are at the next boundary
  // what they are when nothing was cut. That spares reading the other 64 KiB for each of 327,000 cuts.
  test.each(FAULTS)("%s: goes on at the same byte", (fault) => {
    let state = startLog("bytes");
    const all: LogPiece[] = [];
    let cuts = 0;
    while (state.bytes < log.length) {
      const boundary = Math.min(state.bytes + STRIDE, log.length);
      const undisturbed = readTo(boundary, state);
      const expected = JSON.stringify([undisturbed.pieces, undisturbed.state.bytes, undisturbed.state.text]);
      for (let n = 0; n < boundary - state.bytes; n++) {
        const cut = read(state, { serve, limit: boundary - state.bytes }, { fault, n });
        const rest = readTo(undisturbed.state.bytes, cut.state);
        const actual = JSON.stringify([[...cut.pieces, ...rest.pieces], rest.state.bytes, rest.state.text]);
        if (actual !== expected)
          expect.fail(`${fault} at byte ${state.bytes + n}: ${actual} is not ${expected}`);
        cuts++;
      }
      all.push(...undisturbed.pieces);
      state = undisturbed.state;
    }
    expect(cuts).toBeGreaterThanOrEqual(log.length);
    expect(linesOf([...all, ...finishLog(state)])).toEqual(referenceLines(text));
  });
});

const servers: { counting: Counting; believed: Counting; framed: boolean }[] = [
  { counting: "bytes", believed: "bytes", framed: true },
  { counting: "bytes", believed: "bytes", framed: false },
  { counting: "utf16", believed: "utf16", framed: true },
  { counting: "utf16", believed: "utf16", framed: false },
  { counting: "utf16", believed: "bytes", framed: false },
  { counting: "bytes", believed: "utf16", framed: true },
];

const alphabet = fc.constantFrom(
  ..."abc d?".split(""),
  ...["\n", "\n", "\r", "\r\n", "\u0003", "\u0002", "é", "─", "值", "😀", "\ufeff", "\u0000", "\ufffd"],
);
// A lone STX at the start of a log without marks cannot be told from a mark.
const logText = fc.array(alphabet, { maxLength: 300, size: "max" }).map((parts) => `t${parts.join("")}`);
const cuts = fc.array(fc.record({ fault: fc.constantFrom(...FAULTS), n: fc.nat(200) }), {
  maxLength: 12,
  size: "max",
});

describe("random cuts", () => {
  test.each(servers)("counts $counting, believed $believed, framed $framed", (server) => {
    fc.assert(
      fc.property(logText, cuts, fc.integer({ min: 4, max: 400 }), (text, schedule, limit) => {
        const bytes = Buffer.from(text, "utf8");
        const serve = rangeServer(held(bytes, server.framed), server.counting);
        let state = startLog(server.believed);
        const pieces: LogPiece[] = [];
        for (const cut of schedule) {
          const next = read(state, { serve, limit }, cut);
          pieces.push(...next.pieces);
          state = next.state;
        }
        expect([...linesOf(pieces), ...drain(state, { serve, limit })]).toEqual(referenceLines(bytes));
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("a log that grows between reads", () => {
  test("an end mark with text after it was text", () => {
    const text = Buffer.from("one\u0003two\n");
    const log = held(text, true);
    let state = startLog("bytes");
    const lines: string[] = [];
    for (let length = 1; length <= log.length; length++) {
      const serve = rangeServer(log.subarray(0, length), "bytes");
      const next = read(state, { serve, limit: 100 });
      lines.push(...linesOf(next.pieces));
      state = next.state;
    }
    expect([...lines, ...linesOf(finishLog(state))]).toEqual(["one\u0003two"]);
    expect(state.text.marked).toBe(true);
  });
});

test("an overlong line comes in parts, none inside a surrogate pair", () => {
  const line = `${"x".repeat(LONGEST_PIECE - 1)}😀${"y".repeat(LONGEST_PIECE)}`;
  const serve = rangeServer(Buffer.from(`${line}\nnext\n`), "bytes");
  let state = startLog("bytes");
  const pieces: LogPiece[] = [];
  for (let reads = 0; reads < 10; reads++) {
    const next = read(state, { serve, limit: 1024 * 1024 });
    pieces.push(...next.pieces);
    expect(next.state.text.partial.length).toBeLessThanOrEqual(LONGEST_PIECE);
    state = next.state;
  }
  expect(pieces.map((piece) => piece.ends)).toEqual([false, false, true, true]);
  expect(linesOf(pieces.slice(0, 3)).join("") === line).toBe(true);
  expect(pieces.slice(0, 3).every((piece) => piece.text.isWellFormed())).toBe(true);
  expect(pieces[3]?.text).toBe("next");
});
