// What an adversary, or just somebody else, does to the world: through the API where that is how it is done.
import { runMessage } from "../../src/commands/message.ts";
import { bindingText } from "../../src/gate/binding.ts";
import type { RunFlags } from "../../src/gate/flags.ts";
import { commentMarker } from "../../src/report/marker.ts";
import type { Run } from "../sandbox/world.ts";
import { flags } from "./facts.ts";
import {
  archiveOf,
  bytesOf,
  makeRun,
  mergeSha,
  type NewRun,
  settled,
  sha,
  tick,
  type World,
} from "./world.ts";

/** `pick` chooses a run, `n` is a number. */
export type Deed = { name: DeedName; pick: number; n: number };
export type DeedName = keyof typeof DEEDS;
type Act = (world: World, pick: number, n: number) => void | Promise<void>;

export const chosen = ({ servers: { runs } }: World, pick: number): Run | undefined =>
  runs[pick % Math.max(1, runs.length)];

export const someFlags = (n: number): RunFlags =>
  n % 4 === 0
    ? { ...flags, targets: ["terraform_data.a"] }
    : n % 4 === 1
      ? { ...flags, destroy: true }
      : flags;

/** The message as `command: plan` writes it for this head of a pull request. */
function messageOf(
  tree: number,
  head: { number: number; sha: string },
  title = "Change the infrastructure",
): string {
  return runMessage({
    ...{ given: undefined, event: { pull_request: { title } }, repository: "acme/infra", actor: "mona" },
    ...{ sha: head.sha, digest: archiveOf(tree).digest, workflowRunId: "9001", workflowRunAttempt: "1" },
    pullRequest: { number: head.number, headSha: head.sha },
  });
}

/** The action's own plan of the pull request's head, unless told otherwise. */
function plan(world: World, given: Partial<NewRun> & { title?: string } = {}): Promise<void> {
  const tree = given.tree ?? world.headTree;
  const madeFor = given.madeFor ?? { number: 1, sha: world.headSha };
  const message = given.message ?? messageOf(tree, madeFor, given.title);
  return makeRun(world, { flags, planOnly: true, ...given, message, tree, madeFor });
}

async function act(world: World, run: Run | undefined, action: string): Promise<void> {
  if (run === undefined) return;
  await world.ask("POST", `${world.servers.profile.apiPath}runs/${run.id}/actions/${action}`);
  await settled();
}

function push(world: World, tree: number): void {
  if (world.merged) return;
  tick();
  world.headTree = tree;
  world.headSha = sha(Math.floor(Date.now() / 1000) % 1_000_000);
  world.github.pull({ headSha: world.headSha });
}

export const DEEDS = {
  plan: (world) => plan(world),
  savePlan: (world) => plan(world, { planOnly: false, save: true }),
  /** One that waits for its confirmation, and so keeps the workspace. */
  planToApply: (world) => plan(world, { planOnly: false }),
  planOtherFlags: (world, _, n) => plan(world, { flags: someFlags(n) }),
  planOtherPullRequest: (world, _, n) =>
    plan(world, { tree: n % 2 === 0 ? world.headTree : n, madeFor: { number: 2, sha: world.headSha } }),
  /** Somebody with the CLI, on what the head holds. */
  planByHand: (world) => plan(world, { message: "Triggered via CLI", madeFor: { number: 0, sha: "" } }),
  planOldHead: (world) => plan(world, { madeFor: { number: 1, sha: sha(77) } }),
  /** Its title holds what the binding of a review looks like. */
  planHostileTitle: (world, _, n) => {
    const binding = { repository: "acme/infra", pullRequest: 1, headSha: world.headSha };
    const title = `x · ${bindingText({ ...binding, digest: archiveOf(n).digest })}`;
    return plan(world, { title, madeFor: { number: 2, sha: sha(66) } });
  },
  planOtherWorkspace: (world) => plan(world, { workspace: world.other }),
  push: (world, _, n) => push(world, n),
  /** Another head of the same content. */
  rebase: (world) => push(world, world.headTree),
  moveBase: (world) => {
    world.baseMoved = true;
  },
  changeVariable: (world, _, n) => {
    world.variable = n % 3;
  },
  changeSecret: (world, _, n) => {
    world.secret = n % 3;
  },
  changeState: (world, _, n) => {
    world.state = n % 3;
  },
  applyAnother: (world, pick) => act(world, chosen(world, pick), "apply"),
  flipAutoApply: (world, pick) => {
    const run = chosen(world, pick);
    if (run !== undefined) run.attributes.autoApply = true;
    world.workspace.autoApply = true;
  },
  /** By the upload URL, which OTF keeps open, or by who administers the server. */
  swapArchive: async (world, pick, n) => {
    const run = chosen(world, pick);
    const version = run && world.servers.configurationVersions.get(run.configurationVersionId);
    if (run === undefined || version === undefined) return;
    const tree = n % 2 === 0 ? world.headTree : n;
    version.archive = bytesOf(tree);
    world.truths.get(run.id)?.trees.push(tree);
  },
  discard: (world, pick) => act(world, chosen(world, pick), "discard"),
  /** OTF calls a run canceled that is cancelled after its end. */
  cancel: (world, pick) => act(world, chosen(world, pick), "cancel"),
  forgeComment: (world, pick, n) => {
    const place = {
      hostname: "tfe.test",
      organization: "acme",
      workspace: "demo",
      directory: ".",
      label: "",
    };
    const body = `${commentMarker(place)}\nRun ${chosen(world, pick)?.id} was reviewed.`;
    world.github.adversary.comments(n % 2 === 0 ? "bot" : "mallory", body);
  },
  editComment: (world, pick) => {
    const [comment] = world.github.comments();
    if (comment === undefined) return;
    world.github.adversary.edits("mallory", comment.id, `${comment.body} ${chosen(world, pick)?.id}`);
  },
  deleteComment: (world) => {
    const [comment] = world.github.comments();
    if (comment !== undefined) world.github.adversary.deletes(comment.id);
  },
  /** Another pull request is said to have been merged as the same commit. */
  mergeAnother: (world) => {
    if (!world.merged) return;
    world.github.pull({ number: 2 });
    world.github.merge(mergeSha, 2);
  },
  answerStale: (world, _, n) => {
    world.stale = 1 + (n % 3);
  },
  loseRequest: (world) => {
    world.lost.push("request");
  },
  loseAnswer: (world) => {
    world.lost.push("answer");
  },
  /** Somebody else confirms the newest run, and what the step sends next is lost. */
  confirmInstead: (world) => {
    world.lost.push("request");
    return act(world, world.servers.runs.at(-1), "apply");
  },
  cancelJob: (world) => world.interrupt(),
  nothing: () => undefined,
} satisfies Record<string, Act>;

export const deedNames = Object.keys(DEEDS) as DeedName[];

export async function doDeed(world: World, { name, pick, n }: Deed): Promise<void> {
  await DEEDS[name](world, pick, n);
}

/** The pull request is merged; if its base moved, as another tree. */
export function mergePull(world: World): void {
  tick();
  world.mergeTree = world.headTree + (world.baseMoved ? 8 : 0);
  world.merged = true;
  world.github.merge(mergeSha);
  tick();
}
