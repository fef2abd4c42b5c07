import { describe, expect, test } from "vitest";
import { type ApplyFacts, applyEnding, type Confirmation } from "../../src/gate/endings.ts";
import { CONFIRM_STAGES, confirmStage } from "../../src/gate/statuses.ts";
import { knownRunStatuses } from "../../src/run/status.ts";

const facts: ApplyFacts = {
  runId: "run-1",
  status: "applied",
  applyStatus: undefined,
  appliedAt: undefined,
  confirmation: "accepted",
  stopped: undefined,
  logSaysComplete: false,
};
const at = "2026-03-01T12:00:00Z";

/** `status/reason` for a confirmation that was taken, was not made or was refused, and went unanswered. */
const table: [status: string, accepted: string, none: string, unanswered: string][] = [
  ["pending", "unknown/server", "unknown/server", "unknown/server"],
  ["fetching", "unknown/server", "unknown/server", "unknown/server"],
  ["fetching_completed", "unknown/server", "unknown/server", "unknown/server"],
  ["pre_plan_running", "unknown/server", "unknown/server", "unknown/server"],
  ["pre_plan_completed", "unknown/server", "unknown/server", "unknown/server"],
  [
    "pre_plan_awaiting_decision",
    "policy-failed/needs-approval",
    "policy-failed/needs-approval",
    "policy-failed/needs-approval",
  ],
  ["queuing", "unknown/server", "unknown/server", "unknown/server"],
  ["plan_queued", "unknown/server", "unknown/server", "unknown/server"],
  ["planning", "unknown/server", "unknown/server", "unknown/server"],
  ["planned", "unknown/server", "held/server", "unknown/server"],
  ["cost_estimating", "unknown/server", "unknown/server", "unknown/server"],
  ["cost_estimated", "unknown/server", "held/server", "unknown/server"],
  ["policy_checking", "unknown/server", "unknown/server", "unknown/server"],
  ["policy_checked", "unknown/server", "held/server", "unknown/server"],
  [
    "policy_override",
    "policy-failed/needs-approval",
    "policy-failed/needs-approval",
    "policy-failed/needs-approval",
  ],
  ["post_plan_running", "unknown/server", "unknown/server", "unknown/server"],
  ["post_plan_completed", "unknown/server", "held/server", "unknown/server"],
  [
    "post_plan_awaiting_decision",
    "policy-failed/needs-approval",
    "policy-failed/needs-approval",
    "policy-failed/needs-approval",
  ],
  ["planned_and_saved", "unknown/server", "held/server", "unknown/server"],
  ["confirmed", "unknown/server", "held/confirmed-elsewhere", "unknown/server"],
  ["queuing_apply", "unknown/server", "held/confirmed-elsewhere", "unknown/server"],
  ["apply_queued", "unknown/server", "held/confirmed-elsewhere", "unknown/server"],
  ["pre_apply_running", "unknown/server", "held/confirmed-elsewhere", "unknown/server"],
  ["pre_apply_completed", "unknown/server", "held/confirmed-elsewhere", "unknown/server"],
  [
    "pre_apply_awaiting_decision",
    "policy-failed/needs-approval",
    "held/confirmed-elsewhere",
    "unknown/server",
  ],
  ["applying", "unknown/server", "held/confirmed-elsewhere", "unknown/server"],
  ["applied", "applied/", "held/confirmed-elsewhere", "unknown/server"],
  ["planned_and_finished", "unknown/server", "held/input", "unknown/server"],
  ["policy_soft_failed", "policy-failed/policy", "policy-failed/policy", "policy-failed/policy"],
  ["discarded", "discarded/run-discarded", "discarded/run-discarded", "discarded/run-discarded"],
  ["errored", "errored/run-errored", "errored/run-errored", "errored/run-errored"],
  ["canceled", "canceled/run-canceled", "canceled/run-canceled", "canceled/run-canceled"],
  ["force_canceled", "canceled/run-canceled", "canceled/run-canceled", "canceled/run-canceled"],
  ["running", "unknown/server", "unknown/server", "unknown/server"],
  ["finished", "unknown/server", "held/input", "unknown/server"],
  ["unknown", "policy-failed/needs-approval", "policy-failed/needs-approval", "policy-failed/needs-approval"],
  ["a new one", "unknown/server", "unknown/server", "unknown/server"],
];

const short = (given: Partial<ApplyFacts>) => {
  const { status, reason, applied, sentence } = applyEnding({ ...facts, ...given });
  expect(sentence).toMatch(/^Run run-1 \(status .+\): .{19,}/);
  expect(applied).toBe(status === "applied");
  expect(reason === "").toBe(applied);
  return `${status}/${reason}`;
};

describe("every way a run can end", () => {
  test.each(table)("%s", (status, accepted, none, unanswered) => {
    expect(short({ status })).toBe(accepted);
    expect(short({ status, confirmation: "none" })).toBe(none);
    expect(short({ status, confirmation: "refused" })).toBe(none);
    expect(short({ status, confirmation: "unanswered" })).toBe(unanswered);
    expect(applyEnding({ ...facts, status }).sentence).toMatch(`Run run-1 (status ${status}): `);
  });

  test("the table has every documented status", () => {
    expect(Object.keys(CONFIRM_STAGES).sort()).toEqual([...knownRunStatuses].sort());
    expect(
      table
        .map(([status]) => status)
        .slice(0, -1)
        .sort(),
    ).toEqual([...knownRunStatuses].sort());
    expect(confirmStage("toString")).toBe("underway");
  });
});

describe("what OTF makes of an end", () => {
  test.each<[string, Partial<ApplyFacts>, string]>([
    [
      "a cancel relabels an applied run",
      { status: "canceled", applyStatus: "finished", appliedAt: at },
      "applied/",
    ],
    [
      "and one that we did not confirm is not claimed",
      { status: "canceled", applyStatus: "finished", appliedAt: at, confirmation: "none" },
      "canceled/run-canceled",
    ],
    [
      "a cancel with a team token, while the apply goes on",
      { status: "canceled", applyStatus: "canceled", appliedAt: undefined },
      "canceled/run-canceled",
    ],
    [
      "canceled after it began",
      { status: "canceled", applyStatus: "canceled", appliedAt: at },
      "canceled/run-canceled",
    ],
    [
      "canceled, the apply finished, no time",
      { status: "canceled", applyStatus: "finished" },
      "canceled/run-canceled",
    ],
    [
      "an apply with an import that succeeded and is called errored",
      { status: "errored", applyStatus: "errored", logSaysComplete: true },
      "errored/run-errored",
    ],
    [
      "errored is never relabelled",
      { status: "errored", applyStatus: "finished", appliedAt: at },
      "errored/run-errored",
    ],
  ])("%s", (_name, given, expected) => {
    expect(short(given)).toBe(expected);
  });

  test("the sentences say what may have happened", () => {
    const sentence = (given: Partial<ApplyFacts>) => applyEnding({ ...facts, ...given }).sentence;
    expect(sentence({ status: "canceled" })).toContain("may still be at work");
    expect(sentence({ status: "errored", logSaysComplete: true })).toContain("the apply is complete");
    expect(sentence({ status: "errored" })).not.toContain("complete");
    expect(sentence({ status: "canceled", logSaysComplete: true })).not.toContain("the apply is complete");
    for (const status of ["applied", "applying", "pre_apply_awaiting_decision", "planned_and_finished"])
      expect(sentence({ status, confirmation: "unanswered" })).toContain("does not prove whose it took");
    expect(sentence({ status: "planned", confirmation: "unanswered" })).toContain(
      "still waits: it is left alone",
    );
    expect(sentence({ status: "errored" })).toContain("Some of the changes may have been made");
    expect(sentence({ status: "errored", confirmation: "none" })).not.toContain("may have been made");
  });
});

describe("a step that stops", () => {
  test.each<[ApplyFacts["stopped"], string, Confirmation, string]>([
    ["timeout", "applying", "accepted", "unknown/timeout"],
    ["interrupted", "applying", "accepted", "unknown/interrupted"],
    ["timeout", "planned", "accepted", "unknown/timeout"],
    ["interrupted", "planned", "unanswered", "unknown/interrupted"],
    ["timeout", "planned", "none", "timed-out/timeout"],
    ["timeout", "pending", "none", "timed-out/timeout"],
    ["interrupted", "planning", "none", "canceled/interrupted"],
    ["interrupted", "planned", "none", "discarded/interrupted"],
    ["interrupted", "planned", "refused", "discarded/interrupted"],
    ["interrupted", "applying", "none", "unknown/interrupted"],
    ["interrupted", "pre_apply_awaiting_decision", "none", "unknown/interrupted"],
    ["interrupted", "pre_apply_awaiting_decision", "accepted", "unknown/interrupted"],
    ["interrupted", "canceled", "accepted", "canceled/interrupted"],
    ["interrupted", "canceled", "unanswered", "canceled/run-canceled"],
    ["timeout", "applied", "accepted", "applied/"],
    ["interrupted", "applied", "none", "held/confirmed-elsewhere"],
    ["interrupted", "errored", "accepted", "errored/run-errored"],
    ["timeout", "discarded", "none", "discarded/run-discarded"],
    ["timeout", "canceled", "none", "canceled/run-canceled"],
    ["timeout", "policy_soft_failed", "none", "policy-failed/policy"],
    ["timeout", "planned_and_finished", "none", "held/input"],
  ])("%s at %s, confirmation %s: %s", (stopped, status, confirmation, expected) => {
    expect(short({ stopped, status, confirmation })).toBe(expected);
  });
});
