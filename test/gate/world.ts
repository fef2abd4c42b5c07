// The world of the model-based test: the sandbox's TFE and GitHub servers without sockets, an engine whose plans are a pure
// function of numbers (a tree of files, the state, a variable, a secret), so that the truth is known, and what passes between
// the action and the servers.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { type Archive, packDirectory } from "../../src/archive/pack.ts";
import type { RunFlags } from "../../src/gate/flags.ts";
import type { JsonValue } from "../../src/json.ts";
import { redactPlan } from "../sandbox/engine/redact.ts";
import { makeGitHub } from "../sandbox/github/server.ts";
import type { Exchange, Reply } from "../sandbox/http/exchange.ts";
import { type Between, reset } from "../sandbox/in-process.ts";
import { newWorkspace } from "../sandbox/new-workspace.ts";
import { makeWorld, tokens } from "../sandbox/new-world.ts";
import type { Profile } from "../sandbox/profiles.ts";
import { tfeApi } from "../sandbox/tfe/api.ts";
import { problem } from "../sandbox/tfe/json-api.ts";
import type { Engine, EngineResult, Job, Run, World as Servers, Workspace } from "../sandbox/world.ts";
import { resource } from "./facts.ts";

/** What kind of server it is, and with which token the action applies. */
export type Kind = {
  server: "hcp" | "otf" | "terrakube";
  role: "owner" | "write" | "plan" | "organization";
  downloads: boolean;
  /** Answers and keeps `auto-apply: true` whatever is asked for. */
  forcesAutoApply: boolean;
  /** Ignores an option without a word. */
  ignores: "is-destroy" | undefined;
};

/** What is true of a run, whatever the server tells. */
export type Truth = {
  /** Made by the step under test. */
  own: boolean;
  tree: number;
  /** Everything that its configuration version has held. */
  trees: number[];
  plan: string;
  /** The pull request and head it was made for, whatever its message says. */
  madeFor: { number: number; sha: string };
};

/** A `POST actions/apply` of the step. `afterAccepted`: an earlier one had been taken. */
export type ApplyRequest = { runId: string; accepted: boolean; lost: boolean; afterAccepted: boolean };

export type World = {
  kind: Kind;
  servers: Servers;
  github: ReturnType<typeof makeGitHub>;
  /** Asks the TFE server as somebody else, an owner. */
  ask: (method: string, path: string, body?: JsonValue | Buffer) => Promise<Reply>;
  workspace: Workspace;
  other: Workspace;
  truths: Map<string, Truth>;
  state: number;
  variable: number;
  secret: number;
  headTree: number;
  mergeTree: number;
  baseMoved: boolean;
  headSha: string;
  merged: boolean;
  /** The next readings of runs and lists answer something older. */
  stale: number;
  wasStale: boolean;
  /** What becomes of the next messages that change something. */
  lost: ("request" | "answer")[];
  applies: ApplyRequest[];
  requests: number;
  /** Requests that are on their way. */
  passing: number;
  /** Somebody cancels the job, or its time is over. */
  interrupt: (why?: "interrupted" | "timeout") => void;
  /** What the engine does instead of planning or applying well. */
  onPlan: EngineHook | undefined;
  onApply: EngineHook | undefined;
  /** What became of the applies, by the id of their run. */
  done: Map<string, Done>;
  unreachable: boolean;
  /** The status of every answer to a confirmation. */
  refusesApply: number | undefined;
};

export type Done = "nothing" | "it goes on" | "a part" | "all of it";
export type EngineHook = (job: Job) => Promise<Partial<EngineResult> | undefined>;

export const mergeSha = "c".repeat(40);
export const sha = (n: number): string => n.toString(16).padStart(40, "a");

/** A second later on everybody's clock. */
export function tick(): void {
  vi.setSystemTime(Date.now() + 1000);
}

const TREES = 16;
const folder = mkdtempSync(join(tmpdir(), "gate-"));
const bytes: Buffer[] = [];
export const archives: Archive[] = [];

/** Packs the trees that anybody may upload; to be called once. */
export async function packTrees(): Promise<void> {
  for (let tree = 0; tree < TREES; tree++) {
    const root = join(folder, String(tree));
    mkdirSync(join(root, "files"), { recursive: true });
    writeFileSync(join(root, "files", "main.tf"), `# ${tree}\n`);
    const archive = await packDirectory({
      ...{ root: join(root, "files"), repositoryRoot: join(root, "files"), ignore: [], secrets: [] },
      ...{ destination: join(root, "archive.tar.gz"), signal: new AbortController().signal },
    });
    archives.push(archive);
    bytes.push(readFileSync(archive.file));
  }
}

export function archiveOf(tree: number): Archive {
  const archive = archives[tree];
  if (archive === undefined) throw new Error(`no tree ${tree}`);
  return archive;
}

export const bytesOf = (tree: number): Buffer => bytes[tree] ?? Buffer.alloc(0);
const treeOf = (archive: Buffer | undefined): number =>
  bytes.findIndex((known) => archive !== undefined && known.equals(archive));

export function createWorld(kind: Kind): World {
  const servers = makeWorld({ profile: kind.server, engine: "recorded", settings: { startDelayMs: 0 } });
  servers.profile = { ...servers.profile, ...changed(kind, servers.profile) };
  const [workspace, other] = ["demo", "other"].map((name) => newWorkspace(servers, "acme", name));
  if (workspace === undefined || other === undefined) throw new Error("no workspaces");
  servers.workspaces.push(workspace, other);
  const handle = tfeApi(servers);
  const github = makeGitHub();
  github.world.origin = "https://github.test";
  const world: World = {
    ...{ kind, servers, github, workspace, other, truths: new Map(), state: 0, variable: 0, secret: 0 },
    ...{ headTree: 1, mergeTree: 1, baseMoved: false, headSha: sha(1), merged: false },
    ...{
      stale: 0,
      wasStale: false,
      lost: [],
      applies: [],
      requests: 0,
      passing: 0,
      interrupt: () => undefined,
    },
    ...{
      onPlan: undefined,
      onApply: undefined,
      done: new Map(),
      unreachable: false,
      refusesApply: undefined,
    },
    ask: (method, path, body) => handle(exchangeOf(method, path, body)),
  };
  servers.engine = engineOf(world);
  if (kind.forcesAutoApply) forceAutoApply(servers.runs);
  github.pull({ headSha: world.headSha });
  tick();
  return world;
}

function changed(kind: Kind, { ignoredRunAttributes }: Profile): Partial<Profile> {
  return {
    ignoredRunAttributes: [...ignoredRunAttributes, ...(kind.ignores === undefined ? [] : [kind.ignores])],
  };
}

function forceAutoApply(runs: Run[]): void {
  const push = runs.push.bind(runs);
  runs.push = (...made) => {
    for (const { attributes } of made) attributes.autoApply = !attributes.planOnly;
    return push(...made);
  };
}

function exchangeOf(method: string, path: string, body: JsonValue | Buffer = {}): Exchange {
  const url = new URL(path, "https://tfe.test");
  const isSigned = url.pathname.startsWith("/_signed/");
  const headers: Record<string, string> = isSigned
    ? {}
    : { authorization: `Bearer ${tokens.owner}`, "content-type": "application/vnd.api+json" };
  return {
    ...{ method, url, params: {}, headers },
    body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
  };
}

function engineOf(world: World): Engine {
  return {
    name: "numbers",
    plan: async (job) => {
      const { run, archive, log } = job;
      const tree = treeOf(archive);
      const planJson = planOf(tree, world, run.attributes);
      const truth = world.truths.get(run.id) ?? ownTruth(tree);
      world.truths.set(run.id, { ...truth, tree, plan: JSON.stringify(planJson) });
      log("Plan: 0 to add, 1 to change, 0 to destroy.\n");
      const redactedJson = redactPlan(planJson, { format_version: "1.0", provider_schemas: {} });
      const counts = { add: 0, change: 1, destroy: 0, import: 0 };
      return { ok: true, hasChanges: true, counts, planJson, redactedJson, ...(await world.onPlan?.(job)) };
    },
    apply: async (job) => {
      const isHere = job.run.workspaceId === world.workspace.id;
      world.done.set(job.run.id, "it goes on");
      const counts = { add: 0, change: 1, destroy: 0, import: 0 };
      const result = { ok: true, counts, ...(await world.onApply?.(job)) };
      job.log(result.ok ? "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.\n" : "Error: no\n");
      if (isHere) world.state += 1;
      world.done.set(job.run.id, result.ok ? "all of it" : "a part");
      return result;
    },
  };
}

/** Runs that nobody has told of are the step's. */
function ownTruth(tree: number): Truth {
  return { own: true, tree, trees: [tree], plan: "", madeFor: { number: 1, sha: mergeSha } };
}

type Shape = { isDestroy: boolean; targetAddrs: string[] };

/** Some trees plan the same; some differences are in values only, one in a sensitive one. */
export function planOf(tree: number, world: World, { isDestroy, targetAddrs }: Shape): JsonValue {
  const after = { tree: Math.floor(tree / 2), targets: targetAddrs.length, secret: world.secret };
  const change = {
    actions: [isDestroy ? "delete" : "update"],
    before: { state: world.state },
    after: isDestroy ? null : after,
    after_unknown: isDestroy ? false : { id: true },
    before_sensitive: false,
    after_sensitive: world.secret > 0 && !isDestroy ? { secret: true } : {},
  };
  const output = { actions: ["update"], before: 0, after: world.variable, after_unknown: false };
  return {
    ...{ format_version: "1.2", resource_changes: [resource({ change })] },
    output_changes: { v: { ...output, before_sensitive: false, after_sensitive: false } },
  };
}

/** Lets the servers go on until nothing moves any more. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 6; turns++) await new Promise((resolve) => setImmediate(resolve));
}

export type NewRun = {
  flags: RunFlags;
  planOnly: boolean;
  save?: boolean;
  tree: number;
  workspace?: Workspace;
  message: string;
  madeFor: Truth["madeFor"];
};

/** Somebody makes a run and waits for its plan. */
export async function makeRun(world: World, given: NewRun): Promise<void> {
  tick();
  const { flags, planOnly, tree, madeFor } = given;
  const workspace = given.workspace ?? world.workspace;
  const api = world.servers.profile.apiPath;
  const version = dataOf(
    await world.ask("POST", `${api}workspaces/${workspace.id}/configuration-versions`, {
      data: {
        type: "configuration-versions",
        attributes: { "auto-queue-runs": false, speculative: planOnly },
      },
    }),
  );
  await world.ask("PUT", version.uploadUrl, bytesOf(tree));
  const run = dataOf(
    await world.ask("POST", `${api}runs`, {
      data: {
        type: "runs",
        attributes: {
          ...{ message: given.message, "is-destroy": flags.destroy, "plan-only": planOnly },
          ...{ "target-addrs": flags.targets, "save-plan": given.save ?? false, "auto-apply": false },
        },
        relationships: {
          workspace: { data: { type: "workspaces", id: workspace.id } },
          "configuration-version": { data: { type: "configuration-versions", id: version.id } },
        },
      },
    }),
  );
  const known = world.truths.get(run.id);
  const truth = { own: false, tree, trees: [tree], plan: known?.plan ?? "", madeFor };
  world.truths.set(run.id, truth);
  await settled();
}

type Made = { data: { id: string; attributes: { "upload-url"?: string } } };

function dataOf(reply: Reply): { id: string; uploadUrl: string } {
  if (reply.status !== 201) throw new Error(`not made: ${reply.status} ${String(reply.body)}`);
  const { data }: Made = JSON.parse(String(reply.body));
  return { id: data.id, uploadUrl: data.attributes["upload-url"] ?? "" };
}

/** Called before each request of the step. */
export type Turn = (request: { method: string; path: string }) => Promise<void>;

/** What passes between the step and a server: the adversary acts first, then messages are lost or answered as before. */
export function betweenOf(world: World, turn: Turn): Between {
  const earlier = new Map<string, Reply[]>();
  const pass: Between = async ({ method, path, answer }) => {
    tick();
    await turn({ method, path });
    if (world.unreachable) throw reset();
    if (path.endsWith("/download") && !world.kind.downloads) return problem(404, "no such path");
    if (method === "GET") return maybeStale(world, earlier, { path, answer });
    const fault = world.lost.shift();
    const isApply = path.endsWith("/actions/apply");
    const afterAccepted = world.applies.some(({ accepted }) => accepted);
    const request = { runId: path.split("/").at(-3) ?? "", accepted: false, lost: fault !== undefined };
    const record: ApplyRequest = { ...request, afterAccepted };
    if (isApply) world.applies.push(record);
    if (fault === "request") throw reset();
    if (isApply && world.refusesApply !== undefined) return problem(world.refusesApply, "not now");
    const reply = await answer();
    record.accepted = reply.status < 300;
    await settled();
    if (fault === "answer") throw reset();
    return reply;
  };
  return async (passing) => {
    world.requests += 1;
    world.passing += 1;
    return pass(passing).finally(() => {
      world.passing -= 1;
    });
  };
}

type Reading = { path: string; answer: () => Promise<Reply> };

async function maybeStale(
  world: World,
  earlier: Map<string, Reply[]>,
  { path, answer }: Reading,
): Promise<Reply> {
  const isOfRun = /\/runs(\/run-[^/]+)?$/.test(path);
  if (!isOfRun) return answer();
  const known = earlier.get(path) ?? [];
  earlier.set(path, known);
  const old = known.at(-2);
  if (world.stale > 0 && old !== undefined) {
    world.stale -= 1;
    world.wasStale = true;
    return old;
  }
  const reply = await answer();
  known.push(reply);
  return reply;
}
