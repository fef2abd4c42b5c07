import { describe, expect, test } from "vitest";
import type { PolicyCheck, TaskStage } from "../../src/api/check-types.ts";
import { ApiError } from "../../src/api/errors.ts";
import type { Run, Server } from "../../src/api/types.ts";
import { costLines, costReading, readCost } from "../../src/run/cost.ts";
import { createLogPrinter } from "../../src/run/log-printer.ts";
import {
  policyCheckResult,
  policyLines,
  policySetResults,
  readPolicies,
  taskResults,
} from "../../src/run/policy.ts";
import { type QueueFacts, queueReasons } from "../../src/run/queue.ts";
import { classifyLine } from "../../src/run/refresh.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeServer, type Profile } from "./fake-server.ts";

const answer = {
  ...{ status: "finished", errorMessage: undefined, priorMonthlyCost: "10.0", proposedMonthlyCost: "12.5" },
  ...{ deltaMonthlyCost: "2.5", resourcesCount: 3, matchedResourcesCount: 2 },
};

async function runOn(profile: Profile, server: Partial<Server> = {}): Promise<{ server: Server; run: Run }> {
  const fake = createFakeServer(createFakeClock(), profile);
  return { server: { ...fake.server, ...server }, run: await fake.server.readRun(fake.makeRun().id) };
}

describe("cost", () => {
  test("a finished estimate", () => {
    const { cost, note } = costReading(answer);
    expect(cost).toEqual({ before: "10.0", after: "12.5", delta: "2.5", matched: 2, total: 3 });
    expect(note).toBeUndefined();
    expect(
      costLines({ ...answer, ...{ before: "1", after: "12.5", delta: "2.5", matched: 2, total: 3 } }),
    ).toEqual(["Resources: 2 of 3 estimated", "           $12.5/mo +$2.5"]);
    expect(costLines({ before: "9", after: "5", delta: "-4", matched: 0, total: 0 })[1]).toBe(
      "           $5/mo -$4",
    );
  });

  test.each([
    ["pending", "not ready"],
    ["queued", "not ready"],
    ["skipped_due_to_targeting", "chosen targets"],
    ["errored", "failed: too dear"],
    ["canceled", "canceled"],
    ["something new", "not ready"],
  ])("%s is a note", (status, part) => {
    const { cost, note } = costReading({ ...answer, status, errorMessage: "too dear" });
    expect(cost).toBeUndefined();
    expect(note).toContain(part);
  });

  test("an estimate that the server refers to and does not serve is a note", async () => {
    const { server, run } = await runOn({ run: { costEstimateId: "ce-1" } });
    expect((await readCost(server, run)).note).toContain("the server does not have it");
  });

  test("none is asked for where there is none", async () => {
    const { server, run } = await runOn({ run: { costEstimateId: "ce-1" }, facts: { costEstimates: false } });
    expect(await readCost(server, run)).toEqual({ cost: undefined, note: undefined });
  });
});

describe("policies", () => {
  const check: PolicyCheck = {
    id: "polchk-1",
    status: "passed",
    scope: "organization",
    isOverridable: false,
    result: null,
  };
  test.each([
    ["passed", null, "passed"],
    ["passed", { "advisory-failed": 2 }, "advisory-failed"],
    ["passed", { "advisory-failed": 0 }, "passed"],
    ["overridden", null, "passed"],
    ["soft_failed", null, "needs-override"],
    ["hard_failed", null, "failed"],
    ["errored", null, "errored"],
    ["canceled", null, "canceled"],
    ["unreachable", null, "skipped"],
    ["queued", null, "skipped"],
  ])("a policy check that is %s, %j: %s", (status, result, outcome) => {
    expect(policyCheckResult({ ...check, status, result }, "text")).toEqual({
      ...{ name: "Organization policy check", kind: "policy-check", outcome, text: "text" },
    });
  });

  const stage = (status: string): TaskStage => ({
    ...{ id: "ts-1", stage: "post_plan", status, policyEvaluationIds: ["poleval-1"] },
    taskResults: [
      {
        id: "1",
        name: "scan",
        status: "passed",
        message: "fine",
        enforcement: "mandatory",
        url: "https://x",
      },
      { id: "2", name: "lint", status: "failed", message: "", enforcement: "advisory", url: "" },
      { id: "3", name: "audit", status: "failed", message: "no", enforcement: "mandatory", url: "" },
      { id: "4", name: "slow", status: "running", message: "", enforcement: "mandatory", url: "" },
    ],
  });

  test("run tasks", () => {
    expect(taskResults(stage("failed")).map((one) => [one.name, one.outcome, one.text])).toEqual([
      ["scan", "passed", "fine\nDetails: https://x"],
      ["lint", "advisory-failed", ""],
      ["audit", "failed", "no"],
      ["slow", "skipped", ""],
    ]);
    expect(taskResults(stage("awaiting_override"))[2]?.outcome).toBe("needs-override");
  });

  const set = {
    ...{ policySet: "base", error: "" },
    outcomes: [
      { policy: "a", status: "passed", enforcement: "mandatory", description: "", output: "" },
      { policy: "b", status: "failed", enforcement: "mandatory", description: "why", output: "x < y" },
      { policy: "c", status: "failed", enforcement: "advisory", description: "", output: "" },
    ],
  };

  test("policies of an evaluation", () => {
    expect(policySetResults(set, stage("failed")).map((one) => [one.name, one.outcome, one.text])).toEqual([
      ["base/a", "passed", ""],
      ["base/b", "failed", "why\nx < y"],
      ["base/c", "advisory-failed", ""],
    ]);
    const broken = policySetResults({ ...set, error: "no such file", outcomes: [] }, stage("errored"));
    expect(broken).toMatchObject([{ name: "base", outcome: "errored", text: "no such file" }]);
  });

  test("all of a run are read; what cannot be read is a note", async () => {
    const { server, run } = await runOn(
      { run: { policyCheckIds: ["polchk-1", "polchk-2"], taskStageIds: ["ts-1"] } },
      {
        readPolicyCheck: async (id) => {
          if (id === "polchk-2") throw new ApiError("server", "500 from policy-checks", { status: 500 });
          return check;
        },
        readPolicyCheckOutput: async () => "Result: true",
        readTaskStage: async () => stage("failed"),
        readPolicySetOutcomes: async () => [set],
      },
    );
    const { policies, notes } = await readPolicies(server, run);
    expect(policies.map((one) => one.name)).toEqual([
      "Organization policy check",
      "base/a",
      "base/b",
      "base/c",
      "scan",
      "lint",
      "audit",
      "slow",
    ]);
    expect(notes).toEqual(["The result of policy check polchk-2 could not be read: 500 from policy-checks"]);
    expect(policies[0] && policyLines(policies[0])).toEqual([
      "Organization policy check: passed",
      "  Result: true",
    ]);
  });
});

describe("why a run waits", () => {
  const facts: QueueFacts = {
    ...{
      runId: "run-2",
      planOnly: false,
      status: "pending",
      locked: false,
      holder: undefined,
      position: undefined,
    },
  };
  test.each<[Partial<QueueFacts>, string]>([
    [{}, "Waiting for the plan to start (pending)."],
    [{ position: 4 }, "Position 4 in the organization's queue."],
    [{ position: 0 }, "Waiting for the plan to start (pending)."],
    [{ locked: true }, "The workspace is locked by hand: it must be unlocked before the run can start."],
    [
      { locked: true, holder: { id: "run-1", status: "applying" } },
      "Run run-1 has the workspace (applying).",
    ],
    [
      { locked: true, holder: { id: "run-1", status: "planned" } },
      "Run run-1 has the workspace and waits for somebody to confirm or discard it (planned).",
    ],
    [{ locked: true, planOnly: true }, "Waiting for the plan to start (pending)."],
    [{ status: "pre_plan_running" }, "Run tasks that come before the plan are running."],
  ])("%j", (known, reason) => {
    expect(queueReasons({ ...facts, ...known })).toEqual([reason]);
  });
});

describe("log lines on screen", () => {
  test.each([
    ["aws_vpc.a[0]: Refreshing state... [id=vpc-1]", "object"],
    ['module.x["a: b"].aws_vpc.a: Refreshing state...', "object"],
    ["\u001b[1mdata.x.y: Read complete after 0s [id=-]\u001b[0m", "object"],
    ["data.x.y: Reading...", "noise"],
    ["data.x.y: Still reading... [10s elapsed]", "noise"],
    ["Terraform will perform the following actions:", "other"],
    ['  + note = "a.b: Refreshing state..."', "other"],
    ["", "other"],
    [`${"a".repeat(9000)}: Reading...`, "other"],
  ])("%j is %s", (line, kind) => {
    expect(classifyLine(line)).toBe(kind);
  });

  test("a long refresh says now and then how far it is", async () => {
    const clock = createFakeClock();
    const lines: string[] = [];
    const log = { line: () => undefined, foreign: (more: string[]) => void lines.push(...more) };
    const quiet = {
      startGroup: () => undefined,
      endGroup: () => undefined,
      warning: () => undefined,
      mask: () => undefined,
    };
    const printer = createLogPrinter({ ...log, ...quiet }, () => undefined, clock);
    const refresh = { text: "a.b: Refreshing state...", ends: true };
    printer.print([refresh, refresh]);
    await clock.sleep(31_000);
    printer.print([refresh]);
    printer.print([{ text: "long ", ends: false }, { text: "line", ends: true }, refresh]);
    printer.finish();
    expect(lines).toEqual([
      "3 objects refreshed so far",
      "3 objects refreshed",
      "long  [line goes on]",
      "line",
      "1 object refreshed",
    ]);
  });

  test.each([
    ["refresh_start", []],
    ["refresh_complete", ["1 object refreshed"]],
    ["diagnostic", ["a: Reading...", "b"]],
  ])("a structured %s", (kind, expected) => {
    const lines: string[] = [];
    const foreign = (more: string[]) => void lines.push(...more);
    const render = () => ({ text: ["a: Reading...", "b"], kind });
    const printer = createLogPrinter({ foreign }, render, createFakeClock());
    printer.print([{ text: "{}", ends: true }]);
    printer.finish();
    expect(lines).toEqual(expected);
  });
});
