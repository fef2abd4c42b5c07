import { afterEach, describe, expect, test } from "vitest";
import { ask, eventually, runBody } from "../sandbox/client.ts";
import { liveRuns, makeScene, type Scene, scripted } from "./scene.ts";

let scene: Scene;
afterEach(() => scene.sandbox.close());

const endless = { plan: [{ log: "planning …\n" }, { wait: 60_000 }] };

/** What the step prints or sends at the moment of the signal. */
const moments: [string, RegExp, number][] = [
  ["while it packs", /Archive/, 0],
  ["while the run is created", /compressed/, 5],
  ["as the run begins", /Run run-/, 0],
  ["in the middle of the plan", /planning …/, 200],
];

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  test.each(moments)("%s: no run is left behind, the outputs tell it", async (_, text, delay) => {
    scene = await makeScene();
    scene.sandbox.script("demo", endless);
    const action = scene.start();
    await action.waitFor(text);
    await new Promise((resolve) => setTimeout(resolve, delay));
    const at = performance.now();
    action.kill(signal);
    const result = await action.result;
    expect(performance.now() - at).toBeLessThan(7500);
    expect(result.exitCode).toBe(1);
    expect(["canceled", "discarded"]).toContain(result.outputs["status"]);
    expect(result.outputs["failure-reason"]).toBe("interrupted");
    const post = await scene.post(result);
    expect(post.exitCode).toBe(0);
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });
});

test.each(["hcp", "otf", "terrakube"] as const)(
  "on %s: killed without a word, post stops the run",
  async (profile) => {
    scene = await makeScene({ profile });
    scene.sandbox.script("demo", endless);
    const action = scene.start();
    await action.waitFor("planning …");
    action.kill("SIGKILL");
    const killed = await action.result;
    expect(liveRuns(scene.sandbox)).toHaveLength(1);
    const post = await scene.post(killed);
    expect(post.exitCode).toBe(0);
    expect(post.stdout).toMatch(/cancel|discard/i);
    expect(liveRuns(scene.sandbox)).toEqual([]);
  },
);

test("killed before the answer to the run's creation: post finds it by its configuration version", async () => {
  scene = await makeScene();
  scene.sandbox.script("demo", endless);
  scene.sandbox.faults.add({ method: "POST", path: /\/runs$/, times: 1 }, { kind: "delay", ms: 3000 });
  const action = scene.start();
  while (scene.sandbox.world.runs.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  action.kill("SIGKILL");
  const post = await scene.post(await action.result);
  expect(post.exitCode).toBe(0);
  expect(liveRuns(scene.sandbox)).toEqual([]);
});

test("canceled while the run is created, which is done only after the step has looked for it: post looks again", async () => {
  scene = await makeScene();
  const { faults, world } = scene.sandbox;
  scene.sandbox.script("demo", endless);
  const post = faults.add({ method: "POST", path: /\/runs$/, times: 1 }, { kind: "stall" });
  const action = scene.start();
  await eventually(() => post.hits() > 0, "no run was asked for");
  action.kill("SIGINT");
  const result = await action.result;
  expect(result.outputs["status"]).toBe("canceled");
  expect(world.runs).toEqual([]);
  const [version = ""] = world.configurationVersions.keys();
  const json = runBody(scene.sandbox.workspace("demo").id, version, { "plan-only": false });
  expect(await ask(scene.sandbox, `${world.profile.apiPath}runs`, { method: "POST", json })).toMatchObject({
    status: 201,
  });
  expect((await scene.post(result)).exitCode).toBe(0);
  expect(liveRuns(scene.sandbox)).toEqual([]);
});

test("post does not touch a run that somebody else made", async () => {
  scene = await makeScene();
  scene.sandbox.script("demo", scripted(["ok"]));
  const result = await scene.run();
  const requests = scene.sandbox.requests.length;
  const again = await scene.post(result);
  expect([again.exitCode, scene.sandbox.requests.length]).toEqual([0, requests]);
});

test("the timeout stops the run and is reported on the pull request", async () => {
  scene = await makeScene();
  scene.sandbox.script("demo", endless);
  const result = await scene.run({ inputs: { timeout: "3s" } });
  expect([result.exitCode, result.outputs["status"], result.outputs["failure-reason"]]).toEqual([
    1,
    "timed-out",
    "timeout",
  ]);
  expect(liveRuns(scene.sandbox)).toEqual([]);
  expect(scene.sandbox.github.comments()).toHaveLength(1);
});

test("the queue-timeout: reason locked, and the run is taken out of the queue", async () => {
  scene = await makeScene();
  scene.sandbox.script("demo", { queue: [{ wait: 60_000 }], plan: [] });
  const result = await scene.run({ inputs: { "queue-timeout": "2s" } });
  expect([result.exitCode, result.outputs["status"], result.outputs["failure-reason"]]).toEqual([
    1,
    "timed-out",
    "locked",
  ]);
  expect(liveRuns(scene.sandbox)).toEqual([]);
});

test("a server that is gone for a while does not end the step", async () => {
  scene = await makeScene();
  const { faults } = scene.sandbox;
  scene.sandbox.script("demo", {
    ...scripted(["first"]),
    plan: [{ log: "first\n" }, { wait: 3000 }, { log: "last\n" }, { wait: 300 }],
  });
  const action = scene.start();
  await action.waitFor("first");
  const outage = faults.add({ path: /./ }, { kind: "reset" });
  setTimeout(() => outage.remove(), 2000);
  const result = await action.result;
  expect(outage.hits()).toBeGreaterThan(0);
  expect([result.exitCode, result.outputs["status"]]).toEqual([0, "planned"]);
  expect(result.stdout.match(/^\| (first|last)$/gm)).toEqual(["| first", "| last"]);
});
