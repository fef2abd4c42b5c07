// Model-based: whatever an adversary does, before the merge and between any two requests of an apply, nothing is confirmed
// but what was reviewed, and once. GATE_SEQUENCES sets how many sequences are tried.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunFlags } from "../../src/gate/flags.ts";
import { applyStory, type Job, type StoryEnd } from "./apply-story.ts";
import { flags } from "./facts.ts";
import {
  applyRun,
  createRun,
  createWorld,
  digestOfTree,
  finishPlan,
  type ModelRun,
  merge,
  type Profile,
  setRun,
  sha,
  type World,
} from "./world.ts";

const SEQUENCES = Number(process.env["GATE_SEQUENCES"] ?? 4000);

/** What ways were seen, so that a test in which nothing ever gets applied fails. */
const seen = new Map<string, number>();

/** What the adversary, or just somebody else, does. `pick` chooses a run, `n` a number. */
type Deed = { name: keyof typeof DEEDS; pick: number; n: number };

const chosen = ({ runs }: World, pick: number): ModelRun | undefined => runs[pick % Math.max(1, runs.length)];
const current = ({ pull }: World) => ({ number: 12, sha: pull.headSha ?? "" });
const someFlags = (n: number): RunFlags =>
  n % 4 === 0 ? { ...flags, targets: ["a.b"] } : n % 4 === 1 ? { ...flags, destroy: true } : flags;

function plan(world: World, given: Partial<Parameters<typeof createRun>[1]>): void {
  const run = createRun(world, {
    flags,
    planOnly: true,
    tree: world.headTree,
    madeFor: current(world),
    ...given,
  });
  finishPlan(world, run);
}

const DEEDS = {
  /** The action's own plan of the pull request; a second one is a twin. */
  plan: (world: World) => {
    plan(world, {});
    world.comment = world.runs.at(-1)?.facts.id;
  },
  savePlan: (world: World) => plan(world, { planOnly: false, save: true }),
  planOtherFlags: (world: World, _: number, n: number) => plan(world, { flags: someFlags(n) }),
  planOtherPullRequest: (world: World, _: number, n: number) =>
    plan(world, { tree: n % 2 === 0 ? world.headTree : n, madeFor: { number: 11, sha: current(world).sha } }),
  planOldHead: (world: World) => plan(world, { madeFor: { number: 12, sha: sha(77) } }),
  /** Its title holds what the binding of a review looks like. */
  planHostileTitle: (world: World, _: number, n: number) =>
    plan(world, {
      title: `x · acme/infra#12@${current(world).sha}+${digestOfTree(n).slice(0, 16)}`,
      madeFor: { number: 11, sha: sha(66) },
    }),
  planOtherWorkspace: (world: World) => plan(world, { workspaceId: "ws-2" }),
  push: (world: World, _: number, n: number) => {
    if (world.pull.merged) return;
    world.clock += 1;
    world.headTree = n;
    world.pull = { ...world.pull, headSha: sha(world.clock) };
  },
  /** Another head of the same content. */
  rebase: (world: World) => {
    if (world.pull.merged) return;
    world.clock += 1;
    world.pull = { ...world.pull, headSha: sha(world.clock) };
  },
  moveBase: (world: World) => {
    world.baseMoved = true;
  },
  changeVariable: (world: World, _: number, n: number) => {
    world.variable = n % 3;
  },
  changeSecret: (world: World, _: number, n: number) => {
    world.secret = n % 3;
  },
  changeState: (world: World, _: number, n: number) => {
    world.state = n % 3;
  },
  applyAnother: (world: World, pick: number) => {
    const run = chosen(world, pick);
    if (run?.facts.confirmable === true) applyRun(world, run);
  },
  flipAutoApply: (world: World, pick: number) => {
    const run = chosen(world, pick);
    if (run !== undefined) setRun(run, { autoApply: true });
  },
  swapArchive: (world: World, pick: number, n: number) => {
    chosen(world, pick)?.trees.push(n % 2 === 0 ? world.headTree : n);
  },
  discard: (world: World, pick: number) => {
    const run = chosen(world, pick);
    if (run?.facts.confirmable === true) setRun(run, { status: "discarded", confirmable: false });
  },
  /** OTF calls a run canceled that is cancelled after its end. */
  relabel: (world: World, pick: number) => {
    const run = chosen(world, pick);
    if (run !== undefined) setRun(run, { status: "canceled", confirmable: false });
  },
  fail: (world: World, pick: number) => {
    const run = chosen(world, pick);
    if (run?.facts.status === "planning") setRun(run, { status: "errored", planStatus: "errored" });
  },
  editComment: (world: World, pick: number) => {
    world.comment = chosen(world, pick)?.facts.id;
  },
  deleteComment: (world: World) => {
    world.comment = undefined;
  },
  answerStale: (world: World, _: number, n: number) => {
    world.staleReads = 1 + (n % 3);
  },
  loseRequest: (world: World) => {
    world.lost.push("request");
  },
  loseAnswer: (world: World) => {
    world.lost.push("answer");
  },
  nothing: () => undefined,
} satisfies Record<string, (world: World, pick: number, n: number) => void>;

function act(world: World, { name, pick, n }: Deed): void {
  DEEDS[name](world, pick, n);
}

const names = Object.keys(DEEDS) as (keyof typeof DEEDS)[];
const deedOf = (name: fc.Arbitrary<keyof typeof DEEDS>): fc.Arbitrary<Deed> =>
  fc.record({ name, pick: fc.nat(9), n: fc.nat(5) });
const deed = deedOf(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant("plan" as const) },
    { weight: 9, arbitrary: fc.constantFrom(...names) },
  ),
);
const betweenRequests = deedOf(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant("nothing" as const) },
    { weight: 1, arbitrary: fc.constantFrom(...names) },
  ),
);

const profile: fc.Arbitrary<Profile> = fc.record({
  keepsMessage: fc.boolean(),
  savesPlans: fc.boolean(),
  downloads: fc.oneof(
    { weight: 3, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
  planJson: fc.oneof(
    { weight: 6, arbitrary: fc.constant("plain" as const) },
    { weight: 1, arbitrary: fc.constantFrom("redacted" as const, "none" as const) },
  ),
  forcesAutoApply: fc.oneof(
    { weight: 9, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  confirmsAll: fc.boolean(),
  ignores: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom("destroy" as const, "targets" as const) },
  ),
});

type Request = Omit<Job, "tree" | "runId"> & { pickRun: number | undefined; turns: Deed[] };

const request: fc.Arbitrary<Request> = fc.record({
  flags: fc.oneof(
    { weight: 5, arbitrary: fc.constant(flags) },
    { weight: 1, arbitrary: fc.nat(3).map(someFlags) },
  ),
  requireSameArchive: fc.boolean(),
  autoApprove: fc.oneof(
    { weight: 7, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  pickRun: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(9) }),
  turns: fc.array(betweenRequests, { maxLength: 30 }),
});

/** Whether a run is a review of the pull request, in truth: by what it was made for where the server can tell, else by content. */
function isReview(world: World, run: ModelRun): boolean {
  const { facts, madeFor, trees, plannedTree } = run;
  const { pull } = world;
  const isInTime = Date.parse(facts.createdAt ?? "") < Date.parse(pull.mergedAt ?? "");
  if (facts.workspaceId !== "ws-1" || !isInTime || facts.planStatus !== "finished") return false;
  if (world.profile.keepsMessage) {
    const isForIt = madeFor.number === 12 && [pull.headSha, pull.mergeSha].includes(madeFor.sha);
    return isForIt && (!world.profile.downloads || trees.includes(plannedTree));
  }
  return trees.includes(world.headTree) || trees.includes(world.mergeTree);
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The invariant, in terms of what the world holds and no decision of the gate. */
function check(
  world: World,
  job: Job,
  { reviewsBefore, end }: { reviewsBefore: ModelRun[]; end: StoryEnd },
): void {
  const { applies } = world;
  expect(new Set(applies.map(({ runId }) => runId)).size).toBeLessThanOrEqual(1);
  expect(applies.filter(({ accepted }) => accepted).length).toBeLessThanOrEqual(1);
  const run = world.runs.find(({ facts }) => facts.id === applies[0]?.runId);
  if (run !== undefined) checkApplied(world, job, { run, reviewsBefore });
  const own = world.runs.filter(({ madeFor }) => madeFor.sha === sha(900)).map(({ facts }) => facts.id);
  expect(world.selfApplied.filter((id) => own.includes(id))).toEqual([]);
  const isApplied = "ending" in end && end.ending.applied;
  if (isApplied) expect(applies.some(({ accepted, lost }) => accepted && !lost)).toBe(true);
  const way =
    "ending" in end ? `${end.way} ${end.ending.status}` : "hold" in end ? end.hold.reason : "no changes";
  seen.set(way, (seen.get(way) ?? 0) + 1);
}

function checkApplied(
  world: World,
  job: Job,
  { run, reviewsBefore }: { run: ModelRun; reviewsBefore: ModelRun[] },
): void {
  expect(run.facts).toMatchObject({ workspaceId: "ws-1", planOnly: false });
  if (job.runId !== "") {
    expect(run.facts.id).toBe(job.runId);
    expect(run.facts.flags.destroy).toBe(job.flags.destroy);
    if (job.requireSameArchive) expect(run.trees).toContain(job.tree);
    return;
  }
  expect(run.facts.flags).toEqual(job.flags);
  if (job.autoApprove) return;
  const reviews = new Set([...reviewsBefore, ...world.runs.filter((other) => isReview(world, other))]);
  const reviewed = [...reviews].filter(
    (review) => same(review.plan, run.plan) && same(review.facts.flags, run.facts.flags),
  );
  expect(reviewed.length, "runs that were reviewed with this very plan").toBeGreaterThan(0);
  if (!job.requireSameArchive) return;
  const isSame = (review: ModelRun) =>
    world.profile.keepsMessage ? review.plannedTree === job.tree : review.trees.includes(job.tree);
  expect(reviewed.some(isSame), "with this very archive").toBe(true);
  expect(run.trees).toContain(job.tree);
}

type Model = { merged: boolean };
type Step = fc.Command<Model, World>;

const deedStep = deed.map(
  (done): Step => ({
    check: () => true,
    run: (_model, world) => act(world, done),
    toString: () => `${done.name}(${done.pick}, ${done.n})`,
  }),
);

const mergeStep = fc.constant<Step>({
  check: (model) => !model.merged,
  run: (model, world) => {
    merge(world);
    model.merged = true;
  },
  toString: () => "merge",
});

const applyStep = request.map(
  (asked): Step => ({
    check: () => true,
    run: (_model, world) => {
      const { pickRun, turns, ...rest } = asked;
      const runId = pickRun === undefined ? "" : (chosen(world, pickRun)?.facts.id ?? "run-0");
      const job: Job = { ...rest, runId, tree: world.pull.merged ? world.mergeTree : world.headTree };
      const reviewsBefore = world.runs.filter((run) => isReview(world, run));
      const left = [...turns];
      world.applies = [];
      const end = applyStory(world, job, () =>
        act(world, left.shift() ?? { name: "nothing", pick: 0, n: 0 }),
      );
      check(world, job, { reviewsBefore, end });
    },
    toString: () => `apply ${JSON.stringify(asked)}`,
  }),
);

test(`no apply but of what was reviewed, and never more than one: ${SEQUENCES} sequences`, () => {
  const steps = fc.commands<Model, World>([deedStep, deedStep, mergeStep, applyStep], { maxCommands: 14 });
  // Each sequence ends in a merge and an apply, as one without says little.
  const end = fc.tuple(mergeStep, fc.array(deedStep, { maxLength: 2 }), applyStep);
  fc.assert(
    fc.property(profile, steps, end, (kind, before, [last, deeds, apply]) => {
      const world = createWorld(kind);
      const model: Model = { merged: false };
      fc.modelRun(() => ({ model, real: world }), [...before, last, ...deeds, apply]);
    }),
    { numRuns: SEQUENCES },
  );
  // All of it is void if nothing ever got through.
  for (const way of ["compared applied", "saved-plan applied", "run-id applied", "auto-approve applied"]) {
    expect(seen.get(way) ?? 0, way).toBeGreaterThan(0);
  }
  for (const reason of [
    "plan-changed",
    "no-reviewed-plan",
    "archive-changed",
    "no-structured-plan",
    "server",
  ]) {
    expect(seen.get(reason) ?? 0, reason).toBeGreaterThan(0);
  }
});
