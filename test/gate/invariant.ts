// The invariant, in terms of what the world holds and no decision of the gate.
import { expect } from "vitest";
import type { RunFlags } from "../../src/gate/flags.ts";
import type { Run } from "../sandbox/world.ts";
import type { Applied } from "./step.ts";
import type { Truth, World } from "./world.ts";

export type Asked = {
  strict: boolean;
  autoApprove: boolean;
  runId: string;
  tree: number;
  flags: RunFlags;
};

/** How a story ended, for the count of what was seen: way and status, else the reason. */
export type Told = string;

type Reviewed = { run: Run; truth: Truth; flags: string };

/** Runs a story and checks what it did. */
export async function checkStory(world: World, asked: Asked, story: () => Promise<Applied>): Promise<Told> {
  const before = reviews(world);
  const own = new Set(world.servers.runs.map(({ id }) => id));
  Object.assign(world, { applies: [], wasStale: false });
  const { end } = await story();
  const { applies } = world;
  const made = world.servers.runs.filter(({ id }) => !own.has(id) && world.truths.get(id)?.own === true);
  const [first] = applies;
  expect(new Set(applies.map(({ runId }) => runId)).size).toBeLessThanOrEqual(1);
  expect(applies.filter(({ accepted }) => accepted).length).toBeLessThanOrEqual(1);
  // Repeated only where the first did not count, as far as the server's answers go.
  if (!world.wasStale) expect(applies.filter(({ afterAccepted }) => afterAccepted)).toEqual([]);
  if (first !== undefined) checkApplied(world, asked, { runId: first.runId, before });
  const isClaimed = end.status === "applied";
  if (isClaimed) checkClaim(world, asked, first?.runId);
  if (applies.length === 0 && world.lost.length === 0) checkLeft(world, made);
  const way = asked.runId !== "" ? "run-id" : asked.autoApprove ? "auto-approve" : "";
  const kind = way === "" ? (made.length > 0 ? "compared" : "saved-plan") : way;
  return isClaimed ? `${kind} applied` : (end.failure?.reason ?? end.status);
}

/** Claimed only if the server proved that it was this step's: by its answer, or by its comment. */
function checkClaim(world: World, _asked: Asked, runId: string | undefined): void {
  const run = world.servers.runs.find(({ id }) => id === runId);
  const answered = world.applies.some(({ accepted, lost }) => accepted && !lost);
  const proven = run?.comments.some((text) => text.includes("tofu-remote")) ?? false;
  expect(answered || proven).toBe(true);
  expect(world.applies.some(({ accepted }) => accepted)).toBe(true);
}

/** What the step made and did not confirm does not go on waiting. */
function checkLeft(world: World, made: Run[]): void {
  if (world.kind.forcesAutoApply) return;
  const waiting = made
    .map(({ status }) => status)
    .filter((status) => status === "planned" || status === "pending");
  expect(waiting, "runs that were left").toEqual([]);
}

function checkApplied(
  world: World,
  asked: Asked,
  { runId, before }: { runId: string; before: Reviewed[] },
): void {
  const run = world.servers.runs.find(({ id }) => id === runId);
  const truth = world.truths.get(runId);
  if (run === undefined || truth === undefined) throw new Error(`the apply of no run: ${runId}`);
  expect(run.workspaceId).toBe(world.workspace.id);
  expect(run.attributes.planOnly).toBe(false);
  if (asked.runId !== "") {
    expect(runId).toBe(asked.runId);
    expect(run.attributes.isDestroy).toBe(asked.flags.destroy);
    if (asked.flags.targets.length > 0) expect(run.attributes.targetAddrs).toEqual(asked.flags.targets);
    if (asked.strict) expect(truth.trees).toContain(asked.tree);
    return;
  }
  expect(flagsOf(run)).toBe(JSON.stringify([asked.flags.destroy, asked.flags.targets]));
  if (asked.autoApprove) return;
  const reviewed = [...before, ...reviews(world)].filter(
    ({ truth: other, flags }) => other.plan === truth.plan && flags === flagsOf(run),
  );
  expect(reviewed.length, "runs that were reviewed with this very plan").toBeGreaterThan(0);
  if (!asked.strict) return;
  expect(
    reviewed.some(({ truth: other }) => other.trees.includes(asked.tree)),
    "with this very archive",
  ).toBe(true);
  expect(truth.trees).toContain(asked.tree);
}

function flagsOf({ attributes }: Run): string {
  return JSON.stringify([attributes.isDestroy, attributes.targetAddrs]);
}

/** The runs that are reviews of the pull request, in truth: by what they were made for where the server can tell, else by content. */
function reviews(world: World): Reviewed[] {
  return world.servers.runs.flatMap((run) => {
    const truth = world.truths.get(run.id);
    return truth !== undefined && isReview(world, run, truth)
      ? [{ run, truth: { ...truth, trees: [...truth.trees] }, flags: flagsOf(run) }]
      : [];
  });
}

function isReview(world: World, run: Run, { own, madeFor, trees, tree, plan }: Truth): boolean {
  const [pull] = world.github.world.pulls.filter(({ number }) => number === 1);
  const isInTime = Date.parse(run.createdAt) < Date.parse(pull?.mergedAt ?? "");
  if (run.workspaceId !== world.workspace.id || !isInTime || plan === "") return false;
  if (world.servers.profile.messageLost)
    return trees.some((one) => [world.headTree, world.mergeTree].includes(one));
  // What the step made has no binding in its message, which says so.
  const isForIt = !own && madeFor.number === 1 && pull?.headSha === madeFor.sha;
  // What was replaced after it was planned nobody can tell from what was reviewed.
  return isForIt && (!world.kind.downloads || trees.at(-1) === tree);
}
