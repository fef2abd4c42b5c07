import { describe, expect, test } from "vitest";
import { createBudget } from "../../src/run/clock.ts";
import {
  holdsSummary,
  type LogPace,
  logInterval,
  type StatusPace,
  statusInterval,
} from "../../src/run/pacing.ts";
import { createFakeClock } from "./fake-clock.ts";

const flowing: LogPace = {
  ...{
    reads: 50,
    readsSinceSummary: undefined,
    quietMs: 100,
    marked: false,
    framed: true,
    ended: false,
    empties: 0,
    failures: 0,
    more: false,
  },
};
const planning: StatusPace = {
  ...{ until: "end", readings: 9, unchangedMs: 9000, quietMs: 100, marked: false, framed: true },
};

test.each<[string, Partial<LogPace>, number]>([
  ["lines flow", {}, 220],
  ["the first reads", { reads: 2 }, 100],
  ["the plan was just summed up", { readsSinceSummary: 0 }, 100],
  ["and the end does not come", { readsSinceSummary: 6 }, 220],
  ["quiet for 21 s", { quietMs: 21_000 }, 400],
  ["quiet for two minutes", { quietMs: 120_001 }, 1000],
  ["more is there", { more: true }, 0],
  ["the end mark was read", { marked: true }, 1000],
  ["the phase has ended", { ended: true, marked: true }, 0],
  ["drained once", { ended: true, empties: 1 }, 100],
  ["quiet and unframed", { framed: false, quietMs: 3000 }, 260],
  ["one failure", { failures: 1, more: true }, 250],
  ["many failures", { failures: 20 }, 5000],
  ["many failures after the end", { failures: 20, ended: true }, 1000],
])("the log is read again: %s", (_name, pace, ms) => {
  expect(logInterval({ ...flowing, ...pace })).toBe(ms);
});

test.each<[string, Partial<StatusPace>, number]>([
  ["lines flow", {}, 4500],
  ["the end mark was just read", { marked: true, readings: 0 }, 50],
  ["and the status lags", { marked: true, readings: 2 }, 200],
  ["and lags on", { marked: true, readings: 5 }, 250],
  ["no end mark, and quiet", { framed: false, quietMs: 600 }, 1000],
  ["no end mark, and quiet for long", { framed: false, quietMs: 21_000 }, 2000],
  ["just queued", { until: "begin", readings: 0 }, 50],
  ["queued for 9 s", { until: "begin" }, 250],
  ["queued for 20 s", { until: "begin", unchangedMs: 20_000 }, 500],
  ["queued for a minute", { until: "begin", unchangedMs: 60_000 }, 1000],
  ["queued for long", { until: "begin", unchangedMs: 1e7 }, 2000],
  ["checks run", { until: "checked", unchangedMs: 20_000 }, 500],
])("the status is read again: %s", (_name, pace, ms) => {
  expect(statusInterval({ ...planning, ...pace })).toBe(ms);
});

test.each([
  ["\u001b[0m\u001b[1mPlan:\u001b[0m 3 to add, 0 to change, 0 to destroy.\n", true],
  ["Plan: 2 to import, 0 to add, 0 to change, 0 to destroy.\n\nChanges to Outputs:\n  + a = 1\n", true],
  ["No changes. Your infrastructure matches the configuration.\n", true],
  ['{"@message":"Plan: 1 to add","type":"change_summary"}\n', true],
  ["Planning: 3 to go\n", false],
  ["", false],
])("%j sums a plan up: %s", (text, sums) => {
  expect(holdsSummary(Buffer.from(text))).toBe(sums);
});

describe("the budget", () => {
  test("a burst, then the rate, first come first served", async () => {
    const clock = createFakeClock();
    const budget = createBudget(clock, { perSecond: 5, burst: 3 });
    const served: [number, number][] = [];
    const take = async (n: number) => {
      await budget.take(new AbortController().signal);
      served.push([n, Math.round(clock.now())]);
    };
    await Promise.all([0, 1, 2, 3, 4, 5].map(take));
    expect(served).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 200],
      [4, 400],
      [5, 600],
    ]);
    await clock.sleep(10_000);
    await Promise.all([6, 7, 8, 9].map(take));
    expect(served.slice(6).map(([, at]) => at)).toEqual([10_600, 10_600, 10_600, 10_800]);
  });
});
