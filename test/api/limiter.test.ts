import fc from "fast-check";
import { expect, test } from "vitest";
import { createLimiter, nextSlot, rateUnderLimit } from "../../src/api/limiter.ts";

const most = { requests: 15, windowMs: 1_050 };

test("no window of a second sees more than 15 requests, and none waits longer than it must", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (gaps) => {
      let now = 0;
      let sent: number[] = [];
      for (const gap of gaps) {
        now += gap;
        const slot = nextSlot(sent, most, now);
        const within = sent.filter((time) => time > slot - 1_050);
        expect(within.length).toBeLessThan(15);
        if (slot > Math.max(now, sent.at(-1) ?? 0))
          expect(sent.filter((time) => time > slot - 1_051).length).toBe(15);
        sent = [...sent, slot];
      }
    }),
  );
});

test.each([
  [undefined, 15],
  ["30", 15],
  ["20", 13],
  ["10", 6],
  ["1", 1],
  ["0", 15],
  ["-3", 15],
  ["many", 15],
])("X-RateLimit-Limit %s leaves %s requests", (limit, expected) => {
  expect(rateUnderLimit(limit, most).requests).toBe(expected);
});

test("requests that start together get different slots", async () => {
  const waits: number[] = [];
  const clock = { now: () => 0, sleep: async (ms: number) => void waits.push(ms) };
  const limiter = createLimiter(clock, { requests: 2, windowMs: 100 });
  const { signal } = new AbortController();
  await Promise.all([1, 2, 3, 4, 5].map(() => limiter.take(signal)));
  expect(waits).toEqual([100, 100, 200]);
});

test("a lower limit told by the server is kept from then on", async () => {
  const waits: number[] = [];
  const clock = { now: () => 0, sleep: async (ms: number) => void waits.push(ms) };
  const limiter = createLimiter(clock, { requests: 15, windowMs: 1_000 });
  const { signal } = new AbortController();
  await limiter.take(signal);
  limiter.adopt("3");
  await limiter.take(signal);
  expect(waits).toEqual([1_000]);
});
