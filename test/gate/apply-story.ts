// What src/commands does around the gate, request by request, against the world in memory. `turn` is called before each
// request: that is when the adversary acts.
import { bindRun } from "../../src/gate/bind-run.ts";
import {
  beforeConfirm,
  decideByAutoApprove,
  decideByRunId,
  decideNewRun,
  decideWay,
  verifyNewRun,
} from "../../src/gate/decision.ts";
import { type ApplyEnding, applyEnding, type Confirmation } from "../../src/gate/endings.ts";
import type { Asked, Content, Decision, Hold, PlanReading, RunFacts } from "../../src/gate/facts.ts";
import type { RunFlags } from "../../src/gate/flags.ts";
import { mergedPullRequest } from "../../src/gate/pull-request.ts";
import { type Candidate, decideByReview } from "../../src/gate/review.ts";
import { digestOf } from "./facts.ts";
import {
  confirm,
  createRun,
  digestOfTree,
  finishPlan,
  type ModelRun,
  setRun,
  sha,
  type World,
} from "./world.ts";

export type Job = {
  flags: RunFlags;
  requireSameArchive: boolean;
  runId: string;
  autoApprove: boolean;
  /** What the job checked out: the merged tree, unless somebody tampers with it. */
  tree: number;
};

export type StoryEnd =
  | { hold: Hold }
  | { ending: ApplyEnding; runId: string; way: string }
  | { noChanges: true };

export type Story = { world: World; job: Job; asked: Asked; turn: () => void; own: ModelRun | undefined };

export function applyStory(world: World, job: Job, turn: () => void): StoryEnd {
  const asked: Asked = {
    workspaceId: "ws-1",
    flags: job.flags,
    requireSameArchive: job.requireSameArchive,
    archiveDigest: digestOfTree(job.tree),
  };
  const story: Story = { world, job, asked, turn, own: undefined };
  const end = carryOut(story, firstDecision(story));
  // Whatever was not confirmed is removed.
  if (!("ending" in end) && story.own !== undefined) discard(story.own);
  return end;
}

function firstDecision(story: Story): Decision {
  const { job } = story;
  const way = decideWay(job);
  if (typeof way !== "string") return way;
  if (way === "auto-approve") return decideByAutoApprove();
  if (way === "review") return reviewDecision(story);
  const run = readRun(story, job.runId);
  const content = run === undefined ? { unavailable: "unknown" } : readContent(story, job.runId);
  return decideByRunId(story.asked, { runId: job.runId, run, content });
}

function reviewDecision({ ...story }: Story): Decision {
  const { world, asked } = story;
  story.turn();
  const commit = { sha: sha(900), branch: "main", repository: "acme/infra", complete: true };
  const found = mergedPullRequest([world.pull], commit);
  if ("next" in found) return found;
  story.turn();
  const inWorkspace = world.runs
    .filter(({ facts }) => facts.workspaceId === "ws-1")
    .map(({ facts }) => facts.id);
  const ids = new Set([...(world.comment === undefined ? [] : [world.comment]), ...inWorkspace]);
  const trees = {
    head: digestOfTree(world.headTree),
    merge: digestOfTree(world.mergeTree),
    current: asked.archiveDigest,
  };
  const subject = { pullRequest: found.pullRequest, workspaceId: "ws-1", trees };
  const candidates = [...ids].flatMap((id): Candidate[] => {
    const run = readRun(story, id);
    if (run === undefined) return [];
    const first = bindRun(run, subject);
    const content = "needs" in first ? readContent(story, id) : { unavailable: "not looked at" };
    const binding = "needs" in first ? bindRun(run, subject, content) : first;
    const isBound = "bound" in binding && binding.bound !== undefined;
    return [
      { run, binding, content, plan: isBound ? readPlan(story, id) : { unavailable: "not looked at" } },
    ];
  });
  return decideByReview(asked, { candidates, complete: true });
}

function carryOut(story: Story, decision: Decision): StoryEnd {
  if (decision.next === "hold") return { hold: decision };
  if (decision.next === "no-changes") return { noChanges: true };
  if (decision.next === "confirm") return confirmRun(story, decision.run, decision.way);
  const { world, job, asked } = story;
  story.turn();
  const madeFor = { number: 12, sha: sha(900) };
  const own = createRun(world, { flags: job.flags, planOnly: false, tree: job.tree, madeFor });
  story.own = own;
  const again = readRun(story, own.facts.id);
  const wrong = verifyNewRun(asked, own.facts) ?? (again && verifyNewRun(asked, again));
  if (wrong !== undefined) return { hold: wrong };
  story.turn();
  finishPlan(world, own);
  const run = readRun(story, own.facts.id) ?? own.facts;
  const fresh = { run, plan: readPlan(story, run.id), content: readContent(story, run.id) };
  return carryOut(story, decideNewRun(asked, { review: decision.review, fresh, notes: decision.notes }));
}

function confirmRun(story: Story, decided: RunFacts, way: string): StoryEnd {
  for (let looks = 0; ; looks += 1) {
    const content = readContent(story, decided.id);
    const now = readRun(story, decided.id) ?? decided;
    const look = beforeConfirm(story.asked, { decided, now, content });
    if (look.next === "hold") return { hold: look };
    if (look.next === "confirm") break;
    if (looks === 3) return { hold: { next: "hold", reason: "server", sentence: "stale" } };
  }
  const confirmation = settle(story, decided.id);
  const { status } = story.world.runs.find(({ facts }) => facts.id === decided.id)?.facts ?? decided;
  const rest = { applyStatus: undefined, appliedAt: undefined, stopped: undefined, logSaysComplete: false };
  return {
    ending: applyEnding({ runId: decided.id, status, confirmation, ...rest }),
    runId: decided.id,
    way,
  };
}

/** As src/run/confirm.ts does it on a server that keeps no comments. */
function settle(story: Story, runId: string): Confirmation {
  const answers: Confirmation[] = [];
  for (let posts = 0; posts < 3; posts += 1) {
    story.turn();
    answers.push(confirm(story.world, runId));
    if (answers.includes("accepted")) return "accepted";
    let isAtRest = true;
    for (let reads = 0; reads < 3; reads += 1) isAtRest &&= readRun(story, runId)?.confirmable === true;
    if (!isAtRest || answers.at(-1) === "refused") break;
  }
  return answers.includes("unanswered") ? "unanswered" : "refused";
}

function readRun({ world, turn }: Story, id: string): RunFacts | undefined {
  turn();
  world.clock += 1;
  const run = world.runs.find(({ facts }) => facts.id === id);
  if (world.staleReads === 0 || run === undefined) return run?.facts;
  world.staleReads -= 1;
  return run.earlier.at(-1) ?? run.facts;
}

function readContent({ world, turn }: Story, id: string): Content {
  turn();
  const tree = world.runs.find(({ facts }) => facts.id === id)?.trees.at(-1);
  if (!world.profile.downloads || tree === undefined) return { unavailable: "404" };
  return { digest: digestOfTree(tree) };
}

const digests = new Map<string, PlanReading>();

function readPlan({ world, turn }: Story, id: string): PlanReading {
  turn();
  const run = world.runs.find(({ facts }) => facts.id === id);
  const form = world.profile.planJson;
  if (form === "none" || run === undefined || run.plan === null) return { unavailable: "404" };
  const text = JSON.stringify(run.plan);
  // A redacted plan has none of the sensitive values.
  const isHidden = form === "redacted" && text.includes("after_sensitive");
  const sent = isHidden ? text.replace(/"secret":\d/, '"secret":null') : text;
  const key = form + sent;
  const known = digests.get(key) ?? digestOf(JSON.parse(sent), form);
  digests.set(key, known);
  return known;
}

function discard(run: ModelRun): void {
  const isLive = !["applied", "discarded", "errored", "canceled"].includes(run.facts.status);
  if (isLive) setRun(run, { status: "discarded", confirmable: false });
}
