import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Run } from "../../src/api/types.ts";
import { holdsWorkspace, judge, tableOf } from "../../src/commands/cleanup/holders.ts";
import { isFinal, knownRunStatuses, stageOf } from "../../src/run/status.ts";

const CREATED = "2026-11-23T10:00:00Z";
const at = (minutes: number) => Date.parse(CREATED) + minutes * 60_000;
const completed = { status: "completed", createdAt: at(-10), updatedAt: at(10) };
const mark = "acme/infra/actions/runs/8001/attempts/1";

function runOf(change: Partial<Run> = {}): Run {
  const run = { id: "run-1", status: "planned", message: `Grow · ${mark}`, createdAt: CREATED, ...change };
  // Nothing else of a run is looked at.
  return run as Run;
}

function around(job: Awaited<ReturnType<Parameters<typeof judge>[1]["lookUp"]>> = completed) {
  const asked: string[] = [];
  const lookUp = async ({ workflowRunId }: { workflowRunId: string }) => {
    asked.push(workflowRunId);
    return job;
  };
  return { keepsMessage: true, repository: "acme/infra", workflowRunId: "9001", lookUp, asked };
}

describe("judge", () => {
  test.each<[string, Partial<Run>, Parameters<typeof around>[0], string]>([
    ["its job is over", {}, completed, "dead"],
    ["its job waits", {}, { ...completed, status: "queued" }, "at-work"],
    ["its job is in a state that nobody documented", {}, { ...completed, status: "paused" }, "at-work"],
    ["its job cannot be asked for", {}, { problem: "404" }, "unknown"],
    ["created long before its job", { createdAt: "2026-11-23T09:00:00Z" }, completed, "unknown"],
    ["created long after its job", { createdAt: "2026-11-23T11:00:00Z" }, completed, "unknown"],
    ["created at a time that is not told", { createdAt: undefined }, completed, "unknown"],
    ["of a job whose times are not told", {}, { ...completed, updatedAt: Number.NaN }, "unknown"],
    ["of this workflow run", { message: mark.replace("8001", "9001") }, completed, "this-job"],
    ["somebody else's", { message: "by hand" }, completed, "foreign"],
    ["without a message where messages are kept", { message: "" }, completed, "foreign"],
  ])("%s", async (_, run, job, kind) => {
    expect((await judge(runOf(run), around(job))).kind).toBe(kind);
  });

  test("a message that was lost", async () => {
    const lost = await judge(runOf({ message: "" }), { ...around(), keepsMessage: false });
    expect(lost.kind).toBe("lost");
  });

  test("whatever its status, a run that is or may be applied is not dead, and GitHub is not asked", async () => {
    const status = fc.oneof(fc.constantFrom(...knownRunStatuses), fc.string());
    await fc.assert(
      fc.asyncProperty(status, async (given) => {
        const environment = around();
        const { kind } = await judge(runOf({ status: given }), environment);
        const mayBe = stageOf(given) === "apply" || given === "running" || !knownRunStatuses.includes(given);
        expect(kind).toBe(mayBe ? "applying" : "dead");
        expect(environment.asked).toEqual(mayBe ? [] : ["8001"]);
      }),
    );
  });
});

test.each(knownRunStatuses)("what holds the workspace: %s", (status) => {
  expect(holdsWorkspace(runOf({ status }))).toBe(!isFinal(status) && status !== "planned_and_saved");
});

test("columns are aligned", () => {
  const runs = [runOf(), runOf({ id: "run-1234", createdAt: undefined })];
  const table = tableOf(runs.map((run) => ({ run, kind: "dead", why: "over" })));
  expect(table).toEqual([
    "RUN       STATUS   CREATED               JOB",
    `run-1     planned  ${CREATED}  over`,
    "run-1234  planned  -                     over",
  ]);
});
