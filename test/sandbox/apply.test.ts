import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { connect } from "../../src/api/server.ts";
import { digestOfArchive } from "../../src/archive/digest-archive.ts";
import { packDirectory } from "../../src/archive/pack.ts";
import { openGitHub } from "../../src/github/client.ts";
import { pullRequestsOfCommit } from "../../src/github/commit-pulls.ts";
import { systemClock } from "../../src/run/clock.ts";
import { confirmRun } from "../../src/run/confirm.ts";
import { followApply } from "../../src/run/follow-apply.ts";
import type { RunLog } from "../../src/run/types.ts";
import { ask, createRun, eventually, waitForStatus } from "./client.ts";
import type { ProfileName } from "./profiles.ts";
import type { Script } from "./runs/script.ts";
import { type Sandbox, startSandbox } from "./server.ts";

const folder = mkdtempSync(join(tmpdir(), "sandbox-apply-"));
afterAll(() => rmSync(folder, { recursive: true }));
let sandbox: Sandbox;
let stop: () => Promise<void>;
afterEach(async () => {
  await stop();
  await sandbox.close();
});

/** A sandbox, and the action's own client of it. */
async function start(profile: ProfileName, token?: string) {
  sandbox = await startSandbox({ profile, engine: "recorded" });
  const { id } = sandbox.workspace("demo");
  setDefaultCACertificates([...getCACertificates("default"), readFileSync(sandbox.caFile, "utf8")]);
  const { server, entitled } = await connect({
    ...{
      hostname: sandbox.hostname,
      organization: "acme",
      token: token ?? sandbox.token,
      userAgent: "test/1",
    },
    ...{ proxy: {}, signal: AbortSignal.timeout(20_000), mask: () => undefined },
  });
  await entitled;
  stop = server.close;
  return { server, workspaceId: id };
}

// an empty tar: scripts need no configuration
const empty = gzipSync(Buffer.alloc(1024));
async function planned(script: Script, status = "planned", attributes = {}): Promise<string> {
  sandbox.script("demo", script);
  const run = await createRun(sandbox, { workspace: "demo", archive: empty, attributes });
  await waitForStatus(sandbox, run, status);
  return run;
}

const signal = new AbortController().signal;
const silent: RunLog = {
  ...{
    line: () => undefined,
    foreign: () => undefined,
    startGroup: () => undefined,
    endGroup: () => undefined,
  },
  ...{ warning: () => undefined, mask: () => undefined },
};
let files = 0;
async function follow(server: Awaited<ReturnType<typeof start>>["server"], runId: string) {
  const logFile = join(folder, `log-${files++}`);
  const outcome = await followApply({
    ...{
      server,
      organization: "acme",
      workspace: { id: "", name: "demo" },
      run: await server.readRun(runId),
    },
    ...{ log: silent, logFile, limits: { queueTimeoutMs: undefined, deadline: Number.POSITIVE_INFINITY } },
    ...{ clock: systemClock, signal, render: () => undefined },
  });
  return { ...outcome, text: readFileSync(logFile, "utf8") };
}

const state = (outputs: object): string =>
  JSON.stringify({ version: 4, serial: 1, lineage: "l", resources: [], outputs });
const complete = "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.\n";
const counts = { add: 1, change: 0, destroy: 0, import: 0 };

describe.each<[ProfileName, string]>([
  ["hcp", "server"],
  ["otf", "log"],
  ["terrakube", "none"],
])("%s", (profile, countsFrom) => {
  test("a run is confirmed, followed, and its outputs are read", async () => {
    const { server, workspaceId } = await start(profile);
    const outputs = {
      open: { value: "o", type: "string" },
      hidden: { value: "h", type: "string", sensitive: true },
    };
    const run = await planned({
      plan: [{ log: "Plan: 1 to add, 0 to change, 0 to destroy.\n" }],
      apply: [{ log: "a.b: Creating...\n" }, { wait: 50 }, { log: complete }],
      ...{ counts, state: state(outputs) },
    });
    const confirmed = await confirmRun(server, run, { ...step, look: () => "confirm" });
    expect(confirmed).toMatchObject({ result: "accepted", answers: ["accepted"] });
    const outcome = await follow(server, run);
    // Terrakube drops the log when the run ends.
    const told = countsFrom === "none" ? { counts: undefined } : { counts, countsFrom };
    expect(outcome).toMatchObject({ ending: "applied", ...told });
    if (profile !== "terrakube") expect(outcome.text).toBe(`a.b: Creating...\n${complete}`);
    sandbox.settings.stateProcessingReads = 1;
    const read = await server.readStateOutputs(workspaceId);
    const hidden = profile === "terrakube" ? "h" : null;
    expect(read).toMatchObject([
      { name: "open", sensitive: false, value: "o" },
      { name: "hidden", sensitive: true, value: hidden },
    ]);
    expect(await server.readStateOutput(read?.[1]?.id ?? "")).toMatchObject({ value: "h" });
  });

  test("no state, no outputs; what was uploaded is what is downloaded", async () => {
    const { server, workspaceId } = await start(profile);
    expect(await server.readStateOutputs(workspaceId)).toBeUndefined();
    const packed = await packDirectory({
      ...{ root: import.meta.dirname, repositoryRoot: join(import.meta.dirname, "..", "..") },
      ...{ ignore: [], secrets: [], destination: join(folder, `${profile}.tar.gz`), signal },
    });
    sandbox.script("demo", {});
    const run = await createRun(sandbox, { workspace: "demo", archive: readFileSync(packed.file) });
    const into = join(folder, `${profile}-back.tar.gz`);
    const version = sandbox.run(run).configurationVersionId;
    expect(await server.downloadConfigurationVersion(version, into, 10_000_000)).toBe("saved");
    expect(await digestOfArchive(into)).toBe(packed.digest);
    expect(await server.downloadConfigurationVersion(version, into, 100)).toBe("too-large");
  });
});

const step = { clock: systemClock, signal, comment: "of this step" };
const look = (run: { actions: { isConfirmable: boolean | undefined } }) =>
  run.actions.isConfirmable === true ? ("confirm" as const) : ("stop" as const);

describe("others are at it, too", () => {
  test.each(["hcp", "otf"] as const)(
    "%s: confirmed by somebody else between look and confirmation",
    async (profile) => {
      const { server } = await start(profile);
      const run = await planned({ apply: [{ log: complete }] });
      const meanwhile = () => {
        sandbox.someoneElse.confirms(run);
        return "confirm" as const;
      };
      const outcome = await confirmRun(server, run, { ...step, look: meanwhile });
      expect(outcome).toMatchObject({ result: "by-somebody-else", answers: ["refused"] });
      expect((await follow(server, run)).ending).toBe("applied");
    },
  );

  test("a token that may not apply", async () => {
    const { server } = await start("otf", "sandbox-token-of-team-plan");
    const run = await planned({});
    const outcome = await confirmRun(server, run, { ...step, look });
    expect(outcome).toMatchObject({ result: "not-confirmable", refusal: { status: 403 } });
    expect(sandbox.run(run).status).toBe("planned");
  });

  test.each([
    ["hcp", "accepted"],
    ["otf", "unknown"],
  ] as const)("%s, the answer is lost: %s", async (profile, result) => {
    const { server } = await start(profile);
    const run = await planned({ apply: [{ log: complete }] });
    sandbox.faults.add({ path: "/actions/apply", nth: 1 }, { kind: "drop" });
    const outcome = await confirmRun(server, run, { ...step, look });
    expect(outcome.result).toBe(result);
    expect((await follow(server, run)).ending).toBe("applied");
  });

  test.each(["hcp", "otf"] as const)("%s, ours is lost and somebody else confirms", async (profile) => {
    const { server } = await start(profile);
    const run = await planned({ apply: [{ log: complete }] });
    sandbox.faults.add({ path: "/actions/apply", nth: 1 }, { kind: "reset" });
    const confirming = confirmRun(server, run, { ...step, look });
    await eventually(() => sandbox.requests.some(({ path }) => path.endsWith("/apply")), "no confirmation");
    sandbox.someoneElse.confirms(run);
    expect(await confirming).toMatchObject({ result: "unknown", answers: ["unanswered"] });
  });

  test("HCP Terraform: a saved plan goes stale when another run is applied", async () => {
    const { server } = await start("hcp");
    const saved = await planned({}, "planned_and_saved", { "save-plan": true });
    const other = await planned({ apply: [{ log: complete }] });
    sandbox.someoneElse.confirms(other);
    await waitForStatus(sandbox, other, "applied");
    const outcome = await confirmRun(server, saved, { ...step, look });
    expect(outcome).toMatchObject({ result: "not-confirmable", run: { status: "discarded" }, answers: [] });
  });
});

describe("what OTF calls its ends", () => {
  test("an apply with an import is errored, although its log says that it is complete", async () => {
    const { server } = await start("otf");
    const line = "Apply complete! Resources: 1 imported, 1 added, 0 changed, 0 destroyed.\n";
    const imported = { ...counts, import: 1 };
    const run = await planned({ apply: [{ log: line }], counts: imported });
    await confirmRun(server, run, { ...step, look });
    expect(await follow(server, run)).toMatchObject({
      ending: "errored",
      logSaysComplete: true,
      counts: imported,
    });
  });

  test("canceled after it was applied is applied", async () => {
    const { server } = await start("otf");
    const run = await planned({ apply: [{ log: complete }] });
    await confirmRun(server, run, { ...step, look });
    await waitForStatus(sandbox, run, "applied");
    sandbox.someoneElse.cancels(run);
    expect(await follow(server, run)).toMatchObject({ ending: "applied", run: { status: "canceled" } });
  });

  test("canceled by a team while it is applied: the engine goes on, nothing is proven", async () => {
    const { server } = await start("otf");
    const ending = Promise.withResolvers<void>();
    const run = await planned({
      apply: [{ until: () => ending.promise }, { log: complete }],
      state: state({}),
    });
    await confirmRun(server, run, { ...step, look });
    await waitForStatus(sandbox, run, "applying");
    const path = `${sandbox.world.profile.apiPath}runs/${run}/actions/cancel`;
    await ask(sandbox, path, { method: "POST", json: {}, token: sandbox.tokens.write });
    expect(await follow(server, run)).toMatchObject({ ending: "canceled", apply: { status: "canceled" } });
    ending.resolve();
    await expect.poll(() => sandbox.workspace("demo").states.length).toBe(1);
  });
});

test("who locked a workspace, and why", async () => {
  const { server } = await start("hcp");
  sandbox.lock("demo", "audit");
  expect(await server.readWorkspace("acme", "demo")).toMatchObject({
    ...{ locked: true, lockedReason: "audit", lockedBy: { kind: "users", id: "user-somebody" } },
  });
});

test("a merged pull request, found by the commit", async () => {
  await start("hcp");
  const sha = "c".repeat(40);
  sandbox.github.merge(sha);
  const client = await openGitHub({
    ...{ token: sandbox.github.tokens.bot, apiUrl: sandbox.github.url, userAgent: "test" },
    graphqlUrl: `${sandbox.github.url}/graphql`,
  });
  const { pulls, complete: all } = await pullRequestsOfCommit(client, { owner: "acme", repo: "infra" }, sha);
  expect([pulls.length, all, pulls[0]]).toMatchObject([1, true, { number: 1, merged: true, mergeSha: sha }]);
  const listed = await ask(sandbox, `${sandbox.github.url}/repos/acme/infra/commits/${sha}/pulls`, {
    token: sandbox.github.tokens.bot,
  });
  expect(JSON.stringify(listed.json)).not.toContain('"merged":');
});
