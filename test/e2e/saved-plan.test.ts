import { afterEach, describe, expect, test } from "vitest";
import { createRun, eventually, packed, waitForStatus } from "../sandbox/client.ts";
import type { ActionOptions } from "../sandbox/runner.ts";
import type { RunAttributes, Workspace } from "../sandbox/world.ts";
import { applicable, confirmations, merge, mergeSha, onMerge, planOf, statuses } from "./merge.ts";
import { everything, liveRuns, makeScene, pullRequestEvent, type Scene } from "./scene.ts";

let scene: Scene;
afterEach(() => scene.sandbox.close());

const HEAD = "b".repeat(40);
const OLDER_HEAD = "a".repeat(40);

/** Plans on the pull request, whose head is `head`, with what the user gives. */
function plan(inputs: Record<string, string> = {}, head = HEAD): ReturnType<Scene["run"]> {
  return scene.run(planning(inputs, head));
}

function planning(inputs: Record<string, string>, head: string): Partial<ActionOptions> {
  const event = JSON.parse(JSON.stringify(pullRequestEvent()).replaceAll(HEAD, head));
  return { event, inputs: { "save-plan": "auto", ...inputs } };
}

async function open(options: Parameters<typeof makeScene>[0] = {}): Promise<Workspace> {
  scene = await makeScene(options);
  scene.sandbox.github.pull({ headSha: HEAD });
  return scene.sandbox.workspace("demo");
}

function attributesOf(index: number): RunAttributes | undefined {
  return scene.sandbox.world.runs[index]?.attributes;
}

/** Requests that make or change something on the server. */
function writes(): string[] {
  return scene.sandbox.requests
    .filter(({ server, method }) => server === "tfe" && method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);
}

describe("on a server that has saved plans", () => {
  test("the plan is saved, and after the merge exactly this run is confirmed; nothing is planned anew", async () => {
    await open();
    scene.sandbox.script("demo", applicable());
    const planned = await plan();
    expect([planned.exitCode, planned.annotations]).toEqual([0, []]);
    expect(planned.outputs).toMatchObject({ status: "planned", add: "1" });
    expect(statuses(scene)).toEqual(["planned_and_saved"]);
    expect(attributesOf(0)).toMatchObject({ savePlan: true, planOnly: false, autoApply: false });
    const [version] = [...scene.sandbox.world.configurationVersions.values()];
    expect(version).toMatchObject({ provisional: true, speculative: false });
    expect([planned.post.exitCode, planned.post.stdout]).toEqual([0, ""]);
    expect(scene.sandbox.github.comments()[0]?.body).toContain("Saved: `command: apply` on the merge");

    merge(scene);
    const applied = await scene.run(onMerge());
    expect([applied.exitCode, applied.outputs]).toEqual([
      0,
      expect.objectContaining({ status: "applied", applied: "true", "run-id": planned.outputs["run-id"] }),
    ]);
    expect(statuses(scene)).toEqual(["applied"]);
    expect(confirmations(scene)).toBe(1);
    const comments = scene.sandbox.github.comments();
    expect(comments.map(({ body }) => /✅ Applied/.test(body))).toEqual([true]);
  });

  test("it is saved once its checks have passed", async () => {
    await open();
    scene.sandbox.workspace("demo", {
      costEstimate: { status: "finished", prior: "1.0", proposed: "3.5", delta: "2.5", matched: 1, total: 2 },
      policyChecks: [{ status: "passed", output: "Result: true" }],
    });
    scene.sandbox.script("demo", applicable());
    const result = await plan();
    expect([result.exitCode, result.annotations, statuses(scene)]).toEqual([0, [], ["planned_and_saved"]]);
  });

  test("another run was applied since: planned again, found equal, applied", async () => {
    await open();
    scene.sandbox.script("demo", applicable());
    await plan();
    await somebodyApplies();
    expect(statuses(scene)[0]).toBe("discarded");
    merge(scene);
    scene.sandbox.script("demo", applicable());
    const result = await scene.run(onMerge());
    expect([result.exitCode, result.outputs["applied"]]).toEqual([0, "true"]);
    expect(statuses(scene)).toEqual(["discarded", "applied", "applied"]);
    expect(everything(result)).toContain("Its saved plan is outdated");
  });

  test("another run was applied since, and the plan is another now: held", async () => {
    await open();
    scene.sandbox.script("demo", applicable());
    await plan();
    await somebodyApplies();
    merge(scene);
    scene.sandbox.script("demo", applicable(planOf("something else")));
    const result = await scene.run(onMerge());
    expect([result.exitCode, result.outputs]).toEqual([
      1,
      expect.objectContaining({ status: "held", "failure-reason": "plan-changed", applied: "false" }),
    ]);
    expect(statuses(scene)).toEqual(["discarded", "applied", "discarded"]);
    expect(confirmations(scene)).toBe(0);
  });

  test("somebody discarded it: held, nothing is made", async () => {
    await open();
    scene.sandbox.script("demo", applicable());
    const { outputs } = await plan();
    scene.sandbox.someoneElse.discards(outputs["run-id"] ?? "");
    merge(scene);
    const result = await scene.run(onMerge());
    expect(result.outputs).toMatchObject({ status: "held", "failure-reason": "no-reviewed-plan" });
    expect(statuses(scene)).toEqual(["discarded"]);
  });

  test("it is discarded while it is being confirmed: not applied", async () => {
    await open();
    scene.sandbox.script("demo", applicable());
    const { outputs } = await plan();
    merge(scene);
    const runId = outputs["run-id"] ?? "";
    const lost = scene.sandbox.faults.add({ path: "/actions/apply", times: 1 }, { kind: "reset" });
    const action = scene.start(onMerge());
    await eventually(() => lost.hits() > 0, "a confirmation");
    scene.sandbox.someoneElse.discards(runId);
    const result = await action.result;
    expect([result.exitCode, result.outputs["applied"]]).toEqual([1, "false"]);
    expect(statuses(scene)).toEqual(["discarded"]);
  });

  test("a destroy is not what was reviewed: held, and the option is named", async () => {
    await open();
    scene.sandbox.script("demo", applicable());
    await plan();
    merge(scene);
    const result = await scene.run(onMerge({ command: "destroy" }));
    expect(result.outputs).toMatchObject({ status: "held", "failure-reason": "no-reviewed-plan" });
    expect(everything(result)).toContain("planned with other options than this apply has: destroy");
    expect(statuses(scene)).toEqual(["planned_and_saved"]);
  });
});

describe("older saved plans of a pull request", () => {
  test("are discarded when its new head is planned; the newest is applied", async () => {
    await open();
    scene.sandbox.github.pull({ headSha: OLDER_HEAD });
    scene.sandbox.script("demo", applicable());
    await plan({}, OLDER_HEAD);
    scene.sandbox.github.pull({ headSha: HEAD });
    scene.sandbox.script("demo", applicable());
    const newest = await plan();
    expect(newest.stdout).toContain("An older saved plan of this pull request is not needed any more.");
    expect(statuses(scene)).toEqual(["discarded", "planned_and_saved"]);
    merge(scene);
    const result = await scene.run(onMerge());
    expect(result.outputs).toMatchObject({ applied: "true", "run-id": newest.outputs["run-id"] });
  });

  test("are not the newer ones of a job that came late, nor what was merged", async () => {
    await open();
    scene.sandbox.script("demo", applicable());
    await plan();
    scene.sandbox.script("demo", applicable());
    await plan({}, OLDER_HEAD);
    expect(statuses(scene)).toEqual(["planned_and_saved", "planned_and_saved"]);
    scene.sandbox.github.merge(mergeSha);
    scene.sandbox.script("demo", applicable());
    await plan();
    expect(statuses(scene)).toEqual(["planned_and_saved", "planned_and_saved", "planned_and_saved"]);
  });
});

describe("an ordinary plan is made", () => {
  test.each<[string, Record<string, string>]>([
    ["for save-plan: false", { "save-plan": "false" }],
    ["for a token that may not apply, and so not remove it either", { token: "plan" }],
    ["for another version", { "terraform-version": "1.10.5" }],
  ])("%s", async (_what, inputs) => {
    await open();
    scene.sandbox.script("demo", applicable());
    const token = inputs["token"] === "plan" ? scene.sandbox.tokens.plan : scene.sandbox.token;
    const result = await plan({ ...inputs, token });
    expect([result.exitCode, statuses(scene)]).toEqual([0, ["planned_and_finished"]]);
  });

  test("where the event is no pull request", async () => {
    await open();
    scene.sandbox.script("demo", applicable());
    await scene.run({ event: { name: "push", payload: {} }, inputs: { "save-plan": "auto" } });
    expect(statuses(scene)).toEqual(["planned_and_finished"]);
  });

  test("where the server takes the option and ignores it, once the run that it made is gone", async () => {
    await open();
    scene.sandbox.world.profile.ignoredRunAttributes = ["save-plan"];
    scene.sandbox.script("demo", applicable());
    scene.sandbox.script("demo", applicable());
    const result = await plan();
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "planned"]);
    expect(result.annotations.map(({ level }) => level)).toEqual(["warning"]);
    expect(statuses(scene)[0]).toMatch(/canceled|discarded/);
    expect(statuses(scene)[1]).toBe("planned_and_finished");
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });
});

describe("save-plan: true", () => {
  test("without a pull request saves the plan, for `run-id`", async () => {
    await open();
    scene.sandbox.script("demo", applicable());
    const push = { name: "push", payload: {} };
    const planned = await scene.run({
      event: push,
      inputs: { "save-plan": "true", target: "terraform_data.greeting" },
    });
    expect(statuses(scene)).toEqual(["planned_and_saved"]);
    const applied = await scene.run(onMerge({ "run-id": planned.outputs["run-id"] ?? "" }));
    expect([applied.exitCode, applied.outputs["applied"], statuses(scene)]).toEqual([0, "true", ["applied"]]);
    // What the run has, not what this step was given.
    expect(applied.summary).toContain("Targeted, nothing else is planned: `terraform_data.greeting`");
  });

  test.each(["otf", "terrakube"] as const)("on %s: refused, nothing is uploaded", async (profile) => {
    await open({ profile });
    const result = await plan({ "save-plan": "true" });
    expect([result.exitCode, result.outputs["failure-reason"]]).toEqual([1, "unsupported"]);
    expect(writes()).toEqual([]);
  });

  test("a token that may not apply: refused, nothing is uploaded", async () => {
    await open();
    const result = await plan({ "save-plan": "true", token: scene.sandbox.tokens.plan });
    expect([result.exitCode, result.outputs["failure-reason"]]).toEqual([1, "forbidden"]);
    expect(writes()).toEqual([]);
  });

  test("the server takes it and ignores it: an error, and no run is left", async () => {
    await open();
    scene.sandbox.world.profile.ignoredRunAttributes = ["save-plan"];
    scene.sandbox.script("demo", applicable());
    const result = await plan({ "save-plan": "true" });
    expect([result.exitCode, result.outputs["failure-reason"]]).toEqual([1, "unsupported"]);
    expect(liveRuns(scene.sandbox)).toEqual([]);
    expect(result.post.exitCode).toBe(0);
  });

  test("canceled while it is planned: no run is left", async () => {
    await open();
    scene.sandbox.script("demo", { ...applicable(), plan: [{ log: "planning …\n" }, { wait: 30_000 }] });
    const action = scene.start(planning({ "save-plan": "true" }, HEAD));
    await action.waitFor("planning …");
    action.kill("SIGINT");
    const result = await action.result;
    expect(result.outputs["failure-reason"]).toBe("interrupted");
    expect((await scene.post(result, planning({ "save-plan": "true" }, HEAD))).exitCode).toBe(0);
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });
});

/** A run of the same workspace is applied by somebody else. */
async function somebodyApplies(): Promise<void> {
  const archive = await packed(scene.checkout);
  scene.sandbox.script("demo", applicable());
  const runId = await createRun(scene.sandbox, { workspace: "demo", archive });
  await waitForStatus(scene.sandbox, runId, "planned");
  scene.sandbox.someoneElse.confirms(runId);
  await waitForStatus(scene.sandbox, runId, "applied");
}
