import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createBell, createBudget } from "../../src/run/clock.ts";
import { type LogStreamOptions, streamLog } from "../../src/run/log-stream.ts";
import { REQUEST_RATE } from "../../src/run/pacing.ts";
import { createFakeClock } from "./fake-clock.ts";
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

type Scene = {
  log: Uint8Array;
  counting?: Counting;
  /** Bytes that the server has at a time, in milliseconds; all of them by default. */
  written?: (ms: number) => number;
  endsAt?: number;
  /** Disturbs the nth read. */
  fault?: (read: number) => { fault: Fault; n: number } | number | undefined;
  options?: Partial<LogStreamOptions>;
};

async function stream(scene: Scene) {
  const clock = createFakeClock();
  const bell = createBell(clock);
  const endsAt = scene.endsAt ?? 500;
  void clock.sleep(endsAt).then(bell.ring);
  const lines: string[] = [];
  const offsets: number[] = [];
  let urls = 0;
  const result = await streamLog({
    readLog: async (at, signal) => {
      const nth = offsets.push(at.offset) - 1;
      await clock.sleep(3, signal);
      if (at.url !== `u${urls}`) return { status: 410, bytes: Buffer.from("Gone"), complete: true };
      const fault = scene.fault?.(nth);
      if (typeof fault === "number")
        return { status: fault, bytes: Buffer.from("error page"), complete: true };
      const there = scene.log.subarray(0, scene.written?.(clock.now()));
      const whole = rangeServer(there, scene.counting ?? "bytes")(at.offset, at.limit);
      if (fault?.fault === "stall") await clock.sleep(1e9, signal).catch(() => undefined);
      const chunk =
        fault === undefined
          ? { status: 200, bytes: whole, complete: true }
          : disturb(whole, fault.fault, fault.n);
      if (chunk === undefined) throw new Error("connection reset");
      return chunk;
    },
    renewUrl: async () => `u${++urls}`,
    ...{ counting: "bytes", framed: true, clock, bell, budget: createBudget(clock, REQUEST_RATE) },
    ...{ signal: new AbortController().signal, ended: () => clock.now() >= endsAt },
    onPieces: async (pieces) => void lines.push(...pieces.map((piece) => piece.text)),
    ...scene.options,
  });
  return { ...result, lines, offsets, took: clock.now() };
}

describe("streamLog", () => {
  const text = testLog();

  test("a whole log, framed or not", async () => {
    for (const framed of [true, false]) {
      const { lines, complete } = await stream({ log: held(text, framed) });
      expect(complete).toBe(true);
      expect(lines).toEqual(referenceLines(text));
    }
  });

  test.each(["bytes", "utf16"] as const)("an answer of many parts, offsets in %s", async (counting) => {
    // Every shift puts another byte of a character, or a question mark, at the end of a part.
    for (let shift = 0; shift < 9; shift++) {
      const long = Buffer.from(`${"x".repeat(shift)}${"?😀é?".repeat(30_000)}\n${"plain\n".repeat(20_000)}`);
      const options = { counting, limit: 100_000 };
      const { lines, complete } = await stream({ log: held(long, true), counting, options });
      expect(complete).toBe(true);
      expect(lines.join("\n")).toBe(referenceLines(long).join("\n"));
    }
  });

  test("random faults in any number, while the log grows", async () => {
    // A stalled read is broken off after 10 s, and after a minute without a good one the log is given up.
    // An orderly end before the first byte is an answer without bytes: two in a row are the end of the log.
    const n = fc.oneof(fc.constant(0), fc.nat(8000));
    const fate = fc.option(fc.record({ fault: fc.constantFrom(...FAULTS), n }), { nil: undefined });
    const isEmpty = (one: { fault: Fault; n: number } | undefined) => one?.fault === "fin" && one.n === 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 20, size: "max" }),
        fc.boolean(),
        async (fates, framed) => {
          const log = held(text, framed);
          const written = (ms: number) => (ms > 4900 ? log.length : Math.floor(ms * 12));
          const stalls = fates.filter((one) => one?.fault === "stall").slice(5);
          const kept = fates.filter((one) => one === undefined || !stalls.includes(one));
          const schedule = kept.filter((one, read) => !(isEmpty(one) && isEmpty(kept[read - 1])));
          const fault = (read: number) => schedule[read];
          const { lines, complete } = await stream({ log, written, endsAt: 5000, fault });
          expect(complete).toBe(true);
          expect(lines).toEqual(referenceLines(text));
        },
      ),
      { numRuns: 200 },
    );
  });

  test.each([true, false])(
    "an answer that ends before its first byte is not the end, framed: %s",
    async (framed) => {
      // The first part ends like a whole log, and the phase has ended.
      const log = held(Buffer.from("one\u0003two\n"), framed);
      const first = framed ? 5 : 4;
      for (const nth of [0, 1, 2, 3]) {
        const fault = (read: number) =>
          read === nth
            ? ({ fault: "fin", n: 0 } as const)
            : read === 0
              ? ({ fault: "fin", n: first } as const)
              : undefined;
        const { lines, complete, offsets } = await stream({ log, endsAt: 0, fault });
        expect({ lines, complete }).toEqual({ lines: ["one\u0003two"], complete: true });
        expect(offsets.length).toBeLessThanOrEqual(6);
      }
    },
  );

  test("a failure between two answers without bytes starts the count anew", async () => {
    const log = held(Buffer.from("one\u0003two\n"), true);
    const faults = [{ fault: "fin", n: 5 }, { fault: "fin", n: 0 }, 502, { fault: "fin", n: 0 }] as const;
    const { lines } = await stream({ log, endsAt: 0, fault: (read) => faults[read] });
    expect(lines).toEqual(["one\u0003two"]);
  });

  test("what a slow connection brought in ten seconds is kept", async () => {
    const log = held(Buffer.from("one\ntwo\nthree\n"), true);
    const slow = (read: number) => (read === 0 ? ({ fault: "stall", n: 5 } as const) : undefined);
    const { lines, offsets } = await stream({ log, fault: slow });
    expect(lines).toEqual(["one", "two", "three"]);
    expect(offsets.slice(0, 2)).toEqual([0, 5]);
  });

  test.each([499, 550])("what appears at %i ms, the phase having ended at 500, is read", async (at) => {
    const log = held(Buffer.from("one\ntwo\nthree"), false);
    const { lines } = await stream({ log, written: (ms) => (ms < at ? 4 : log.length), endsAt: 500 });
    expect(lines).toEqual(["one", "two", "three"]);
  });

  test.each([401, 403, 404, 410])("%i: a fresh URL, the same offset", async (status) => {
    const log = held(Buffer.from("one\ntwo\n"), true);
    const { lines, offsets } = await stream({ log, fault: (read) => (read === 1 ? status : undefined) });
    expect(lines).toEqual(["one", "two"]);
    expect(offsets.slice(0, 3)).toEqual([0, log.length, log.length]);
  });

  test.each([204, 416])("%i is an empty read", async (status) => {
    const log = held(Buffer.from("one\n"), true);
    const { lines, complete } = await stream({ log, fault: (read) => (read > 0 ? status : undefined) });
    expect({ lines, complete }).toEqual({ lines: ["one"], complete: true });
  });

  test("a log that cannot be read any more is given up a minute after the end", async () => {
    const log = held(Buffer.from("one\ntwo"), true);
    const { lines, complete, took } = await stream({ log, fault: (read) => (read > 0 ? 500 : undefined) });
    expect({ lines, complete }).toEqual({ lines: ["one", "two"], complete: false });
    expect(took).toBeLessThan(63_000);
  });

  test("a cap on the whole", async () => {
    const { bytes, complete, lines } = await stream({
      log: held(text, true),
      options: { limit: 1000, maxBytes: 3000 },
    });
    expect(bytes).toBeGreaterThanOrEqual(3000);
    expect(bytes).toBeLessThan(4000);
    expect(complete).toBe(false);
    expect(referenceLines(text).slice(0, lines.length - 1)).toEqual(lines.slice(0, -1));
  });

  test("the next read waits for what takes the lines", async () => {
    let busy = false;
    const onPieces = async () => {
      busy = true;
      await new Promise((resolve) => setImmediate(resolve));
      busy = false;
    };
    const overlaps: boolean[] = [];
    await stream({
      log: held(text, true),
      options: { limit: 5000, onPieces, onRead: () => overlaps.push(busy) },
    });
    expect(overlaps.length).toBeGreaterThan(12);
    expect(overlaps).not.toContain(true);
  });

  test("an abort ends it at once", async () => {
    const signal = AbortSignal.abort(new Error("stop"));
    await expect(stream({ log: held(text, true), options: { signal } })).rejects.toThrow("stop");
  });
});
