import { describe, expect, type TestContext, test } from "vitest";
import { waitForStatus } from "../sandbox/client.ts";
import type { ActionOptions } from "../sandbox/runner.ts";
import { applicable, confirmations, merge, onMerge, planOf, review, statuses } from "./merge.ts";
import { liveRuns, makeScene, type Scene } from "./scene.ts";

/** A scene of the test's own, so that tests run side by side. */
async function open(context: TestContext, options: Parameters<typeof makeScene>[0] = {}): Promise<Scene> {
  const scene = await makeScene(options);
  context.onTestFinished(() => scene.sandbox.close());
  return scene;
}

const held = (reason: string) => ({ status: "held", "failure-reason": reason, applied: "false" });
const nothing = {
  ...applicable({ format_version: "1.2", resource_changes: [], output_changes: {} }),
  hasChanges: false,
};

/** The job on the merge, in this attempt. */
function attempt(number: number, inputs: Record<string, string> = {}): Partial<ActionOptions> {
  return { ...onMerge(inputs), env: { GITHUB_RUN_ATTEMPT: String(number) } };
}

/** The first attempt, whose runner dies while the server plans: nobody removes its run. */
async function diedWhilePlanning(scene: Scene, plan = planOf("hello")): Promise<string> {
  scene.sandbox.script("demo", { ...applicable(plan), plan: [{ log: "planning …\n" }, { wait: 300 }] });
  const action = scene.start(attempt(1));
  await action.waitFor("planning …");
  action.kill("SIGKILL");
  await action.result;
  const runId = scene.sandbox.world.runs.at(-1)?.id ?? "";
  await waitForStatus(scene.sandbox, runId, "planned");
  return runId;
}

describe.each(["hcp", "otf"] as const)("on %s, run again", (profile) => {
  test.concurrent("what an attempt left waiting when its runner died is out of the way: applied", async (context) => {
    const scene = await open(context, { profile });
    await review(scene);
    merge(scene);
    const left = await diedWhilePlanning(scene);
    scene.sandbox.script("demo", applicable());
    const result = await scene.run(attempt(2));
    expect([result.exitCode, result.outputs]).toEqual([
      0,
      expect.objectContaining({ status: "applied", applied: "true", add: "1" }),
    ]);
    expect(confirmations(scene)).toBe(1);
    // Where only its content tells whose it is, it is not confirmed, but removed.
    const [, ...applies] = statuses(scene);
    expect(applies).toEqual(profile === "hcp" ? ["applied"] : ["discarded", "applied"]);
    expect(result.stdout).toContain(
      `Run ${left} ${profile === "hcp" ? "of an" : "was left behind by an"} earlier attempt`,
    );
  });

  test.concurrent("what an attempt left waiting is no longer the reviewed plan: removed, planned again", async (context) => {
    const scene = await open(context, { profile });
    await review(scene);
    merge(scene);
    await diedWhilePlanning(scene, planOf("something else"));
    scene.sandbox.script("demo", applicable());
    const result = await scene.run(attempt(2));
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
    expect(statuses(scene).slice(1)).toEqual(["discarded", "applied"]);
  });

  test.concurrent("what an earlier attempt applied is told, and not claimed", async (context) => {
    const scene = await open(context, { profile });
    await review(scene);
    merge(scene);
    scene.sandbox.script("demo", applicable());
    const first = await scene.run(attempt(1));
    expect(first.outputs["applied"]).toBe("true");
    scene.sandbox.script("demo", nothing);
    const result = await scene.run(attempt(2));
    expect([result.exitCode, result.outputs]).toEqual([
      0,
      expect.objectContaining({ status: "no-changes", "failure-reason": "", applied: "false" }),
    ]);
    expect(result.stdout).toMatch(new RegExp(`Run ${first.outputs["run-id"]}, made .* is applied`));
    expect(confirmations(scene)).toBe(1);
  });

  test.concurrent("what an earlier attempt applied in part is told: held", async (context) => {
    const scene = await open(context, { profile });
    await review(scene);
    merge(scene);
    const log = "terraform_data.greeting: Creation complete after 0s\n\nError: No space left\n";
    scene.sandbox.script("demo", { ...applicable(), apply: [{ log }], fails: "apply" });
    const first = await scene.run(attempt(1));
    expect(first.outputs["status"]).toBe("errored");
    scene.sandbox.script("demo", nothing);
    const result = await scene.run(attempt(2));
    expect(result.outputs).toMatchObject(held("plan-changed"));
    expect(result.annotations[0]?.message).toMatch(
      /made .* is errored: it may have applied a part of the plan/,
    );
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });
});

test.concurrent("a run that somebody else left waiting is not touched", async (context) => {
  const scene = await open(context);
  await review(scene);
  merge(scene);
  await diedWhilePlanning(scene);
  const other = { ...attempt(2), env: { GITHUB_RUN_ATTEMPT: "2", GITHUB_RUN_ID: "9002" } };
  const result = await scene.run({ ...other, inputs: { command: "apply", "queue-timeout": "3s" } });
  expect(result.outputs).toMatchObject({ status: "timed-out", "failure-reason": "locked" });
  expect(statuses(scene).slice(0, 2)).toEqual(["planned_and_finished", "planned"]);
});

test.concurrent("a run that an earlier attempt confirmed by its id is not claimed", async (context) => {
  const scene = await open(context);
  await review(scene);
  merge(scene);
  const runId = await diedWhilePlanning(scene);
  const first = await scene.run(attempt(1, { "run-id": runId }));
  expect(first.outputs["applied"]).toBe("true");
  const again = await scene.run(attempt(2, { "run-id": runId }));
  expect(again.outputs).toMatchObject(held("confirmed-elsewhere"));
  expect(again.annotations[0]?.message).toContain("by an earlier attempt of this job");
});

test.concurrent("a run that waits for somebody's decision is left to them", async (context) => {
  const scene = await open(context);
  await review(scene);
  merge(scene);
  scene.sandbox.workspace("demo").policyChecks = [{ status: "soft_failed", output: "no" }];
  scene.sandbox.script("demo", applicable());
  const first = await scene.run(attempt(1));
  expect(first.outputs).toMatchObject({ status: "policy-failed", "failure-reason": "needs-approval" });
  const again = await scene.run(attempt(2));
  expect(again.outputs).toMatchObject(held("needs-approval"));
  expect(again.annotations[0]?.message).toContain(first.outputs["run-id"]);
  expect(scene.sandbox.run(first.outputs["run-id"] ?? "").status).toBe("policy_override");
  expect(statuses(scene)).toHaveLength(2);
});
