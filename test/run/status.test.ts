import { describe, expect, test } from "vitest";
import type { ServerFacts } from "../../src/api/server-facts.ts";
import type { Run } from "../../src/api/types.ts";
import {
  applyStep,
  checkState,
  isFinal,
  knownRunStatuses,
  planVerdict,
  stageOf,
} from "../../src/run/status.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeServer, plainFacts } from "./fake-server.ts";

const sample: Run = await (async () => {
  const fake = createFakeServer(createFakeClock());
  return fake.server.readRun(fake.makeRun().id);
})();

function verdict(
  status: string,
  given: { run?: Partial<Run>; facts?: Partial<ServerFacts>; unchangedMs?: number } = {},
) {
  const actions = { ...sample.actions, isConfirmable: true };
  const facts = { ...plainFacts, ...given.facts };
  const result = planVerdict(
    { ...sample, status, actions, ...given.run },
    { facts, unchangedMs: given.unchangedMs ?? 0 },
  );
  return result.verdict === "wait" ? "wait" : `${result.verdict}: ${result.ending}`;
}

const table: [status: string, stage: string, plan: string][] = [
  ["pending", "queue", "wait"],
  ["fetching", "queue", "wait"],
  ["fetching_completed", "queue", "wait"],
  ["pre_plan_running", "queue", "wait"],
  ["pre_plan_completed", "queue", "wait"],
  ["pre_plan_awaiting_decision", "queue", "needs-person: needs-person"],
  ["queuing", "queue", "wait"],
  ["plan_queued", "queue", "wait"],
  ["planning", "plan", "wait"],
  ["planned", "checks", "ok: planned"],
  ["cost_estimating", "checks", "wait"],
  ["cost_estimated", "checks", "ok: planned"],
  ["policy_checking", "checks", "wait"],
  ["policy_checked", "checks", "ok: planned"],
  ["policy_override", "checks", "needs-person: needs-person"],
  ["post_plan_running", "checks", "wait"],
  ["post_plan_completed", "checks", "ok: planned"],
  ["post_plan_awaiting_decision", "checks", "needs-person: needs-person"],
  ["planned_and_saved", "checks", "ok: planned"],
  ["confirmed", "apply", "ok: planned"],
  ["queuing_apply", "apply", "ok: planned"],
  ["apply_queued", "apply", "ok: planned"],
  ["pre_apply_running", "apply", "ok: planned"],
  ["pre_apply_completed", "apply", "ok: planned"],
  ["pre_apply_awaiting_decision", "apply", "ok: planned"],
  ["applying", "apply", "ok: planned"],
  ["applied", "final", "ok: planned"],
  ["planned_and_finished", "final", "ok: planned"],
  ["policy_soft_failed", "final", "fail: policy-failed"],
  ["discarded", "final", "fail: discarded"],
  ["errored", "final", "fail: errored"],
  ["canceled", "final", "fail: canceled"],
  ["force_canceled", "final", "fail: canceled"],
  ["running", "plan", "wait"],
  ["finished", "final", "ok: planned"],
  ["unknown", "checks", "needs-person: needs-person"],
];

describe("run statuses", () => {
  test.each(table)("%s is %s, for a plan %s", (status, stage, plan) => {
    expect([stageOf(status), verdict(status), isFinal(status)]).toEqual([stage, plan, stage === "final"]);
  });

  test("the table holds these and no others", () => {
    expect([...knownRunStatuses].sort()).toEqual(table.map(([status]) => status).sort());
  });

  test.each(["", "meditating", "PLANNED", "constructor", "__proto__"])(
    "an unknown status, %j, is waited out",
    (status) => {
      expect([stageOf(status), verdict(status, { unchangedMs: 1e9 })]).toEqual(["plan", "wait"]);
    },
  );

  test.each(["planned_and_finished", "planned_and_saved", "planned", "applied"])(
    "%s without changes",
    (status) => {
      expect(verdict(status, { run: { hasChanges: false } })).toBe("ok: no-changes");
    },
  );
});

/** What ends an apply, or needs a person; everything else is waited out. */
const ends: Record<string, string> = {
  applied: "applied",
  planned_and_finished: "unknown",
  finished: "unknown",
  policy_soft_failed: "policy-failed",
  discarded: "discarded",
  errored: "errored",
  canceled: "canceled",
  force_canceled: "canceled",
  policy_override: "needs-person",
  pre_plan_awaiting_decision: "needs-person",
  post_plan_awaiting_decision: "needs-person",
  pre_apply_awaiting_decision: "needs-person",
  unknown: "needs-person",
};

test.each(table.map(([status]) => [status, ends[status] ?? "wait"]))(
  "for an apply %s is %s",
  (status, step) => {
    expect(applyStep(status)).toBe(step);
  },
);

test.each(["", "meditating", "APPLIED", "constructor", "__proto__"])(
  "for an apply %j is waited out",
  (status) => {
    expect(applyStep(status)).toBe("wait");
  },
);

describe.each(["planned", "cost_estimated", "policy_checked", "post_plan_completed"])(
  "resting in %s",
  (status) => {
    const actions = (isConfirmable: boolean | undefined) => ({ ...sample.actions, isConfirmable });
    const none = { policies: false, costEstimates: false };

    test.each([
      ["confirmable", { run: { actions: actions(true) } }, "ok: planned"],
      ["not confirmable: checks follow", { run: { actions: actions(false) }, unchangedMs: 1e9 }, "wait"],
      [
        "not confirmable, nothing can follow",
        { run: { actions: actions(false) }, facts: none, unchangedMs: 5000 },
        "ok: planned",
      ],
      ["the same, just now", { run: { actions: actions(false) }, facts: none, unchangedMs: 4999 }, "wait"],
      ["not told", { run: { actions: actions(undefined) }, unchangedMs: 5000 }, "ok: planned"],
      ["not told, just now", { run: { actions: actions(undefined) }, unchangedMs: 10 }, "wait"],
      ["plan only", { run: { actions: actions(true), planOnly: true }, unchangedMs: 1e9 }, "wait"],
    ])("%s", (_name, given, expected) => {
      expect(verdict(status, given)).toBe(expected);
    });
  },
);

describe("other statuses", () => {
  test.each([
    ["cost", "pending", "wait"],
    ["cost", "queued", "wait"],
    ["cost", "finished", "passed"],
    ["cost", "skipped_due_to_targeting", "skipped"],
    ["cost", "errored", "errored"],
    ["cost", "canceled", "canceled"],
    ["policy-check", "pending", "wait"],
    ["policy-check", "queued", "wait"],
    ["policy-check", "passed", "passed"],
    ["policy-check", "overridden", "passed"],
    ["policy-check", "soft_failed", "soft-failed"],
    ["policy-check", "hard_failed", "failed"],
    ["policy-check", "errored", "errored"],
    ["policy-check", "canceled", "canceled"],
    ["policy-check", "unreachable", "skipped"],
    ["task", "pending", "wait"],
    ["task", "running", "wait"],
    ["task", "passed", "passed"],
    ["task", "failed", "failed"],
    ["task", "awaiting_override", "needs-override"],
    ["task", "errored", "errored"],
    ["task", "canceled", "canceled"],
    ["task", "unreachable", "skipped"],
    ["task", "new", "wait"],
  ] as const)("%s %s: %s", (kind, status, state) => {
    expect(checkState(kind, status)).toBe(state);
  });
});
