// A small world for the model-based test: a TACOS and GitHub in memory, and what an adversary can do to them. Everything is
// numbers: a tree of files, the state, a variable. A plan is a pure function of them, so that the truth is known.
import { withBinding } from "../../src/gate/binding.ts";
import type { RunFacts } from "../../src/gate/facts.ts";
import type { RunFlags } from "../../src/gate/flags.ts";
import type { PullRequestFacts } from "../../src/gate/pull-request.ts";
import type { JsonValue } from "../../src/json.ts";
import { resource } from "./facts.ts";

/** What kind of server it is. */
export type Profile = {
  keepsMessage: boolean;
  savesPlans: boolean;
  downloads: boolean;
  planJson: "plain" | "redacted" | "none";
  /** Answers `auto-apply: true` whatever is asked for. */
  forcesAutoApply: boolean;
  /** Says of every run that it can be confirmed, as Terrakube does. */
  confirmsAll: boolean;
  /** Ignores an option without a word. */
  ignores: keyof RunFlags | undefined;
};

export type ModelRun = {
  facts: RunFacts;
  /** What it was planned from; what its configuration version held at any time, the last being now. */
  plannedTree: number;
  trees: number[];
  plan: JsonValue;
  saved: boolean;
  /** The pull request and head that it was made for, whatever its message says. */
  madeFor: { number: number; sha: string };
  confirmedAt: string | undefined;
  /** What the server answered before, for stale answers. */
  earlier: RunFacts[];
};

export type World = {
  profile: Profile;
  clock: number;
  runs: ModelRun[];
  state: number;
  variable: number;
  /** A value that plans hold as sensitive, 0: none. */
  secret: number;
  /** Runs that the server applied by itself. */
  selfApplied: string[];
  pull: PullRequestFacts;
  headTree: number;
  mergeTree: number;
  baseMoved: boolean;
  /** Run that the pull request's comment names: a hint that anybody may edit. */
  comment: string | undefined;
  /** The next read of a run answers something older. */
  staleReads: number;
  /** Every `POST actions/apply` of the story, with whether the server took it. */
  applies: { runId: string; accepted: boolean; lost: boolean }[];
  /** What becomes of the next confirmations on their way. */
  lost: ("request" | "answer")[];
};

export const sha = (n: number): string => n.toString(16).padStart(40, "a");
export const digestOfTree = (tree: number): string => (tree + 1).toString(16).padStart(16, "0").repeat(4);
export const time = (clock: number): string => new Date(Date.UTC(2026, 0, 1) + clock * 1000).toISOString();

export function createWorld(profile: Profile): World {
  const pull: PullRequestFacts = {
    number: 12,
    repository: "acme/infra",
    baseBranch: "main",
    merged: false,
    headSha: sha(1),
    mergeSha: undefined,
    mergedAt: undefined,
  };
  return {
    ...{
      profile,
      clock: 1,
      runs: [],
      state: 0,
      variable: 0,
      secret: 0,
      selfApplied: [],
      pull,
      headTree: 1,
      mergeTree: 1,
    },
    ...{ baseMoved: false, comment: undefined, staleReads: 0, applies: [], lost: [] },
  };
}

/** Some differences hide in values only, one in a sensitive one. */
export function planOf(tree: number, world: World, flags: RunFlags): JsonValue {
  const change = {
    actions: [flags.destroy ? "delete" : "update"],
    before: { state: world.state },
    after: flags.destroy
      ? null
      : { tree: Math.floor(tree / 2), targets: flags.targets.length, secret: world.secret },
    after_unknown: { id: true },
    ...(world.secret > 0 && { after_sensitive: { secret: true } }),
  };
  const output = { actions: ["update"], before: 0, after: world.variable };
  return { resource_changes: [resource({ change })], output_changes: { v: output } };
}

export type NewRun = {
  flags: RunFlags;
  planOnly: boolean;
  save?: boolean;
  tree: number;
  workspaceId?: string;
  title?: string;
  madeFor: { number: number; sha: string };
};

/** `POST /runs`; it is planned when `finishPlan` is called. The answer echoes what a later read may have lost. */
export function createRun(world: World, given: NewRun): ModelRun {
  world.clock += 1;
  const { profile } = world;
  const id = `run-${world.runs.length + 1}`;
  const { number, sha: headSha } = given.madeFor;
  const binding = {
    repository: "acme/infra",
    pullRequest: number,
    headSha,
    digest: digestOfTree(given.tree),
  };
  const defaults: RunFlags = {
    destroy: false,
    refreshOnly: false,
    refresh: true,
    targets: [],
    replace: [],
    variables: [],
  };
  const ignored = profile.ignores === undefined ? {} : { [profile.ignores]: defaults[profile.ignores] };
  const flags = { ...given.flags, ...ignored };
  const facts: RunFacts = {
    id,
    workspaceId: given.workspaceId ?? "ws-1",
    configurationVersionId: `cv-${id}`,
    planId: `plan-${id}`,
    status: "planning",
    planStatus: "running",
    planOnly: given.planOnly,
    autoApply: profile.forcesAutoApply,
    hasChanges: undefined,
    confirmable: false,
    canApply: true,
    message: profile.keepsMessage ? withBinding(given.title ?? "", binding) : "",
    createdAt: time(world.clock),
    flags,
  };
  const saved = given.save === true && profile.savesPlans;
  const run: ModelRun = {
    ...{ facts, plannedTree: given.tree, trees: [given.tree], plan: null, saved, confirmedAt: undefined },
    ...{ madeFor: given.madeFor, earlier: [facts] },
  };
  world.runs.push(run);
  return run;
}

export function setRun(run: ModelRun, change: Partial<RunFacts>): void {
  run.earlier.push(run.facts);
  run.facts = { ...run.facts, ...change };
}

export function finishPlan(world: World, run: ModelRun): void {
  if (run.facts.status !== "planning") return;
  run.plan = planOf(run.plannedTree, world, run.facts.flags as RunFlags);
  const { confirmsAll, forcesAutoApply } = world.profile;
  const waits = { status: run.saved ? "planned_and_saved" : "planned", confirmable: true };
  const ended = { status: "planned_and_finished", confirmable: confirmsAll };
  const isPlanOnly = run.facts.planOnly === true;
  setRun(run, { planStatus: "finished", hasChanges: true, ...(isPlanOnly ? ended : waits) });
  if (!forcesAutoApply || isPlanOnly) return;
  world.selfApplied.push(run.facts.id);
  applyRun(world, run);
}

/** What applying a run does: the state is another one, and what was saved before is stale. */
export function applyRun(world: World, run: ModelRun): void {
  world.state = world.state + 1;
  world.clock += 1;
  run.confirmedAt = time(world.clock);
  setRun(run, { status: "applied", confirmable: false });
  for (const other of world.runs) {
    if (other.facts.status === "planned_and_saved")
      setRun(other, { status: "discarded", confirmable: false });
  }
}

export function merge(world: World): void {
  world.clock += 1;
  world.mergeTree = world.headTree + (world.baseMoved ? 8 : 0);
  world.pull = { ...world.pull, merged: true, mergeSha: sha(900), mergedAt: time(world.clock) };
  world.clock += 1;
}

/** `POST actions/apply` of the story. */
export function confirm(world: World, runId: string): "accepted" | "refused" | "unanswered" {
  const fault = world.lost.shift();
  const run = world.runs.find(({ facts }) => facts.id === runId);
  const waits = run?.facts.confirmable === true && run.facts.planOnly === false;
  const isTaken = fault !== "request" && waits && run.facts.status.startsWith("planned");
  world.applies.push({ runId, accepted: isTaken, lost: fault !== undefined });
  if (isTaken && run !== undefined) applyRun(world, run);
  if (fault !== undefined) return "unanswered";
  return isTaken ? "accepted" : "refused";
}
