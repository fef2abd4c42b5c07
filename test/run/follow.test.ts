import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiError } from "../../src/api/errors.ts";
import { type FollowContext, followPlan } from "../../src/run/follow.ts";
import type { RunLog } from "../../src/run/types.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeServer, type Profile, type Timeline } from "./fake-server.ts";
import { held } from "./log-servers.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "follow-"));
});
afterAll(() => rm(folder, { recursive: true }));

const planOf = (text: string) => held(Buffer.from(text), true);
const quick: Timeline = [
  { at: 0, status: "pending" },
  { at: 60, status: "plan_queued" },
  { at: 90, status: "planning" },
  { at: 400, status: "planned_and_finished" },
];
const then = (status: string): Timeline => [...quick.slice(0, 3), { at: 400, status }];

let files = 0;
async function follow(profile: Profile, given: Partial<FollowContext> & { abortAt?: number } = {}) {
  const clock = createFakeClock();
  const fake = createFakeServer(clock, {
    logAt: (ms) =>
      ms < 120 ? new Uint8Array() : planOf("Plan: 1 to add\n").subarray(0, ms < 380 ? 8 : undefined),
    timeline: quick,
    ...profile,
  });
  const run = await fake.server.readRun(fake.makeRun().id);
  const printed: string[] = [];
  const seen: { at: number; line: string }[] = [];
  const log: RunLog = {
    line: (text) => printed.push(text),
    foreign: (lines) => {
      printed.push(...lines.map((line) => `  ${line}`));
      seen.push(...lines.map((line) => ({ at: clock.now(), line })));
    },
    startGroup: (title) => printed.push(`> ${title}`),
    endGroup: () => printed.push("<"),
    warning: (text) => printed.push(`! ${text}`),
    mask: (secret) => printed.push(`mask ${secret}`),
  };
  const logFile = join(folder, `log-${files++}`);
  const controller = new AbortController();
  if (given.abortAt !== undefined) void clock.sleep(given.abortAt).then(() => controller.abort());
  const limits = { queueTimeoutMs: undefined, deadline: 3_600_000 };
  const result = await followPlan({
    ...{
      server: fake.server,
      organization: "acme",
      workspace: { id: "ws-1", name: "web" },
      run,
      log,
      logFile,
    },
    ...{ limits, clock, signal: controller.signal, render: () => undefined, ...given },
  }).catch((error: unknown) => error as never);
  const file = await readFile(logFile, "utf8").catch(() => undefined);
  return { ...result, result, printed, seen, file, logFile, took: clock.now(), requests: fake.requests };
}

describe("followPlan", () => {
  test("a quick plan: the log, its file, the ending", async () => {
    const { ending, plan, logComplete, printed, file, logFile, took, requests } = await follow({});
    expect({ ending, plan: plan?.id, logComplete }).toEqual({
      ending: "planned",
      plan: "plan-1",
      logComplete: true,
    });
    expect(printed).toEqual([
      "> Plan: initialisation and refresh",
      "mask https://log.test/0?secret",
      "<",
      "  Plan: 1 to add",
    ]);
    expect(file).toBe("Plan: 1 to add\n");
    if (process.platform !== "win32") expect((await stat(logFile)).mode & 0o777).toBe(0o600);
    expect(took).toBeLessThan(700);
    expect(requests.length).toBeLessThan(16);
  });

  test.each([
    ["planned", "planned"],
    ["planned_and_saved", "planned"],
    ["policy_soft_failed", "policy-failed"],
    ["policy_override", "needs-person"],
    ["post_plan_awaiting_decision", "needs-person"],
    ["errored", "errored"],
    ["canceled", "canceled"],
    ["force_canceled", "canceled"],
    ["discarded", "discarded"],
    ["applying", "planned"],
  ])("%s: %s", async (status, ending) => {
    expect(await follow({ timeline: then(status) })).toMatchObject({ ending, run: { status } });
  });

  test("no changes", async () => {
    expect(await follow({ run: { hasChanges: false } })).toMatchObject({ ending: "no-changes" });
  });

  test("a run taken out of the queue has no log to wait for", async () => {
    const { ending, logComplete, printed } = await follow({
      timeline: [...quick.slice(0, 2), { at: 90, status: "canceled" }],
    });
    expect({ ending, logComplete, printed }).toEqual({ ending: "canceled", logComplete: true, printed: [] });
  });

  test("checks after the plan are waited out", async () => {
    const timeline = [
      ...quick.slice(0, 3),
      { at: 400, status: "cost_estimating" },
      { at: 9000, status: "policy_checking" },
      { at: 20_000, status: "planned_and_finished" },
    ];
    const { ending, printed, took } = await follow({ timeline });
    expect(ending).toBe("planned");
    expect(printed).toContain("  Waiting: the run is policy_checking.");
    expect(took).toBeLessThan(20_600);
  });

  test("the queue: why it waits, once a minute", async () => {
    const timeline = [
      { at: 0, status: "pending" },
      ...quick.slice(2).map((step) => ({ ...step, at: step.at + 150_000 })),
    ];
    const { ending, printed, requests } = await follow({ timeline });
    expect(ending).toBe("planned");
    expect(printed.filter((line) => line === "> Queue")).toHaveLength(1);
    expect(printed.filter((line) => line.includes("locked by hand"))).toHaveLength(3);
    expect(printed.filter((line) => line.includes("Position 3"))).toHaveLength(3);
    expect(requests.filter((one) => one.name === "readWorkspace")).toHaveLength(3);
  });

  test.each([
    ["queue-timed-out", { queueTimeoutMs: 5000, deadline: 60_000 }, [{ at: 0, status: "pending" }]],
    ["timed-out", { queueTimeoutMs: 5000, deadline: 60_000 }, [{ at: 0, status: "planning" }]],
    ["timed-out", { queueTimeoutMs: undefined, deadline: 60_000 }, [{ at: 0, status: "pending" }]],
    ["timed-out", { queueTimeoutMs: undefined, deadline: 60_000 }, [{ at: 0, status: "something_new" }]],
  ])("%s within %j", async (ending, limits, timeline) => {
    const outcome = await follow({ timeline }, { limits });
    expect(outcome.ending).toBe(ending);
    expect(outcome.took).toBeLessThanOrEqual((ending === "timed-out" ? limits.deadline : 5000) + 50);
  });

  test.each([30, 200, 390])("interrupted after %i ms", async (abortAt) => {
    const { ending, took } = await follow({}, { abortAt });
    expect(ending).toBe("interrupted");
    expect(took).toBeLessThanOrEqual(abortAt + 5);
  });

  test("a deadline passes although the server never answers", async () => {
    const limits = { queueTimeoutMs: undefined, deadline: 60_000 };
    const { ending, took } = await follow({ silentFrom: 200 }, { limits });
    expect({ ending, took }).toEqual({ ending: "timed-out", took: 60_000 });
  });

  test("a log that cannot be read is one warning and decides nothing", async () => {
    const { ending, logComplete, printed } = await follow({ logFault: () => ({ status: 500 }) });
    expect({ ending, logComplete }).toEqual({ ending: "planned", logComplete: false });
    expect(printed.filter((line) => line.startsWith("!"))).toHaveLength(1);
  });

  test("an expired URL is renewed, and the new one masked", async () => {
    const { file, printed } = await follow({
      logFault: (read) => (read === 1 ? { status: 403 } : undefined),
    });
    expect(file).toBe("Plan: 1 to add\n");
    expect(printed).toContain("mask https://log.test/1?secret");
  });

  test("the run cannot be read any more: the server's error", async () => {
    const error = new ApiError("unauthorized", "401", { status: 401 });
    let reads = 0;
    const before = (name: string) => {
      if (name === "readRun" && ++reads > 3) throw error;
    };
    expect((await follow({ before })).result).toBe(error);
  });

  test("a new run that a replica does not know yet", async () => {
    let reads = 0;
    const before = (name: string) => {
      if (name === "readRun" && ++reads > 1 && reads < 4)
        throw new ApiError("not-found", "404", { status: 404 });
    };
    expect((await follow({ before })).ending).toBe("planned");
  });

  test("refresh lines are folded on screen and whole in the file", async () => {
    const text = [
      "aws_a.b: Refreshing state... [id=1]",
      "\u001b[0m\u001b[1mdata.aws_x.y: Reading...\u001b[0m",
      "data.aws_x.y: Read complete after 1s [id=2]",
      "",
      "Plan: 1 to add",
      "",
    ].join("\n");
    const { file, printed } = await follow({ logAt: () => planOf(text) });
    expect(file).toBe(text);
    expect(printed.filter((line) => line.startsWith("  "))).toEqual([
      "  2 objects refreshed",
      "  ",
      "  Plan: 1 to add",
    ]);
  });

  test("structured lines are rendered", async () => {
    const render = (line: string) => ({ text: [`rendered ${JSON.parse(line)["@message"]}`], kind: "x" });
    const { printed } = await follow({ logAt: () => planOf('{"@message":"hi"}\nplain\n') }, { render });
    expect(printed).toContain("  rendered hi");
    expect(printed).toContain("  plain");
  });
});

describe("pace", () => {
  // A line every 97 ms for a minute, without end mark until the plan ends.
  const lines = (ms: number) => Math.max(0, Math.floor((Math.min(ms, 60_000) - 500) / 97));
  const log = (ms: number) =>
    planOf(Array.from({ length: lines(ms) }, (_, i) => `line ${i}\n`).join("")).subarray(
      0,
      ms < 60_500 ? -1 : undefined,
    );
  const timeline = [...quick.slice(0, 3), { at: 60_500, status: "planned_and_finished" }];

  test("five requests a second, and lines within 250 ms", async () => {
    const { requests, took, ending, seen } = await follow({ timeline, logAt: log, latency: 5 });
    expect(ending).toBe("planned");
    const delays = seen.flatMap(({ at, line }) => {
      const [, number] = /^line (\d+)$/.exec(line) ?? [];
      return number === undefined ? [] : [at - (500 + (Number(number) + 1) * 97)];
    });
    delays.sort((a, b) => a - b);
    expect(delays).toHaveLength(lines(60_000));
    expect(delays[Math.floor(delays.length * 0.95)]).toBeLessThanOrEqual(250);
    expect(requests.length / (took / 1000)).toBeLessThanOrEqual(5);
  });

  test("a run that says nothing for ten minutes costs less", async () => {
    const silent = [...quick.slice(0, 3), { at: 600_000, status: "planned_and_finished" }];
    const { requests, took } = await follow({ timeline: silent, logAt: () => new Uint8Array() });
    expect(requests.length / (took / 1000)).toBeLessThan(2);
  });
});
