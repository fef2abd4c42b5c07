import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Ending, Findings } from "../../src/commands/findings.ts";
import { endingOnServer } from "../../src/commands/on-server.ts";
import { planOnServer } from "../../src/commands/plan/plan-on-server.ts";
import { findTarget } from "../../src/commands/target/target.ts";
import { readOptions } from "../../src/run/options.ts";
import { backend, liveRuns, scripted, write } from "../e2e/scene.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import { stepOnSandbox } from "./step-on-sandbox.ts";

// A run that is to be saved, on a server that lets it rest in an ordinary run's status first, or for ever.

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ engine: "recorded" });
  sandbox.workspace("demo");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sandbox.close();
});

/** Plans with `save-plan: true`. `looks`: told of each pause; one of a second lasts no time. */
async function plan(looks: (ms: number) => void): Promise<{ end: Ending; findings: Findings }> {
  const workspaceRoot = mkdtempSync(join(tmpdir(), "saved-"));
  write(workspaceRoot, { "infra/main.tf": backend(sandbox.hostname), state: "" });
  vi.stubEnv("GITHUB_STATE", join(workspaceRoot, "state"));
  const { step: plain } = stepOnSandbox({ sandbox, workspaceRoot, inputs: { "save-plan": "true" } });
  // Other waits are limits of the whole, which are to hold.
  const sleep = (ms: number, signal?: AbortSignal) => {
    looks(ms);
    return plain.clock.sleep(ms === 1000 ? 5 : ms, signal);
  };
  const step = { ...plain, clock: { ...plain.clock, sleep } };
  const findings: Findings = { target: await findTarget(step), notes: [] };
  const options = readOptions(step.inputs, { applies: false });
  const end = await endingOnServer(step, findings, async (job): Promise<Ending> => {
    const { ending } = await planOnServer(step, job, options);
    return { status: ending === "planned" ? "planned" : "errored" };
  });
  return { end, findings };
}

test("a run that rests before it is saved is waited for", async () => {
  sandbox.script("demo", { ...scripted(["Plan: 1 to add."]), endsAs: "planned" });
  let looks = 0;
  const { end, findings } = await plan((ms) => {
    const [run] = sandbox.world.runs;
    if (ms !== 1000 || run?.status !== "planned") return;
    looks += 1;
    if (looks === 3) run.status = "planned_and_saved";
  });
  expect([end.status, findings.saved, looks]).toEqual(["planned", true, 3]);
  expect(liveRuns(sandbox)).toHaveLength(1);
});

test("a run that is never saved is removed", async () => {
  sandbox.script("demo", { ...scripted(["Plan: 1 to add."]), endsAs: "planned" });
  const { end, findings } = await plan(() => undefined);
  expect([end.failure?.reason, findings.saved]).toEqual(["unsupported", undefined]);
  expect(end.failure?.message).toContain("an ordinary one");
  expect(liveRuns(sandbox)).toEqual([]);
});
