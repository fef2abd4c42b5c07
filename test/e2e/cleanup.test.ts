import { describe, expect, type TestContext, test } from "vitest";
import { createRun, packed, waitForStatus } from "../sandbox/client.ts";
import type { Script } from "../sandbox/runs/script.ts";
import { confirmations } from "./merge.ts";
import { makeScene, type Scene, scripted } from "./scene.ts";

type Profile = "hcp" | "otf" | "terrakube";

const DEAD = 8001;
const AT_WORK = 8002;
const planned = scripted(["Plan: 1 to add, 0 to change, 0 to destroy."]);

async function start({ onTestFinished }: TestContext, profile: Profile = "hcp"): Promise<Scene> {
  const scene = await makeScene({ profile });
  onTestFinished(() => scene.sandbox.close());
  const { github } = scene.sandbox;
  github.workflowRun(DEAD);
  github.workflowRun(AT_WORK);
  return scene;
}

const mark = (id: number, attempt = 1) => `Grow · acme/infra/actions/runs/${id}/attempts/${attempt}`;

/** A run of a workspace of its own, so that each may rest where it does. */
async function leave(scene: Scene, message: string, script: Script = planned): Promise<string> {
  scene.sandbox.script("demo", script);
  const archive = await packed(scene.checkout);
  return createRun(scene.sandbox, { workspace: "demo", archive, attributes: { message } });
}

function cleanup(scene: Scene, command = "cleanup", inputs: Record<string, string> = {}) {
  scene.sandbox.github.workflowRun(DEAD, { status: "completed" });
  return scene.run({ event: { name: "schedule", payload: {} }, inputs: { command, ...inputs } });
}

const removals = (scene: Scene) =>
  scene.sandbox.requests.filter(({ path }) => /actions\/(discard|cancel)$/.test(path)).length;

describe.concurrent("cleanup", () => {
  test("a job that was killed: its run is listed, and removed on request only", async (context) => {
    const scene = await start(context);
    scene.sandbox.script("demo", { plan: [{ log: "planning …\n" }, { wait: 60_000 }] });
    const job = scene.start({ env: { GITHUB_RUN_ID: String(DEAD) } });
    await job.waitFor("planning …");
    job.kill("SIGKILL");
    await job.result;
    const [run] = scene.sandbox.world.runs;
    const listed = await cleanup(scene);
    expect([listed.exitCode, listed.outputs["status"], removals(scene)]).toEqual([0, "done", 0]);
    const line = new RegExp(`${run?.id} +planning +\\S+ +acme/infra/actions/runs/${DEAD} is completed`);
    expect(listed.stdout).toMatch(line);
    expect(listed.summary).toMatch(line);
    expect(listed.stdout).toContain(
      "1 run was left behind by a job that has ended. `command: cleanup discard`",
    );
    const removed = await cleanup(scene, "cleanup discard");
    expect([removed.exitCode, removed.outputs["status"], run?.status]).toEqual([0, "done", "canceled"]);
    expect(removed.summary).toContain(`Run ${run?.id} is canceled.`);
    const again = await cleanup(scene, "cleanup discard");
    expect(again.stdout).toContain("No run was left behind by a job that has ended.");
  });

  test("a run that waits for its confirmation, and the one that waits for it", async (context) => {
    const scene = await start(context);
    const held = await leave(scene, mark(DEAD));
    await waitForStatus(scene.sandbox, held, "planned");
    const waiting = await leave(scene, mark(DEAD, 2));
    const result = await cleanup(scene, "cleanup discard");
    expect(result.outputs["status"]).toBe("done");
    expect([held, waiting].map((id) => scene.sandbox.run(id).status)).toEqual([
      "discarded",
      expect.stringMatching(/^(discarded|canceled)$/),
    ]);
    const { requests } = scene.sandbox;
    expect(requests.filter(({ path }) => path.endsWith(`/actions/runs/${DEAD}`))).toHaveLength(1);
  });

  test.each<[string, (scene: Scene) => string, RegExp]>([
    ["of a job at work", () => mark(AT_WORK), /8002 is in_progress/],
    ["of this workflow run", () => mark(9001), /made by this workflow run/],
    ["of a job that GitHub does not know", () => mark(7777), /7777 is not known: GitHub answers 404/],
    [
      "of another repository",
      () => mark(DEAD).replace("acme/infra", "other/infra"),
      /other\/infra.* is not known/,
    ],
    ["without a mark", () => "by hand", /not made by this action/],
    ["whose mark is not at the end", () => `${mark(DEAD)} by hand`, /not made by this action/],
    [
      "made before that job began, as on another GitHub server",
      ({ sandbox: { github } }) => {
        const later = new Date(Date.now() + 3_600_000).toISOString();
        github.workflowRun(8003, { status: "completed", createdAt: later, updatedAt: later });
        return mark(8003);
      },
      /8003 was not at work when the run was created/,
    ],
    [
      "where GitHub refuses to tell",
      ({ sandbox: { github } }) => {
        github.settings.actionsReadable = false;
        return mark(DEAD);
      },
      /403 Resource not accessible.*give the job the permission actions: read/,
    ],
  ])("a run %s is never touched", async (_, messageOf, says) => {
    const scene = await makeScene();
    try {
      for (const id of [DEAD, AT_WORK]) scene.sandbox.github.workflowRun(id);
      const held = await leave(scene, messageOf(scene));
      await waitForStatus(scene.sandbox, held, "planned");
      const result = await cleanup(scene, "cleanup discard");
      expect([result.exitCode, removals(scene), scene.sandbox.run(held).status]).toEqual([0, 0, "planned"]);
      expect(result.stdout).toMatch(says);
    } finally {
      await scene.sandbox.close();
    }
  });

  test("a run that is being applied is never touched", async (context) => {
    const scene = await start(context);
    const id = await leave(scene, mark(DEAD), { ...planned, apply: [{ log: "…\n" }, { wait: 60_000 }] });
    await waitForStatus(scene.sandbox, id, "planned");
    scene.sandbox.someoneElse.confirms(id);
    await waitForStatus(scene.sandbox, id, "applying");
    const result = await cleanup(scene, "cleanup discard");
    expect([result.exitCode, removals(scene), scene.sandbox.run(id).status]).toEqual([0, 0, "applying"]);
    expect(result.stdout).toContain("is or may be applied: never touched");
    expect(confirmations(scene)).toBe(0);
  });

  test("a server that loses messages: what cannot be attributed is listed and left", async (context) => {
    const scene = await start(context, "otf");
    const held = await leave(scene, mark(DEAD));
    await waitForStatus(scene.sandbox, held, "planned");
    const result = await cleanup(scene, "cleanup discard");
    expect([result.exitCode, removals(scene), scene.sandbox.run(held).status]).toEqual([0, 0, "planned"]);
    expect(result.stdout).toMatch(new RegExp(`${held} .*this server loses messages`));
    expect(result.stdout).toContain("1 cannot be attributed, as this server loses messages");
  });

  test("one that cannot be removed fails the step", async (context) => {
    const scene = await start(context);
    const held = await leave(scene, mark(DEAD));
    await waitForStatus(scene.sandbox, held, "planned");
    scene.sandbox.faults.add(
      { path: /actions\/(discard|cancel)$/ },
      { kind: "answer", status: 403, body: "{}" },
    );
    const result = await cleanup(scene, "cleanup discard");
    expect([result.exitCode, result.outputs["status"], result.outputs["failure-reason"]]).toEqual([
      1,
      "errored",
      "forbidden",
    ]);
    expect(result.annotations.at(-1)?.message).toMatch(
      new RegExp(`could not be removed\\. Run ${held} is still planned`),
    );
  });

  test("nothing holds the workspace", async (context) => {
    const scene = await start(context);
    const result = await cleanup(scene);
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "done"]);
    expect(result.stdout).toContain("| No run was left behind by a job that has ended.");
  });

  test.each(["cleanup all", "cleanup discard run-1", "cleanup -force"])("%s is refused", async (command) => {
    const scene = await makeScene();
    const result = await cleanup(scene, command);
    await scene.sandbox.close();
    expect(result.outputs["failure-reason"]).toBe("input");
    expect(result.annotations.at(-1)?.message).toContain("takes no argument but discard");
    expect(scene.sandbox.requests.filter(({ server }) => server === "tfe")).toEqual([]);
  });
});
