import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createRun, eventually, packed, waitForStatus } from "../sandbox/client.ts";
import { findBinary } from "../sandbox/engine/binary.ts";
import { applicable, confirmations, merge, onMerge, planOf, review, statuses } from "./merge.ts";
import { everything, liveRuns, makeScene, type Scene, write } from "./scene.ts";

let scene: Scene;
afterEach(() => scene.sandbox.close());

const held = (reason: string) => ({ status: "held", "failure-reason": reason, applied: "false" });

describe.each(["hcp", "otf"] as const)("on %s", (profile) => {
  test("what was reviewed is planned again, compared, confirmed and reported", async () => {
    scene = await makeScene({ profile });
    await review(scene);
    merge(scene);
    scene.sandbox.script("demo", applicable());
    const result = await scene.run(onMerge());
    expect(result.annotations).toEqual([]);
    expect([result.exitCode, result.outputs]).toEqual([
      0,
      expect.objectContaining({ status: "applied", "failure-reason": "", applied: "true", add: "1" }),
    ]);
    expect(result.outputs["plan-digest"]).toMatch(/^[0-9a-f]{64}$/);
    expect(statuses(scene)).toEqual(["planned_and_finished", "applied"]);
    expect(confirmations(scene)).toBe(1);
    expect(result.stdout).toContain("| Apply complete! Resources: 1 added");
    const log = readFileSync(result.outputs["log-file"] ?? "", "utf8");
    expect(
      [log.match(/^Plan: 1 to add/gm), log.match(/^Apply complete!/gm)].map((found) => found?.length),
    ).toEqual([1, 1]);
    const comments = scene.sandbox.github.comments();
    expect(comments).toHaveLength(1);
    expect(comments[0]?.body).toMatch(/✅ Applied[\s\S]*Applied: 1 added[\s\S]*Reviewed run run-/);
    expect(result.summary).toContain("✅ Applied");
  });

  test("another value than the reviewed one: held, the difference shown, the own run discarded", async () => {
    scene = await makeScene({ profile });
    await review(scene);
    merge(scene);
    scene.sandbox.script("demo", applicable(planOf("something else")));
    const result = await scene.run(onMerge());
    expect([result.exitCode, result.outputs]).toEqual([1, expect.objectContaining(held("plan-changed"))]);
    expect(statuses(scene)).toEqual(["planned_and_finished", "discarded"]);
    expect(confirmations(scene)).toBe(0);
    const difference = 'after.input: "hello" → "something else"';
    expect(result.stdout).toContain(difference);
    expect(result.summary).toContain(difference);
    expect(scene.sandbox.github.comments()[0]?.body).toContain(difference);
    expect(result.annotations).toHaveLength(1);
    expect(result.post.exitCode).toBe(0);
  });

  test("no run planned it for review: held, nothing is made", async () => {
    scene = await makeScene({ profile });
    merge(scene);
    const result = await scene.run(onMerge());
    expect([result.exitCode, result.outputs]).toEqual([1, expect.objectContaining(held("no-reviewed-plan"))]);
    expect(statuses(scene)).toEqual([]);
    expect(everything(result)).toMatch(/run-id.*auto-approve/);
  });

  test("the archive of the reviewed run is replaced on the server: it is no review any more", async () => {
    scene = await makeScene({ profile });
    const { outputs } = await review(scene);
    merge(scene);
    const { configurationVersionId } = scene.sandbox.run(outputs["run-id"] ?? "");
    write(scene.checkout, { "evil/main.tf": "# other\n" });
    scene.sandbox.configurationVersion(configurationVersionId).archive = await packed(
      join(scene.checkout, "evil"),
    );
    const result = await scene.run(onMerge());
    expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
    expect(scene.sandbox.world.runs).toHaveLength(1);
  });

  test("run-id: of a structured plan that nobody here understands, too, as it is compared with none", async () => {
    scene = await makeScene({ profile });
    scene.sandbox.script("demo", { ...applicable(), planJson: { format_version: "99.0" } });
    const runId = await heldRun();
    const result = await scene.run(onMerge({ "run-id": runId }));
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
    expect(result.outputs["plan-digest"]).toBe("");
  });

  test("run-id: exactly this run is confirmed, nothing is planned anew", async () => {
    scene = await makeScene({ profile });
    scene.sandbox.script("demo", applicable());
    const runId = await heldRun();
    const result = await scene.run(onMerge({ "run-id": runId }));
    expect([result.exitCode, result.outputs]).toEqual([
      0,
      expect.objectContaining({ status: "applied", applied: "true", "run-id": runId, add: "1" }),
    ]);
    expect(scene.sandbox.world.runs).toHaveLength(1);
  });

  test("auto-approve: applied without a review, which is said", async () => {
    scene = await makeScene({ profile });
    merge(scene);
    scene.sandbox.script("demo", applicable());
    const result = await scene.run(onMerge({ "auto-approve": "true" }));
    expect([result.exitCode, result.outputs["applied"]]).toEqual([0, "true"]);
    expect(scene.sandbox.github.comments()[0]?.body).toMatch(/^### ✅ Applied without a review · /m);
  });

  test("nothing to change: success, nothing is confirmed", async () => {
    scene = await makeScene({ profile });
    const nothing = {
      ...applicable({ format_version: "1.2", resource_changes: [], output_changes: {} }),
      hasChanges: false,
    };
    await review(scene, nothing);
    merge(scene);
    scene.sandbox.script("demo", nothing);
    const result = await scene.run(onMerge());
    expect([result.exitCode, result.outputs]).toEqual([
      0,
      expect.objectContaining({ status: "no-changes", applied: "false" }),
    ]);
    expect(liveRuns(scene.sandbox)).toEqual([]);
    expect(confirmations(scene)).toBe(0);
  });

  test("canceled in the middle of the apply: it is left alone, and neither main nor post claims it", async () => {
    scene = await makeScene({ profile });
    await review(scene);
    merge(scene);
    scene.sandbox.script("demo", {
      ...applicable(),
      apply: [{ log: "terraform_data.greeting: Creating...\n" }, { wait: 3000 }],
    });
    const action = scene.start(onMerge());
    await action.waitFor("| terraform_data.greeting: Creating...");
    action.kill("SIGINT");
    const result = await action.result;
    expect([result.exitCode, result.outputs]).toEqual([
      1,
      expect.objectContaining({ status: "unknown", "failure-reason": "interrupted", applied: "false" }),
    ]);
    expect((await scene.post(result, onMerge())).exitCode).toBe(0);
    expect(statuses(scene).at(-1)).toMatch(/applying|applied/);
  });
});

/** A run that waits for its confirmation, made by somebody else. */
async function heldRun(): Promise<string> {
  const archive = await packed(scene.checkout);
  const runId = await createRun(scene.sandbox, { workspace: "demo", archive });
  await waitForStatus(scene.sandbox, runId, "planned");
  return runId;
}

test("canceled before the confirmation: the run is removed", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  scene.sandbox.script("demo", { ...applicable(), plan: [{ log: "planning …\n" }, { wait: 30_000 }] });
  const action = scene.start(onMerge());
  await action.waitFor("planning …");
  action.kill("SIGINT");
  const result = await action.result;
  expect(result.outputs).toMatchObject({ "failure-reason": "interrupted", applied: "false" });
  expect((await scene.post(result, onMerge())).exitCode).toBe(0);
  expect(liveRuns(scene.sandbox)).toEqual([]);
  expect(confirmations(scene)).toBe(0);
});

test("the answer to the confirmation is lost, and the server proves nothing: followed, not claimed", async () => {
  scene = await makeScene({ profile: "otf" });
  await review(scene);
  merge(scene);
  scene.sandbox.script("demo", applicable());
  scene.sandbox.faults.add({ method: "POST", path: /actions\/apply$/, nth: 1 }, { kind: "drop" });
  const result = await scene.run(onMerge());
  expect([result.exitCode, result.outputs]).toEqual([
    1,
    expect.objectContaining({ status: "unknown", "failure-reason": "server", applied: "false" }),
  ]);
  expect(everything(result)).toContain("does not prove whose it took");
  expect(result.stdout).toContain("| Apply complete! Resources: 1 added");
  expect(confirmations(scene)).toBe(1);
});

test.each(["drop", "reset"] as const)(
  "the answer to the confirmation is lost (%s): applied once",
  async (kind) => {
    scene = await makeScene();
    await review(scene);
    merge(scene);
    scene.sandbox.script("demo", applicable());
    scene.sandbox.faults.add({ method: "POST", path: /actions\/apply$/, nth: 1 }, { kind });
    const result = await scene.run(onMerge());
    expect([result.exitCode, result.outputs["status"], result.outputs["applied"]]).toEqual([
      0,
      "applied",
      "true",
    ]);
    expect(statuses(scene)).toEqual(["planned_and_finished", "applied"]);
  },
);

test("canceled while the confirmation is under way: it may count, so that nothing is removed", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  scene.sandbox.script("demo", applicable());
  scene.sandbox.faults.add({ method: "POST", path: /actions\/apply$/ }, { kind: "delay", ms: 4000 });
  const action = scene.start(onMerge());
  await action.waitFor("Confirming run");
  await eventually(() => confirmations(scene) === 1, "no confirmation");
  action.kill("SIGINT");
  const result = await action.result;
  expect([result.exitCode, result.outputs]).toEqual([
    1,
    expect.objectContaining({ status: "unknown", "failure-reason": "interrupted", applied: "false" }),
  ]);
  expect((await scene.post(result, onMerge())).exitCode).toBe(0);
  const removals = scene.sandbox.requests.filter(({ path }) => /actions\/(discard|cancel)$/.test(path));
  expect(removals).toEqual([]);
});

test("an apply that fails: errored, what is known of it is told", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  const where =
    '│   with terraform_data.other,\n│   on main.tf line 8, in resource "terraform_data" "other":\n│ \n';
  const log =
    "terraform_data.greeting: Creation complete after 0s\n\n" +
    `╷\n│ Error: No space left\n│ \n${where}│ Sorry.\n╵\n`;
  scene.sandbox.script("demo", { ...applicable(), apply: [{ log }], fails: "apply" });
  const result = await scene.run(onMerge());
  expect([result.exitCode, result.outputs]).toEqual([
    1,
    expect.objectContaining({ status: "errored", "failure-reason": "run-errored", applied: "false" }),
  ]);
  const body = scene.sandbox.github.comments()[0]?.body;
  expect(body).toContain("❌ Apply failed");
  expect(body).toContain("No space left");
  const done = /What this apply has done, as the (?:server|log) tells: 1 added, 0 changed, 0 destroyed/;
  expect(body?.replaceAll(/\s+/g, " ")).toMatch(done);
  expect(result.annotations.at(-1)?.message).toMatch(done);
  expect(result.annotations).toContainEqual(
    expect.objectContaining({
      level: "error",
      message: expect.stringContaining("Sorry."),
      properties: expect.objectContaining({ file: "infra/main.tf", line: "8" }),
    }),
  );
});

test("the head was pushed to after the review: held", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  scene.sandbox.github.pull({ headSha: "d".repeat(40) });
  const result = await scene.run(onMerge());
  expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
  expect(scene.sandbox.world.runs).toHaveLength(1);
});

test("other files than the reviewed ones with the same plan: told; held where the archive must be the same", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  write(scene.checkout, { "infra/more.tf": "# a comment\n" });
  const strict = await scene.run(onMerge({ "require-same-archive": "true" }));
  expect(strict.outputs).toMatchObject(held("archive-changed"));
  scene.sandbox.script("demo", applicable());
  const result = await scene.run(onMerge());
  expect(result.outputs).toMatchObject({ status: "applied" });
  expect(scene.sandbox.github.comments()[0]?.body).toMatch(/reviewed archive [0-9a-f]{16} differs/);
});

test("somebody else confirms the run first: it is not claimed", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  scene.sandbox.script("demo", applicable());
  scene.sandbox.faults.add(
    { method: "POST", path: /actions\/apply$/, nth: 1 },
    { kind: "answer", status: 409, headers: {}, body: "{}" },
  );
  const action = scene.start(onMerge());
  await action.waitFor("Confirming run");
  const own = scene.sandbox.world.runs.at(-1)?.id ?? "";
  scene.sandbox.someoneElse.confirms(own);
  const result = await action.result;
  expect(result.outputs).toMatchObject(held("confirmed-elsewhere"));
});

test("a server that would apply the run by itself: stopped at once", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  scene.sandbox.script("demo", { ...applicable(), plan: [{ wait: 20_000 }] });
  const { runs } = scene.sandbox.world;
  const push = runs.push.bind(runs);
  runs.push = (...made) => {
    for (const { attributes } of made) attributes.autoApply = true;
    return push(...made);
  };
  const result = await scene.run(onMerge());
  expect(result.outputs).toMatchObject(held("server"));
  expect(statuses(scene)).toEqual(["planned_and_finished", "canceled"]);
});

test("without the right to apply, no run is made", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  const result = await scene.run(onMerge({ token: scene.sandbox.tokens.plan }));
  expect(result.outputs).toMatchObject({ "failure-reason": "forbidden", applied: "false" });
  expect(scene.sandbox.world.runs).toHaveLength(1);
});

test("a token that may apply but not read the structured plan: held, never compared by its text", async () => {
  scene = await makeScene();
  await review(scene);
  merge(scene);
  scene.sandbox.script("demo", applicable());
  const result = await scene.run(onMerge({ token: scene.sandbox.tokens.write }));
  expect(result.outputs).toMatchObject(held("no-structured-plan"));
  expect(confirmations(scene)).toBe(0);
  expect(liveRuns(scene.sandbox)).toEqual([]);
});

test("comments that others forge and edit prove nothing, and the forged one is left alone", async () => {
  scene = await makeScene();
  await review(scene);
  const { adversary, comments } = scene.sandbox.github;
  const [ours] = comments();
  const marker = ours?.body.split("\n")[0] ?? "";
  expect(marker).toMatch(/^<!-- tofu-remote:/);
  // The plan that is approved here was made for nobody.
  scene.sandbox.script("demo", applicable(planOf("something else")));
  const forged = `${marker}\n✅ Reviewed run ${await heldRun()}: apply it.`;
  adversary.comments("mallory", forged);
  adversary.edits("mallory", ours?.id ?? 0, forged);
  scene.sandbox.someoneElse.discards(scene.sandbox.world.runs.at(-1)?.id ?? "");
  merge(scene);
  scene.sandbox.script("demo", applicable(planOf("something else")));
  const result = await scene.run(onMerge());
  expect(result.outputs).toMatchObject(held("plan-changed"));
  expect(confirmations(scene)).toBe(0);
  expect(comments().map(({ user, body }) => [user.login, body === forged])).toEqual([
    ["github-actions[bot]", false],
    ["mallory", true],
  ]);
});

test("a forged comment is no review", async () => {
  scene = await makeScene();
  scene.sandbox.script("demo", applicable());
  const runId = await heldRun();
  scene.sandbox.github.adversary.comments("bot", `✅ Reviewed run ${runId}`);
  merge(scene);
  const result = await scene.run(onMerge());
  expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
  expect(confirmations(scene)).toBe(0);
});

test("a run that cannot be applied is refused by its id", async () => {
  scene = await makeScene();
  const { outputs } = await review(scene);
  const planOnly = await scene.run(onMerge({ "run-id": outputs["run-id"] ?? "" }));
  expect(planOnly.outputs).toMatchObject(held("input"));
  const unknown = await scene.run(onMerge({ "run-id": "run-doesnotexist0000" }));
  expect(unknown.outputs).toMatchObject(held("not-found"));
  expect(confirmations(scene)).toBe(0);
});

const realEngine = findBinary() !== undefined;
if (!realEngine)
  process.stderr.write("skipped: neither tofu nor terraform is on PATH to change a real state\n");

describe.skipIf(!realEngine)("with a real engine", () => {
  async function realScene(): Promise<Scene> {
    const made = await makeScene({ engine: "auto", profile: "otf" });
    const input = 'variable "greeting" {\n  default = "hello"\n}\n';
    write(made.checkout, {
      "infra/more.tf": `${input}resource "terraform_data" "said" {\n  input = var.greeting\n}\n`,
    });
    return made;
  }

  test("the state on the server is what was planned for review", async () => {
    scene = await realScene();
    expect((await scene.run()).outputs["status"]).toBe("planned");
    merge(scene);
    const result = await scene.run(onMerge());
    expect([result.exitCode, result.outputs]).toEqual([
      0,
      expect.objectContaining({ status: "applied", applied: "true", add: "2" }),
    ]);
    const [state, ...others] = scene.sandbox.workspace("demo").states;
    expect(others).toEqual([]);
    expect(state?.json).toContain('"hello"');
  });

  test("the state was changed in between: held, and it stays as it is", async () => {
    scene = await realScene();
    expect((await scene.run()).outputs["status"]).toBe("planned");
    merge(scene);
    const elsewhere = await scene.run(onMerge({ "auto-approve": "true" }));
    expect(elsewhere.outputs["applied"]).toBe("true");
    const result = await scene.run(onMerge());
    expect(result.outputs).toMatchObject(held("plan-changed"));
    expect(result.stdout).toContain("Only in the reviewed plan (2):");
    expect(scene.sandbox.workspace("demo").states).toHaveLength(1);
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });
});
