import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiError } from "../../src/api/errors.ts";
import { Failure } from "../../src/failure.ts";
import type { FollowContext } from "../../src/run/follow.ts";
import { followApply } from "../../src/run/follow-apply.ts";
import type { RunLog } from "../../src/run/types.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeServer, type Profile, type Timeline } from "./fake-server.ts";
import { held } from "./log-servers.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "follow-apply-"));
});
afterAll(() => rm(folder, { recursive: true }));

const creating = "terraform_data.a: Creating...\n";
const created = "terraform_data.a: Creation complete after 0s [id=1]\n";
const text = `\u001b[0m\u001b[1m${creating}${created}\nApply complete! Resources: 1 added, 2 changed, 0 destroyed.\n`;
const quick: Timeline = [
  { at: 0, status: "confirmed" },
  { at: 60, status: "apply_queued" },
  { at: 90, status: "applying" },
  { at: 400, status: "applied" },
];
const then = (status: string): Timeline => [...quick.slice(0, 3), { at: 400, status }];
const at = { "confirmed-at": "2026-01-01T00:00:00Z", "applying-at": "2026-01-01T00:00:01Z" };

let files = 0;
async function follow(
  profile: Profile,
  given: Partial<FollowContext> & { abort?: { at: number; why?: unknown } } = {},
) {
  const clock = createFakeClock();
  const fake = createFakeServer(clock, {
    logAt: (ms) =>
      ms < 120 ? new Uint8Array() : held(Buffer.from(text), true).subarray(0, ms < 380 ? 12 : undefined),
    timeline: quick,
    run: { statusTimestamps: at },
    ...profile,
  });
  const run = await fake.server.readRun(fake.makeRun().id);
  const printed: string[] = [];
  const log: RunLog = {
    line: (line) => printed.push(line),
    foreign: (lines) => printed.push(...lines.map((line) => `  ${line}`)),
    startGroup: (title) => printed.push(`> ${title}`),
    endGroup: () => printed.push("<"),
    warning: (warning) => printed.push(`! ${warning}`),
    mask: (secret) => printed.push(`mask ${secret}`),
  };
  const logFile = join(folder, `log-${files++}`);
  const controller = new AbortController();
  const { abort, ...rest } = given;
  if (abort !== undefined) void clock.sleep(abort.at).then(() => controller.abort(abort.why));
  const result = await followApply({
    ...{
      server: fake.server,
      organization: "acme",
      workspace: { id: "ws-1", name: "web" },
      run,
      log,
      logFile,
    },
    limits: { queueTimeoutMs: undefined, deadline: 3_600_000 },
    ...{ clock, signal: controller.signal, render: () => undefined, ...rest },
  });
  const file = await readFile(logFile, "utf8").catch(() => undefined);
  const names = fake.requests.map(({ name }) => name);
  return { ...result, printed, file, took: clock.now(), names };
}

describe("followApply", () => {
  test("a quick apply: its log from the first line on, the ending, the counts of the log", async () => {
    const { ending, counts, countsFrom, logSaysComplete, logComplete, printed, file, names } = await follow(
      {},
    );
    expect({ ending, counts, countsFrom, logSaysComplete, logComplete }).toEqual({
      ...{ ending: "applied", counts: { add: 1, change: 2, destroy: 0, import: 0 }, countsFrom: "log" },
      ...{ logSaysComplete: true, logComplete: true },
    });
    expect(file).toBe(text);
    expect(printed.filter((line) => !line.startsWith("mask") && !line.startsWith("  Waiting"))).toEqual([
      "> Apply: initialisation",
      "<",
      ...text
        .split("\n")
        .slice(0, -1)
        .map((line) => `  ${line}`),
    ]);
    expect(names.filter((name) => /cancel|discard|apply/.test(name))).toEqual([]);
    expect(names).toContain("readApply");
    expect(names).not.toContain("readPlan");
  });

  test("the server's counts come first", async () => {
    const counts = { add: 7, change: 0, destroy: 1, import: 2 };
    expect(await follow({ apply: { counts } })).toMatchObject({ counts, countsFrom: "server" });
  });

  test("what it waits for is told once", async () => {
    const timeline: Timeline = [
      { at: 0, status: "confirmed" },
      { at: 500, status: "pre_apply_running" },
      { at: 60_000, status: "applying" },
      { at: 61_000, status: "applied" },
    ];
    const { ending, printed } = await follow({ timeline });
    expect(ending).toBe("applied");
    expect(printed.filter((line) => line.startsWith("  Waiting"))).toEqual([
      "  Waiting: the run is confirmed.",
      "  Waiting: the run is pre_apply_running.",
    ]);
  });

  test("Terrakube: what the log repeats of the plan is folded, and nothing is lost", async () => {
    const plan = "Initializing the backend...\n\nPlan: 1 to add, 0 to change, 0 to destroy.\n";
    const { ending, printed, file } = await follow({
      logAt: () => Buffer.from(plan + creating + created),
      timeline: [
        { at: 0, status: "planning" },
        { at: 400, status: "planned_and_finished" },
      ],
      facts: { product: "terrakube", logFramed: false },
    });
    expect(ending).toBe("applied");
    expect(file).toBe(plan + creating + created);
    const lines = printed.filter((line) => !line.startsWith("mask"));
    expect(lines.indexOf("<")).toBe(lines.indexOf("  terraform_data.a: Creating...") - 1);
    expect(lines.indexOf("<")).toBeGreaterThan(lines.indexOf("  Plan: 1 to add, 0 to change, 0 to destroy."));
  });

  test("the printed lines of structured logs are counted, too", async () => {
    const render = (line: string) => ({
      text: [String(JSON.parse(line)["@message"])],
      kind: "change_summary",
    });
    const json = JSON.stringify({
      "@message": "Apply complete! Resources: 3 added, 0 changed, 0 destroyed.",
    });
    const outcome = await follow({ logAt: () => held(Buffer.from(`${json}\n`), true) }, { render });
    expect(outcome).toMatchObject({ counts: { add: 3 }, logSaysComplete: true });
  });
});

describe("how an apply ends", () => {
  const finished = { apply: { status: "finished" } };
  const applied = { ...at, "applied-at": "2026-01-01T00:00:02Z" };
  test.each<[string, Profile, string]>([
    ["applied", {}, "applied"],
    ["errored", { timeline: then("errored"), apply: { status: "errored" } }, "errored"],
    // OTF takes the apply of an import for failed: the log says otherwise, the status is the verdict.
    ["errored after an import", { timeline: then("errored"), ...finished }, "errored"],
    ["canceled", { timeline: then("canceled"), apply: { status: "canceled" } }, "canceled"],
    ["force-canceled", { timeline: then("force_canceled"), apply: { status: "canceled" } }, "canceled"],
    [
      "relabelled after it was applied",
      { timeline: then("canceled"), ...finished, run: { statusTimestamps: applied } },
      "applied",
    ],
    [
      "canceled, by the apply not proven to be applied",
      { timeline: then("canceled"), ...finished },
      "canceled",
    ],
    [
      "canceled, by its times not proven to be applied",
      { timeline: then("canceled"), apply: { status: "canceled" }, run: { statusTimestamps: applied } },
      "canceled",
    ],
    [
      "discarded",
      { timeline: [{ at: 0, status: "discarded" }], apply: { status: "unreachable" } },
      "discarded",
    ],
    ["a person has to decide", { timeline: then("pre_apply_awaiting_decision") }, "needs-person"],
    [
      "a plan-only end",
      { timeline: then("planned_and_finished"), apply: { status: "unreachable" } },
      "unknown",
    ],
    ["a soft failure", { timeline: then("policy_soft_failed") }, "policy-failed"],
  ])("%s", async (_name, profile, ending) => {
    expect(await follow(profile)).toMatchObject({ ending, stopped: undefined, trouble: undefined });
  });

  test("what was done before it failed", async () => {
    const partial = `${creating}${created}terraform_data.b: Creating...\n╷\n│ Error: no\n╵\n`;
    const outcome = await follow({
      timeline: then("errored"),
      logAt: () => held(Buffer.from(partial), true),
    });
    expect(outcome).toMatchObject({
      ending: "errored",
      counts: { add: 1, destroy: 0 },
      logSaysComplete: false,
    });
  });

  test("one that was taken back before it began has no log", async () => {
    const timeline = [...quick.slice(0, 2), { at: 90, status: "canceled" }];
    const run = { statusTimestamps: { "confirmed-at": "2026-01-01T00:00:00Z" } };
    const { ending, names, logComplete, printed } = await follow({ timeline, run });
    expect({ ending, logComplete }).toEqual({ ending: "canceled", logComplete: true });
    expect(names).not.toContain("readLog");
    expect(printed.filter((line) => line.startsWith("!"))).toEqual([]);
  });

  test("a status of before, or that nobody knows, is waited out", async () => {
    const timeline = [
      { at: 0, status: "planned" },
      { at: 200, status: "confirmed" },
      { at: 400, status: "meditating" },
      { at: 900, status: "applied" },
    ];
    expect((await follow({ timeline })).ending).toBe("applied");
  });
});

describe("an apply that is not seen to end", () => {
  const endless: Timeline = quick.slice(0, 3);

  test("at the deadline it is left alone", async () => {
    const limits = { queueTimeoutMs: 5_000, deadline: 60_000 };
    const { ending, stopped, took, names } = await follow({ timeline: endless }, { limits });
    expect({ ending, stopped, took }).toEqual({ ending: "unknown", stopped: "timeout", took: 60_000 });
    expect(names.filter((name) => /cancel|discard/.test(name))).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ["interrupted", undefined, "interrupted"],
    ["the step's own timeout", new Failure("timeout", "late"), "timeout"],
  ])("%s", async (_name, why, stopped) => {
    const outcome = await follow({ timeline: endless }, { abort: { at: 300, why } });
    expect(outcome).toMatchObject({ ending: "unknown", stopped, run: { status: "applying" } });
    expect(outcome.took).toBeLessThanOrEqual(305);
  });

  test("interrupted while the log of an apply that ended is read: it is applied", async () => {
    const logFault = () => ({ status: 500 });
    const outcome = await follow({ logFault }, { abort: { at: 20_000 } });
    expect(outcome).toMatchObject({ ending: "applied", stopped: undefined, logComplete: false });
  });

  test("a server that is gone for half an hour is waited for", async () => {
    const gone = new ApiError("unreachable", "connection refused");
    let reads = 0;
    const before = (name: string) => {
      if (name === "readRun" && ++reads > 4 && reads < 180) throw gone;
    };
    const timeline = [...endless, { at: 2_000_000, status: "applied" }];
    const { ending, took, printed } = await follow({
      timeline,
      before,
      logAt: () => held(Buffer.from(text), true),
    });
    expect(ending).toBe("applied");
    expect(took).toBeGreaterThan(1_700_000);
    expect(printed.filter((line) => line.includes("cannot be looked at now")).length).toBeGreaterThan(1);
  });

  test("one that never comes back: unknown at the deadline", async () => {
    const limits = { queueTimeoutMs: undefined, deadline: 3_000_000 };
    const { ending, stopped, took } = await follow({ timeline: endless, silentFrom: 200 }, { limits });
    expect({ ending, stopped, took }).toEqual({ ending: "unknown", stopped: "timeout", took: 3_000_000 });
  });

  test.each([401, 403, 404])("%i: the run may not be read any more", async (status) => {
    const error = new ApiError("unauthorized", String(status), { status });
    let reads = 0;
    const before = (name: string) => {
      if (name === "readRun" && ++reads > 4) throw error;
    };
    const outcome = await follow({ timeline: endless, before });
    expect(outcome).toMatchObject({ ending: "unknown", trouble: error, stopped: undefined });
  });
});

describe("what cannot be read or written decides nothing", () => {
  test("the log: one warning", async () => {
    const { ending, logComplete, printed } = await follow({ logFault: () => ({ status: 500 }) });
    expect({ ending, logComplete }).toEqual({ ending: "applied", logComplete: false });
    expect(printed.filter((line) => line.startsWith("! The log of the apply"))).toHaveLength(1);
  });

  test("the file", async () => {
    const { ending, printed } = await follow({}, { logFile: join(folder, "no", "such", "folder") });
    expect(ending).toBe("applied");
    expect(printed.filter((line) => line.startsWith("!"))).toHaveLength(1);
    expect(printed).toContain("  Apply complete! Resources: 1 added, 2 changed, 0 destroyed.");
  });

  test("the apply itself", async () => {
    let reads = 0;
    const before = (name: string) => {
      if (name === "readApply" && ++reads > 1) throw new ApiError("server", "500", { status: 500 });
    };
    expect(await follow({ before })).toMatchObject({
      ending: "applied",
      apply: undefined,
      countsFrom: "log",
    });
  });

  test("a run without an apply", async () => {
    const { ending, logComplete } = await follow({ run: { applyId: undefined } });
    expect({ ending, logComplete }).toEqual({ ending: "applied", logComplete: true });
  });
});
