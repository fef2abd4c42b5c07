import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError } from "../../src/api/errors.ts";
import type { Run } from "../../src/api/types.ts";
import { type ConfirmOptions, confirmRun } from "../../src/run/confirm.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeServer, type FakeRun, type Profile } from "./fake-server.ts";

type Look = ConfirmOptions["look"];
const rests: Look = (run) => (run.actions.isConfirmable === true ? "confirm" : "stop");
const planned = [{ at: 0, status: "planned" }];
const applying = [
  { at: 0, status: "confirmed" },
  { at: 700, status: "applying" },
  { at: 60_000, status: "applied" },
];
const lost = new ApiError("unreachable", "POST: reset", { ambiguous: true });
const status = (code: number) =>
  new ApiError("server", `POST: ${code}`, { status: code, ambiguous: code >= 500 });

/** Confirms the run of a server; `before` and `after` are told the number of the confirmation, from 1. */
async function confirm(
  profile: Profile,
  given: {
    look?: Look;
    before?: (nth: number, run: FakeRun) => void;
    after?: (nth: number, run: FakeRun) => void;
    abortAt?: number;
  } = {},
) {
  const clock = createFakeClock();
  let sent = 0;
  const on = (call: typeof given.before) => (name: string) => {
    const run = fake.runs[0];
    if (name === "applyRun" && run !== undefined) call?.(sent, run);
  };
  const fake = createFakeServer(clock, {
    ...{ timeline: planned, applyTimeline: applying, ...profile },
    before: (name) => {
      if (name === "applyRun") sent++;
      profile.before?.(name);
      on(given.before)(name);
    },
    after: on(given.after),
  });
  const { id } = fake.makeRun();
  const controller = new AbortController();
  if (given.abortAt !== undefined) void clock.sleep(given.abortAt).then(() => controller.abort());
  const { signal } = controller;
  const looks: string[] = [];
  const look: Look = (run) => {
    looks.push(run.status);
    return (given.look ?? rests)(run);
  };
  const options = { clock, signal, look, comment: "this step's own" };
  const result = await confirmRun(fake.server.withSignal(signal), id, options).catch((error: unknown) => ({
    error,
  }));
  const names = fake.requests.map(({ name }) => name);
  const posts = names.filter((name) => name === "applyRun").length;
  return { ...result, names, posts, looks, took: clock.now(), run: fake.runs[0] };
}

const confirmedElsewhere = (_nth: number, run: FakeRun) => {
  run.confirmedAt = 0;
};
const discarded = (_nth: number, run: FakeRun) => {
  run.stoppedAs = "discarded";
};
const fail =
  (error: ApiError, ...nths: number[]) =>
  (nth: number) => {
    if (nths.length === 0 || nths.includes(nth)) throw error;
  };

describe("confirming a run", () => {
  test("read, looked at, confirmed once, read again", async () => {
    const { names, looks, ...rest } = await confirm({});
    expect(rest).toMatchObject({ result: "accepted", answers: ["accepted"], posts: 1 });
    expect([names, looks]).toEqual([["readRun", "applyRun", "readRun"], ["planned"]]);
  });

  test("stopped by the last look: nothing is sent", async () => {
    expect(await confirm({}, { look: () => "stop" })).toMatchObject({ result: "stopped", posts: 0 });
  });

  test("a reading that is too old is read again", async () => {
    const timeline = [
      { at: 0, status: "planning" },
      { at: 4000, status: "planned" },
    ];
    const look: Look = (run) => (run.status === "planned" ? "confirm" : "read-again");
    const outcome = await confirm({ timeline }, { look });
    expect(outcome).toMatchObject({ result: "accepted" });
    expect(outcome.looks.slice(-2)).toEqual(["planning", "planned"]);
  });

  test.each(["confirmed", "apply_queued", "pre_apply_running", "applying", "applied"])(
    "%s already: by somebody else, and nothing is sent",
    async (at) => {
      const outcome = await confirm({ timeline: [{ at: 0, status: at }] });
      expect(outcome).toMatchObject({ result: "by-somebody-else", answers: [], posts: 0 });
    },
  );

  test.each(["planned_and_finished", "discarded", "canceled", "errored", "policy_soft_failed"])(
    "%s already: not confirmable",
    async (at) => {
      const outcome = await confirm({ timeline: [{ at: 0, status: at }] });
      expect(outcome).toMatchObject({ result: "not-confirmable", posts: 0, looks: [] });
    },
  );

  test.each(["confirmed-at", "apply-queued-at", "applying-at", "applied-at"])(
    "ended after an apply that somebody else began, as %s tells",
    async (name) => {
      for (const at of ["errored", "canceled"]) {
        const reads = { [at]: { statusTimestamps: { [name]: "2026-01-01T00:00:00Z" } } };
        const outcome = await confirm({ timeline: [{ at: 0, status: at }], reads });
        expect(outcome).toMatchObject({ result: "by-somebody-else", posts: 0 });
      }
    },
  );

  test("what is no answer of the API is no answer", async () => {
    const bug = new Error("a bug");
    const outcome = await confirm(
      {},
      {
        before: () => {
          throw bug;
        },
      },
    );
    expect(outcome).toMatchObject({ error: bug, posts: 1 });
  });
});

describe("a confirmation that goes unanswered", () => {
  test.each([
    ["a reset", lost],
    ["502", status(502)],
    ["500", status(500)],
  ])("was taken: %s is settled by reading, and proven by what was said with it", async (_name, error) => {
    const { names, ...outcome } = await confirm({}, { after: fail(error) });
    expect(outcome).toMatchObject({ result: "accepted", answers: ["unanswered"], posts: 1 });
    expect(names).toEqual(["readRun", "applyRun", "readRun", "listRunComments"]);
  });

  test("and the proof comes a little later", async () => {
    let asked = 0;
    const before = (name: string) => {
      const [run] = made;
      if (name !== "listRunComments" || run === undefined) return;
      asked += 1;
      if (asked === 3) run.comments.push("[this step's own]");
    };
    const made: FakeRun[] = [];
    const after = (_nth: number, run: FakeRun) => {
      made.push(run);
      run.comments.length = 0;
      throw lost;
    };
    const { names, ...outcome } = await confirm({ before }, { after });
    expect(outcome).toMatchObject({ result: "accepted", took: 3506 });
    expect(names.slice(3)).toEqual(Array(3).fill("listRunComments"));
  });

  test("and the server proves nothing: not claimed", async () => {
    const { names, ...outcome } = await confirm({ facts: { keepsComments: false } }, { after: fail(lost) });
    expect(outcome).toMatchObject({ result: "unknown", answers: ["unanswered"], posts: 1 });
    expect(names).not.toContain("listRunComments");
  });

  test("and somebody else confirms the run: not claimed, with comments neither", async () => {
    const before = (_nth: number, run: FakeRun) => {
      run.confirmedAt = 0;
      run.comments.push("Looks good");
      throw lost;
    };
    const { names, ...outcome } = await confirm({}, { before });
    expect(outcome).toMatchObject({ result: "unknown", posts: 1, took: 3506 });
    expect(names.slice(3)).toEqual(Array(3).fill("listRunComments"));
  });

  test("and the comments cannot be read: not claimed", async () => {
    const before = (name: string) => {
      if (name === "listRunComments") throw status(404);
    };
    const outcome = await confirm({ before }, { after: fail(lost) });
    expect(outcome).toMatchObject({ result: "unknown", answers: ["unanswered"], run: { id: "run-1" } });
  });

  test("was lost: sent again after three readings, each time after a look", async () => {
    const { names, looks, ...rest } = await confirm({}, { before: fail(lost, 1) });
    expect(rest).toMatchObject({ result: "accepted", answers: ["unanswered", "accepted"], posts: 2 });
    expect(looks).toEqual(["planned", "planned"]);
    expect(names).toEqual(["readRun", "applyRun", ...Array(3).fill("readRun"), "applyRun", "readRun"]);
  });

  test("is taken late: the second is refused, and the run is ours by the first one's comment", async () => {
    const late = (nth: number, run: FakeRun) => {
      if (nth === 1) throw lost;
      run.confirmedAt = 0;
      run.comments.push("this step's own");
    };
    const outcome = await confirm({}, { before: late });
    expect(outcome).toMatchObject({ result: "accepted", answers: ["unanswered", "refused"], posts: 2 });
  });

  test("three times: not a fourth", async () => {
    const outcome = await confirm({}, { before: fail(lost) });
    expect(outcome).toMatchObject({ result: "not-confirmable", posts: 3 });
    expect(outcome).toMatchObject({ answers: ["unanswered", "unanswered", "unanswered"] });
  });

  test("and the run was discarded, as its status alone tells", async () => {
    const before = (_nth: number, run: FakeRun) => {
      run.stoppedAs = "discarded";
      throw lost;
    };
    const outcome = await confirm({}, { before });
    expect(outcome).toMatchObject({ result: "not-confirmable", answers: ["unanswered"], refusal: undefined });
  });

  test("and then the look fails in its own way: what may have arrived is not taken for unsent", async () => {
    const bug = new Error("a bug");
    let looks = 0;
    const look: Look = () => {
      looks += 1;
      if (looks === 2) throw bug;
      return "confirm";
    };
    expect(await confirm({}, { look, before: fail(lost) })).toMatchObject({ result: "unknown", posts: 1 });
    looks = 0;
    expect(await confirm({}, { look, before: fail(status(409)) })).toMatchObject({ error: bug, posts: 1 });
  });

  test("and an old answer comes after it: the last look counts, not that", async () => {
    let reads = 0;
    const times = {
      get planned() {
        reads += 1;
        return { readAt: reads === 1 ? "Thu, 01 Jan 2026 00:00:04 GMT" : "Thu, 01 Jan 2026 00:00:10 GMT" };
      },
      confirmed: { statusTimestamps: { "confirmed-at": "2026-01-01T00:00:06Z" } },
    };
    const applyTimeline = [
      { at: 0, status: "planned" },
      { at: 1000, status: "confirmed" },
    ];
    const outcome = await confirm({ reads: times, applyTimeline }, { after: fail(lost) });
    expect(outcome).toMatchObject({ result: "accepted", posts: 1 });
  });

  test("and the run was discarded: nothing was applied", async () => {
    const outcome = await confirm({}, { before: discarded, after: fail(lost) });
    expect(outcome).toMatchObject({ result: "not-confirmable", posts: 1 });
  });

  test("and the run has failed at once: ours, as its times tell", async () => {
    const reads = { errored: { statusTimestamps: { "applying-at": "2026-01-01T00:00:00Z" } } };
    const applyTimeline = [{ at: 0, status: "errored" }];
    const outcome = await confirm({ applyTimeline, reads }, { after: fail(lost) });
    expect(outcome).toMatchObject({ result: "accepted", posts: 1 });
  });

  test.each([
    ["before the last look: somebody else's", "2026-01-01T00:00:03.500Z", "by-somebody-else"],
    ["in its second", "2026-01-01T00:00:04.000Z", "accepted"],
    ["after it", "2026-01-01T00:00:04.100Z", "accepted"],
  ])("and the run was confirmed %s", async (_name, confirmedAt, result) => {
    const reads = {
      planned: { readAt: "Thu, 01 Jan 2026 00:00:04 GMT" },
      confirmed: { statusTimestamps: { "confirmed-at": confirmedAt } },
    };
    expect(await confirm({ reads }, { after: fail(lost) })).toMatchObject({ result, posts: 1 });
  });

  test.each<[string, Partial<Run>, string]>([
    ["no times are told", { statusTimestamps: {} }, "unknown"],
    ["none of an apply", { statusTimestamps: { "planned-at": "2026-01-01T00:00:00Z" } }, "not-confirmable"],
  ])("and the run has ended, %s", async (_name, errored, result) => {
    const applyTimeline = [{ at: 0, status: "errored" }];
    const outcome = await confirm({ applyTimeline, reads: { errored } }, { after: fail(lost) });
    expect(outcome).toMatchObject({ result, posts: 1 });
  });

  test("and then the run cannot be read any more", async () => {
    let reads = 0;
    const gone = new ApiError("unauthorized", "401", { status: 401 });
    const before = (name: string) => {
      if (name === "readRun" && ++reads > 1) throw gone;
    };
    expect(await confirm({ before }, { after: fail(lost) })).toMatchObject({ result: "unknown", posts: 1 });
    reads = 0;
    expect(await confirm({ before })).toMatchObject({ result: "accepted", answers: ["accepted"] });
  });
});

describe("a confirmation that is refused", () => {
  test.each([
    ["HCP Terraform: 409", {}],
    ["OTF: 500", { facts: { refusesWith500: true } }],
  ])("because somebody else was first (%s): not claimed", async (_name, profile) => {
    const outcome = await confirm(profile, { before: confirmedElsewhere });
    expect(outcome).toMatchObject({ result: "by-somebody-else", answers: ["refused"], posts: 1 });
  });

  test("because it was discarded", async () => {
    const outcome = await confirm({}, { before: discarded });
    expect(outcome).toMatchObject({ result: "not-confirmable", refusal: { status: 409 }, posts: 1 });
  });

  test.each([403, 404])("%i: once, as it stays so", async (code) => {
    const outcome = await confirm({}, { before: fail(status(code)) });
    expect(outcome).toMatchObject({ result: "not-confirmable", refusal: { status: code }, posts: 1 });
  });

  test("while the run still waits: three times in all", async () => {
    const outcome = await confirm({}, { before: fail(status(409)) });
    expect(outcome).toMatchObject({ result: "not-confirmable", refusal: { status: 409 }, posts: 3 });
  });

  test("429 and refused connections count for nothing", async () => {
    const unsent = [
      status(429),
      new ApiError("unreachable", "refused"),
      status(429),
      status(429),
      status(429),
    ];
    const before = (nth: number) => {
      const error = unsent[nth - 1];
      if (error !== undefined) throw error;
    };
    const outcome = await confirm({}, { before });
    expect(outcome).toMatchObject({ result: "accepted", posts: 6, took: 10_013 });
    expect(outcome).toMatchObject({ answers: [...Array(5).fill("unsent"), "accepted"] });
  });
});

describe("interrupted", () => {
  test("before anything was sent: nothing is", async () => {
    const outcome = await confirm(
      { timeline: [{ at: 0, status: "planning" }] },
      { look: () => "read-again", abortAt: 5000 },
    );
    expect(outcome).toMatchObject({ posts: 0, error: expect.anything() });
  });

  test("while it is being sent: unknown", async () => {
    const outcome = await confirm({ latency: 1000 }, { abortAt: 1500 });
    expect(outcome).toMatchObject({ result: "unknown", answers: ["unanswered"], posts: 1 });
  });
});

test("whatever is lost, refused or done by others: one apply, claimed only if this confirmed it", async () => {
  const event = fc.constantFrom(
    "ok",
    "lost-before",
    "lost-after",
    "409",
    "429",
    "500",
    "elsewhere",
    "discard",
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 8 }), fc.boolean(), async (events, otf) => {
      let took = 0;
      const outcome = await confirm(
        { facts: { refusesWith500: otf, keepsComments: !otf } },
        {
          before: (nth, run) => {
            const what = events[nth - 1];
            if (what === "elsewhere") run.confirmedAt = 0;
            if (what === "discard") run.stoppedAs = "discarded";
            if (what === "lost-before") throw lost;
            if (what === "409" || what === "429") throw status(Number(what));
            if (what === "500") throw status(500);
          },
          after: (nth) => {
            took++;
            if (events[nth - 1] === "lost-after") throw lost;
          },
        },
      );
      expect(took).toBeLessThanOrEqual(1);
      const { result, answers, looks, posts } = { result: "thrown", answers: [], ...outcome };
      expect(looks.length).toBe(posts);
      expect(
        answers.filter((answer) => answer === "unanswered" || answer === "refused").length,
      ).toBeLessThanOrEqual(3);
      if (took === 0) expect(result).not.toBe("accepted");
      // Without an answer or a proof it is not claimed, though it may be this one's.
      const isProven = !otf || answers.some((answer) => answer === "accepted");
      if (took === 1) expect(result).toBe(isProven ? "accepted" : "unknown");
    }),
    { numRuns: 300 },
  );
});
