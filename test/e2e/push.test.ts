import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import type { ActionOptions, ActionResult } from "../sandbox/runner.ts";
import { applicable, confirmations, merge, mergeSha, onMerge, planOf, review } from "./merge.ts";
import { backend, liveRuns, makeScene, pullRequestEvent, type Scene, write } from "./scene.ts";

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
const otherSha = "1".repeat(40);
const otherHead = "e".repeat(40);

/** A plan for review on pull request 2. */
async function reviewOther(scene: Scene, script: ReturnType<typeof applicable>): Promise<ActionResult> {
  scene.sandbox.script("demo", script);
  scene.sandbox.github.pull({ number: 2, headSha: otherHead });
  const text = JSON.stringify(pullRequestEvent()).replaceAll("b".repeat(40), otherHead);
  const event: ActionOptions["event"] = JSON.parse(text.replace('"number":1', '"number":2'));
  return scene.run(event === undefined ? {} : { event });
}

/** The push of a merge queue, whose group held pull request 2 and then 1; rebased commits name none. */
function onGroup(how: "squashed" | "rebased" = "squashed"): Partial<ActionOptions> {
  const number = (pull: number) => (how === "squashed" ? ` (#${pull})` : "");
  const commits = [
    { id: otherSha, message: `Other${number(2)}` },
    { id: mergeSha, message: `Greeting${number(1)}` },
  ];
  const pusher = { name: "github-merge-queue[bot]" };
  return { ...onMerge(), event: { name: "push", payload: { commits, pusher } } };
}

function mergeGroup(scene: Scene): void {
  scene.sandbox.github.merge(otherSha, 2);
  merge(scene);
}

describe("a merge queue", () => {
  test.concurrent("two pull requests, one changes this workspace: applied and reported there", async (context) => {
    const scene = await open(context);
    await review(scene, nothing);
    await reviewOther(scene, applicable());
    mergeGroup(scene);
    scene.sandbox.script("demo", applicable());
    const result = await scene.run(onGroup());
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
    expect(scene.sandbox.github.comments(2)[0]?.body).toMatch(/✅ Applied[\s\S]*Merged by the same push.*#1/);
    expect(scene.sandbox.github.comments(1)[0]?.body).not.toContain("Applied");
  });

  test.concurrent("two pull requests that both change it: nobody saw the plan of both, held", async (context) => {
    const scene = await open(context);
    await review(scene);
    await reviewOther(scene, applicable(planOf("other")));
    mergeGroup(scene);
    const result = await scene.run(onGroup("rebased"));
    expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
    expect(scene.sandbox.github.comments(1)[0]?.body).toMatch(
      /#1, #2 were merged by one push[\s\S]*To go on/,
    );
    expect(confirmations(scene)).toBe(0);
  });

  test.concurrent("what was planned of the group's commit alone is no review", async (context) => {
    const scene = await open(context);
    const ref = `refs/heads/gh-readonly-queue/main/pr-1-${"a".repeat(40)}`;
    const group = { head_ref: ref, head_sha: mergeSha, base_sha: "a".repeat(40) };
    const payload = { merge_group: group, repository: { full_name: "acme/infra" } };
    scene.sandbox.script("demo", applicable());
    const planned = await scene.run({ event: { name: "merge_group", payload }, env: { GITHUB_REF: ref } });
    expect(planned.outputs["status"]).toBe("planned");
    merge(scene);
    const result = await scene.run(onMerge());
    expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
    const early = await scene.run({ ...onMerge(), env: { GITHUB_REF: ref } });
    expect(early.annotations[0]?.message).toContain("The merge queue has not merged yet");
  });
});

describe("pull requests of the commit", () => {
  test.concurrent("a list that is older than the pull requests themselves: what their numbers tell counts", async (context) => {
    const scene = await open(context);
    await review(scene);
    merge(scene);
    scene.sandbox.github.associate(mergeSha);
    scene.sandbox.script("demo", applicable());
    const commits = [{ id: mergeSha, message: "Merge pull request #1 from acme/change\n\nAdd a greeting" }];
    const result = await scene.run({ ...onMerge(), event: { name: "push", payload: { commits } } });
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
  });

  test.concurrent("merged a moment after it was asked for", async (context) => {
    const scene = await open(context);
    await review(scene);
    scene.sandbox.github.associate(mergeSha, 1);
    scene.sandbox.script("demo", applicable());
    const commits = [{ id: mergeSha, message: "Add a greeting (#1)" }];
    const action = scene.start({ ...onMerge(), event: { name: "push", payload: { commits } } });
    setTimeout(() => merge(scene), 1500);
    const result = await action.result;
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
  });

  test.concurrent.for<[string, Parameters<Scene["sandbox"]["github"]["pull"]>[0]]>([
    ["into another branch", { baseRef: "release" }],
    ["as another commit", { mergeCommitSha: otherSha }],
    ["not merged after all", { merged: false, mergedAt: null }],
  ])("%s: held", async ([, change], context) => {
    const scene = await open(context);
    await review(scene);
    merge(scene);
    scene.sandbox.github.pull(change);
    const result = await scene.run(onMerge());
    expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
    expect(result.annotations[0]?.message).toContain("To go on");
  });

  test.concurrent("an equal plan of another pull request is no review", async (context) => {
    const scene = await open(context);
    await reviewOther(scene, applicable());
    merge(scene);
    const result = await scene.run(onMerge());
    expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
  });

  test.concurrent("planned twice with the same plan: applied", async (context) => {
    const scene = await open(context);
    await review(scene);
    await review(scene);
    merge(scene);
    scene.sandbox.script("demo", applicable());
    expect((await scene.run(onMerge())).outputs["status"]).toBe("applied");
  });

  test.concurrent("planned twice with different plans: held", async (context) => {
    const scene = await open(context);
    await review(scene);
    await review(scene, applicable(planOf("other")));
    merge(scene);
    const result = await scene.run(onMerge());
    expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
    expect(result.annotations[0]?.message).toContain("their plans differ");
  });
});

describe("what fails before the workspace is reached is reported on the merged pull request", () => {
  test.concurrent.for<[string, (given: Scene) => Partial<ActionOptions>, string]>([
    ["a wrong token", () => onMerge({ token: "wrong" }), "unauthorized"],
    ["an archive that cannot be made", () => onMerge({ ignore: "x\\" }), "input"],
    [
      "a server that is down",
      ({ sandbox }) => {
        sandbox.faults.add({ path: /well-known|api\/v2/ }, { kind: "reset" });
        return onMerge({ timeout: "5s" });
      },
      "",
    ],
  ])("%s", async ([, prepare, reason], context) => {
    const scene = await open(context);
    await review(scene);
    merge(scene);
    const result = await scene.run(prepare(scene));
    expect(result.exitCode).toBe(1);
    if (reason !== "") expect(result.outputs["failure-reason"]).toBe(reason);
    const said = result.annotations.at(-1)?.message ?? "";
    expect(said).not.toBe("");
    expect(scene.sandbox.github.comments()).toHaveLength(1);
    expect(scene.sandbox.github.comments()[0]?.body).toContain(said.slice(0, 40));
  });
});

test.concurrent("several directories and workspaces side by side never mix their reviewed runs", async (context) => {
  const scene = await open(context);
  const names = ["net", "db", "app"];
  rmSync(join(scene.checkout, "infra"), { recursive: true });
  for (const name of names) {
    scene.sandbox.workspace(name);
    write(scene.checkout, { [`${name}/main.tf`]: backend(scene.sandbox.hostname, `name = "${name}"`) });
  }
  scene.sandbox.github.pull({ headSha: "b".repeat(40) });
  const inAll = (given: (name: string) => Partial<ActionOptions>) =>
    Promise.all(
      names.map((name) => {
        scene.sandbox.script(name, applicable(planOf(name === "app" ? `${name} now` : name)));
        const { inputs, ...rest } = given(name);
        return scene.run({ ...rest, inputs: { ...inputs, "working-directory": name } });
      }),
    );
  const planned = await inAll(() => ({}));
  expect(planned.map(({ outputs }) => outputs["status"])).toEqual(["planned", "planned", "planned"]);
  merge(scene);
  const applied = await Promise.all(
    names.map((name) => {
      // The plan of one has become that of another, which was reviewed, but not for it.
      scene.sandbox.script(name, applicable(planOf(name === "app" ? "db" : name)));
      return scene.run(onMerge({ "working-directory": name }));
    }),
  );
  expect(applied.map(({ outputs }) => outputs["status"])).toEqual(["applied", "applied", "held"]);
  expect(applied.map(({ outputs }) => outputs["workspace"])).toEqual(names);
  expect(confirmations(scene)).toBe(2);
  expect(liveRuns(scene.sandbox)).toEqual([]);
  expect(scene.sandbox.github.comments()).toHaveLength(3);
});
