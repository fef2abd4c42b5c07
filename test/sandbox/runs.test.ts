import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { type Answer, ask, createRun, dataOf, type RunRequest, waitForStatus } from "./client.ts";
import type { ProfileName } from "./profiles.ts";
import type { Script } from "./runs/script.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import type { Role } from "./world.ts";

let sandbox: Sandbox;

async function start(profile: ProfileName = "hcp"): Promise<void> {
  sandbox = await startSandbox({ profile, engine: "recorded" });
  sandbox.workspace("demo");
}
afterEach(() => sandbox.close());

const api = (path: string): string => `${sandbox.world.profile.apiPath}${path}`;

// an empty tar: scripts need no configuration
const archive = gzipSync(Buffer.alloc(1024));

function scripted(script: Script, wanted: Partial<RunRequest> = {}): Promise<string> {
  sandbox.script("demo", script);
  return createRun(sandbox, { workspace: "demo", archive, ...wanted });
}

const act = (run: string, action: string, role: Role = "owner"): Promise<Answer> =>
  ask(sandbox, api(`runs/${run}/actions/${action}`), {
    method: "POST",
    json: {},
    token: sandbox.tokens[role],
  });

const read = async (run: string): Promise<Record<string, unknown>> =>
  dataOf(await ask(sandbox, api(`runs/${run}`))).attributes;

describe("the way of a run", () => {
  test.each<[string, Partial<RunRequest>, Script, string]>([
    ["plan-only", { speculative: true }, {}, "planned_and_finished"],
    ["without changes", {}, { hasChanges: false }, "planned_and_finished"],
    ["with changes", {}, {}, "planned"],
    ["saved", { attributes: { "save-plan": true } }, {}, "planned_and_saved"],
    ["auto-apply", { attributes: { "auto-apply": true } }, {}, "applied"],
    ["failing plan", {}, { fails: "plan" }, "errored"],
    ["failing apply", { attributes: { "auto-apply": true } }, { fails: "apply" }, "errored"],
    ["cost estimate", {}, { costEstimate: { status: "finished" } }, "cost_estimated"],
    ["policy passed", {}, { policyChecks: [{ status: "passed", output: "ok" }] }, "policy_checked"],
    ["policy hard failed", {}, { policyChecks: [{ status: "hard_failed", output: "no" }] }, "errored"],
    [
      "policy soft failed",
      {},
      { policyChecks: [{ status: "soft_failed", output: "hm" }] },
      "policy_override",
    ],
    [
      "plan-only, soft failed",
      { speculative: true },
      { policyChecks: [{ status: "soft_failed", output: "hm" }] },
      "policy_soft_failed",
    ],
    ["failed task", {}, { taskStages: [{ stage: "post_plan", status: "failed" }] }, "errored"],
    [
      "task override",
      {},
      { taskStages: [{ stage: "post_plan", status: "awaiting_override" }] },
      "post_plan_awaiting_decision",
    ],
    ["a status nobody knows", {}, { endsAs: "meditating" }, "meditating"],
  ])("%s", async (...[, wanted, script, status]) => {
    await start();
    const run = await scripted(script, wanted);
    await waitForStatus(sandbox, run, status);
    expect(await read(run)).toMatchObject({ status });
  });

  test("an overridden policy check lets the run be confirmed", async () => {
    await start();
    const run = await scripted({ policyChecks: [{ status: "soft_failed", output: "hm" }] });
    await waitForStatus(sandbox, run, "policy_override");
    const check = sandbox.run(run).policyChecks[0]?.id ?? "";
    expect((await act(run, "apply")).status).toBe(409);
    await ask(sandbox, api(`policy-checks/${check}/actions/override`), { method: "POST" });
    expect(await read(run)).toMatchObject({ actions: { "is-confirmable": true } });
    expect((await act(run, "apply")).status).toBe(202);
    await waitForStatus(sandbox, run, "applied");
  });

  test("scripted statuses are seen in their order", async () => {
    await start();
    const seen: string[] = [];
    const made = Promise.withResolvers<string>();
    const look = async (): Promise<void> => void seen.push(sandbox.run(await made.promise).status);
    const run = await scripted({
      queue: [{ status: "fetching" }, { until: look }],
      plan: [{ until: look }, { status: "unheard_of" }, { until: look }],
    });
    made.resolve(run);
    await waitForStatus(sandbox, run, "planned");
    expect(seen).toEqual(["fetching", "planning", "unheard_of"]);
  });
});

describe("actions in a wrong state", () => {
  test.each([
    ["hcp", "apply", 409],
    ["hcp", "discard", 409],
    ["hcp", "cancel", 409],
    ["hcp", "force-cancel", 409],
    ["otf", "apply", 500],
    ["otf", "discard", 500],
    ["otf", "cancel", 202],
    ["otf", "force-cancel", 500],
    ["terrakube", "apply", 200],
    ["terrakube", "cancel", 404],
  ] as const)("%s: %s of a finished run: %i", async (profile, action, status) => {
    await start(profile);
    const run = await scripted({}, { speculative: true });
    await waitForStatus(sandbox, run, "planned_and_finished");
    expect((await act(run, action)).status).toBe(status);
    const rewritten = profile === "otf" && action === "cancel";
    expect(sandbox.run(run).status).toBe(rewritten ? "canceled" : "planned_and_finished");
  });
});

describe("cancel", () => {
  const endless: Script = { plan: [{ wait: 60_000 }] };

  test("interrupts the engine and the status follows", async () => {
    await start();
    const run = await scripted(endless);
    await waitForStatus(sandbox, run, "planning");
    expect((await act(run, "cancel")).status).toBe(202);
    await waitForStatus(sandbox, run, "canceled");
    expect(sandbox.run(run).plan.status).toBe("canceled");
  });

  test("by an OTF team is a label: the apply goes on", async () => {
    await start("otf");
    const ending = Promise.withResolvers<void>();
    const run = await scripted({ apply: [{ until: () => ending.promise }, { log: "done" }] });
    await waitForStatus(sandbox, run, "planned");
    sandbox.someoneElse.confirms(run);
    await waitForStatus(sandbox, run, "applying");
    await act(run, "cancel", "write");
    expect(sandbox.run(run).status).toBe("canceled");
    ending.resolve();
    await expect.poll(() => sandbox.run(run).apply.log.toString()).toContain("done");
  });

  test.each([
    ["hcp", "plan", "cancel", 404],
    ["otf", "plan", "cancel", 403],
    ["otf", "write", "discard", 403],
  ] as const)("%s: %s may not %s", async (...[profile, role, action, status]) => {
    await start(profile);
    const run = await scripted({});
    await waitForStatus(sandbox, run, "planned");
    expect((await act(run, action, role)).status).toBe(status);
  });
});

describe("the queue", () => {
  test("lets one run at a time through, plan-only ones pass", async () => {
    await start();
    const first = await scripted({});
    await waitForStatus(sandbox, first, "planned");
    const second = await scripted({});
    const third = await scripted({}, { speculative: true });
    await waitForStatus(sandbox, third, "planned_and_finished");
    expect(await read(second)).toMatchObject({ status: "pending", "position-in-queue": 1 });
    const workspace = await ask(sandbox, api("organizations/acme/workspaces/demo"));
    expect(workspace.json).toMatchObject({
      data: { attributes: { locked: true }, relationships: { "current-run": { data: { id: first } } } },
    });
    await act(first, "discard");
    await waitForStatus(sandbox, second, "planned");
  });

  test("a locked workspace holds runs until it is unlocked", async () => {
    await start();
    sandbox.lock("demo");
    const run = await scripted({});
    const planOnly = await scripted({}, { speculative: true });
    await waitForStatus(sandbox, planOnly, "planned_and_finished");
    expect(sandbox.run(run).status).toBe("pending");
    sandbox.unlock("demo");
    await waitForStatus(sandbox, run, "planned");
  });
});
