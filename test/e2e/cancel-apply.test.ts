import { describe, type TestContext, test } from "vitest";
import { eventually } from "../sandbox/client.ts";
import type { ActionOptions } from "../sandbox/runner.ts";
import type { Script } from "../sandbox/runs/script.ts";
import { applicable, confirmations, merge, onMerge, statuses } from "./merge.ts";
import { liveRuns, makeScene, type Scene } from "./scene.ts";

const CREATING = "terraform_data.greeting: Creating...\n";
const CREATED = "terraform_data.greeting: Creation complete after 0s [id=1]\n";
const SHOWN = "| terraform_data.greeting: Creation complete";
const ENDLESS = [{ log: CREATING + CREATED }, { wait: 60_000 }];

function job(inputs: Record<string, string> = {}): Partial<ActionOptions> {
  return onMerge({ "auto-approve": "true", "cancel-apply": "true", ...inputs });
}

async function prepare(
  { onTestFinished }: TestContext,
  profile: "hcp" | "otf",
  apply: NonNullable<Script["apply"]> = ENDLESS,
): Promise<Scene> {
  const scene = await makeScene({ profile });
  onTestFinished(() => scene.sandbox.close());
  merge(scene);
  scene.sandbox.script("demo", { ...applicable(), apply });
  return scene;
}

const cancels = (scene: Scene) =>
  scene.sandbox.requests.filter(({ path }) => path.endsWith("/actions/cancel")).length;

describe.concurrent.each(["hcp", "otf"] as const)("on %s", (profile) => {
  test("in the middle of the apply: it is canceled, and what is known of it is told", async (context) => {
    const { expect } = context;
    const scene = await prepare(context, profile);
    const action = scene.start(job());
    await action.waitFor(SHOWN);
    const at = performance.now();
    action.kill("SIGINT");
    const result = await action.result;
    expect(performance.now() - at).toBeLessThan(9000);
    expect([result.exitCode, result.outputs]).toEqual([
      1,
      expect.objectContaining({ status: "canceled", "failure-reason": "interrupted", applied: "false" }),
    ]);
    expect(result.annotations.at(-1)?.message).toMatch(
      /apply was canceled.*Some of the changes may have been made/i,
    );
    const summary = result.summary.replaceAll(/\s+/g, " ");
    expect(summary).toMatch(/Done before the apply was canceled.*1 added, 0 changed, 0 destroyed/);
    expect(statuses(scene)).toEqual(["canceled"]);
    const requests = scene.sandbox.requests.length;
    const post = await scene.post(result, job());
    expect([post.exitCode, scene.sandbox.requests.length, cancels(scene)]).toEqual([0, requests, 1]);
  });

  test("the timeout in the middle of the apply: the same", async (context) => {
    const { expect } = context;
    const scene = await prepare(context, profile);
    const result = await scene.run(job({ timeout: "8s" }));
    expect(result.stdout).toContain(SHOWN);
    expect(result.outputs).toMatchObject({
      status: "timed-out",
      "failure-reason": "timeout",
      applied: "false",
    });
    expect(statuses(scene)).toEqual(["canceled"]);
  });

  test("killed without a word in the middle of the apply: the post step cancels it", async (context) => {
    const { expect } = context;
    const scene = await prepare(context, profile);
    const action = scene.start(job());
    await action.waitFor(SHOWN);
    action.kill("SIGKILL");
    const post = await scene.post(await action.result, job());
    expect(post.exitCode).toBe(0);
    expect(statuses(scene)).toEqual(["canceled"]);
  });

  test("applied before the cancel arrives: applied, and said so", async (context) => {
    const { expect } = context;
    const scene: Scene = await prepare(context, profile, [
      { log: CREATING + CREATED },
      { until: () => eventually(() => cancels(scene) > 0, "none") },
    ]);
    scene.sandbox.faults.add({ path: /actions\/cancel$/ }, { kind: "delay", ms: 1000 });
    const action = scene.start(job());
    await action.waitFor(SHOWN);
    action.kill("SIGINT");
    const result = await action.result;
    // HCP Terraform refuses the cancel then, OTF calls the run canceled.
    expect(statuses(scene)).toEqual([expect.stringMatching(/^(applied|canceled)$/)]);
    expect(["applied", "canceled"]).toContain(result.outputs["status"]);
    expect(result.outputs["applied"]).toBe(String(result.outputs["status"] === "applied"));
    expect((await scene.post(result, job())).exitCode).toBe(0);
  });

  test("the cancel is refused: unknown, and the post step fails with how it stands", async (context) => {
    const { expect } = context;
    const scene = await prepare(context, profile);
    scene.sandbox.faults.add({ path: /actions\/cancel$/ }, { kind: "answer", status: 403, body: "{}" });
    const action = scene.start(job());
    await action.waitFor(SHOWN);
    action.kill("SIGINT");
    const result = await action.result;
    expect(result.outputs).toMatchObject({
      status: "unknown",
      "failure-reason": "interrupted",
      applied: "false",
    });
    expect(result.annotations.at(-1)?.message).toMatch(/still applying.*cancel: 403.*may not stop runs/);
    const post = await scene.post(result, job());
    expect([post.exitCode, post.annotations.length]).toEqual([1, 1]);
  });
});

test.concurrent("while the confirmation is under way: the run is stopped whichever way it went", async (context) => {
  const { expect } = context;
  const scene = await prepare(context, "hcp");
  scene.sandbox.faults.add({ method: "POST", path: /actions\/apply$/ }, { kind: "delay", ms: 4000 });
  const action = scene.start(job());
  await action.waitFor("Confirming run");
  await eventually(() => confirmations(scene) === 1, "no confirmation");
  action.kill("SIGINT");
  const result = await action.result;
  expect(result.outputs).toMatchObject({ "failure-reason": "interrupted", applied: "false" });
  expect((await scene.post(result, job())).exitCode).toBe(0);
  expect(liveRuns(scene.sandbox)).toEqual([]);
});

test.concurrent("an apply that ends is nobody's to cancel any more", async (context) => {
  const { expect } = context;
  const scene = await prepare(context, "hcp", applicable().apply);
  const result = await scene.run(job());
  expect([result.exitCode, result.outputs["status"], result.post.exitCode, cancels(scene)]).toEqual([
    0,
    "applied",
    0,
    0,
  ]);
});
