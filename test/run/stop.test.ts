import { describe, expect, test } from "vitest";
import { ApiError } from "../../src/api/errors.ts";
import { stopRun } from "../../src/run/stop.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeServer, type Profile } from "./fake-server.ts";

const refuse = (name: string, status: number) => (request: string) => {
  if (request === name) throw new ApiError(status === 403 ? "forbidden" : "server", `${status}`, { status });
};

async function stop(profile: Profile, cancelApply = false) {
  const clock = createFakeClock();
  const fake = createFakeServer(clock, profile);
  const run = fake.makeRun();
  const outcome = await stopRun(fake.server, { runId: run.id }, { clock, deadlineMs: 6000, cancelApply });
  const asked = fake.requests.map((one) => one.name).filter((name) => name !== "readRun");
  return { ...outcome, asked, status: fake.statusOf(run), took: clock.now() };
}

const at = (status: string) => [{ at: 0, status }];
const onlyCancel = { actions: { isCancelable: false, isConfirmable: true, isDiscardable: true } };

describe("stopRun", () => {
  test.each<[string, Profile, string, string[]]>([
    ["a queued run", { timeline: at("pending") }, "canceled", ["cancelRun"]],
    ["a plan in progress", { timeline: at("planning") }, "canceled", ["cancelRun"]],
    [
      "a cancel that takes a while",
      { timeline: at("planning"), cancelTakes: 2000 },
      "canceled",
      ["cancelRun"],
    ],
    [
      "a cancel that takes longer than there is time",
      { timeline: at("planning"), cancelTakes: 60_000 },
      "canceled",
      ["cancelRun"],
    ],
    ["a run that waits for confirmation", { timeline: at("planned") }, "discarded", ["discardRun"]],
    ["a saved plan", { timeline: at("planned_and_saved") }, "discarded", ["discardRun"]],
    [
      "a finished run, which a late cancel would relabel",
      { timeline: at("planned_and_finished"), facts: { lateCancelRelabels: true } },
      "finished",
      [],
    ],
    ["a run canceled by somebody else", { timeline: at("canceled") }, "finished", []],
    ["an apply in progress", { timeline: at("applying") }, "left-applying", []],
    ["an approved run", { timeline: at("confirmed") }, "left-applying", []],
    [
      "no cancel endpoint",
      {
        timeline: at("planning"),
        facts: { cancels: false },
        run: { actions: { isCancelable: undefined, isConfirmable: true, isDiscardable: true } },
      },
      "discarded",
      ["discardRun"],
    ],
    [
      "discard refused, cancel not",
      { timeline: at("planned"), facts: { lateCancelRelabels: true }, before: refuse("discardRun", 403) },
      "canceled",
      ["discardRun", "cancelRun"],
    ],
    ["a conflict", { timeline: at("planning"), before: refuse("cancelRun", 409) }, "failed", []],
    [
      "neither is possible",
      {
        timeline: at("planning"),
        run: { actions: { isCancelable: false, isConfirmable: false, isDiscardable: false } },
      },
      "failed",
      [],
    ],
  ])("%s", async (...row) => {
    const [, profile, result, asked] = row;
    const outcome = await stop(profile);
    expect(outcome.result, outcome.message).toBe(result);
    if (result !== "failed") expect(outcome.asked).toEqual(asked);
    expect(outcome.took).toBeLessThanOrEqual(6001);
  });

  test("an apply in progress is cancelled when asked for", async () => {
    expect(await stop({ timeline: at("applying") }, true)).toMatchObject({
      result: "canceled",
      asked: ["cancelRun"],
    });
  });

  test("a token that may do neither is told so", async () => {
    const before = (request: string) => {
      refuse("cancelRun", 403)(request);
      refuse("discardRun", 403)(request);
    };
    const outcome = await stop({ timeline: at("planned"), before, run: onlyCancel });
    expect(outcome.result).toBe("failed");
    expect(outcome.asked).toEqual(["discardRun", "cancelRun"]);
    expect(outcome.message).toContain("This token may not stop runs");
  });

  test.each([
    ["before", 500],
    ["after", 502],
  ] as const)("an answer lost %s processing", async (when, status) => {
    let lost = 0;
    const lose = (request: string) => {
      if (request === "cancelRun" && lost++ === 0)
        throw new ApiError("server", "lost", { status, ambiguous: true });
    };
    const outcome = await stop({ timeline: at("planning"), [when]: lose });
    expect(outcome).toMatchObject({ result: "canceled", status: "canceled" });
  });

  test("a cancel that lands when the plan is made: the run is discarded", async () => {
    const timeline = [...at("planning"), { at: 900, status: "planned" }];
    const outcome = await stop({ timeline, cancelTakes: 1e9, run: {} });
    expect(outcome).toMatchObject({ result: "discarded", status: "discarded" });
  });

  test("a server that does not answer costs no more than the deadline", async () => {
    const outcome = await stop({ timeline: at("planning"), latency: 1e6 });
    expect(outcome.result).toBe("failed");
    expect(outcome.took).toBeLessThanOrEqual(6001);
  });

  test("an unknown run", async () => {
    const clock = createFakeClock();
    const { server } = createFakeServer(clock);
    expect((await stopRun(server, { runId: "run-x" }, { clock, deadlineMs: 6000 })).result).toBe("not-found");
  });
});

describe("a run of which only the configuration version is known", () => {
  const target = { workspaceId: "ws-1", configurationVersionId: "cv-7" };

  test("is found by it", async () => {
    const clock = createFakeClock();
    const fake = createFakeServer(clock, { timeline: at("planning") });
    const [other, ours] = [fake.makeRun("cv-6"), fake.makeRun("cv-7")];
    expect(await stopRun(fake.server, target, { clock, deadlineMs: 6000 })).toMatchObject({
      result: "canceled",
    });
    expect([fake.statusOf(other), fake.statusOf(ours)]).toEqual(["planning", "canceled"]);
  });

  test("is found when its POST is processed late", async () => {
    const clock = createFakeClock();
    const fake = createFakeServer(clock, { timeline: at("pending") });
    void clock.sleep(500).then(() => fake.makeRun("cv-7"));
    expect(await stopRun(fake.server, target, { clock, deadlineMs: 6000 })).toMatchObject({
      result: "canceled",
    });
  });

  test("was never made", async () => {
    const clock = createFakeClock();
    const fake = createFakeServer(clock);
    fake.makeRun("cv-6");
    expect(await stopRun(fake.server, target, { clock, deadlineMs: 6000 })).toMatchObject({
      result: "not-found",
    });
  });
});
