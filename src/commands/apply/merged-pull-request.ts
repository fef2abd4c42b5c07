import { type Hold, hold } from "../../gate/facts.ts";
import { type MergedPullRequest, mergedBeside, mergedPullRequest } from "../../gate/pull-request.ts";
import type { GitHubClient } from "../../github/client.ts";
import {
  type CommitPull,
  pullByNumber,
  pullRequestsOfCommit,
  queueRefOf,
} from "../../github/commit-pulls.ts";
import { type Push, pushOf } from "../../github/push.ts";
import type { Step } from "../step.ts";

/** A merged pull request, and when it was opened (ISO 8601), where GitHub tells. */
export type Merged = { pullRequest: MergedPullRequest; openedAt: string | undefined };

/** The pull request that was merged as this job's commit, and those that the same push merged before it. */
export type MergedByPush = { main: Merged; beside: Merged[] };

const BRANCH = /^refs\/heads\/(.+)$/;
/** How many pull requests and commits of a push are asked for. */
const MOST_ASKED = 50;
/** GitHub may need a moment to know of a merge; how often and after how long it is asked again. */
const PAUSES = [1000, 3000];

/**
 * The pull requests that were merged into this job's branch by its push, asked of GitHub. What a list or a commit's subject
 * names is read again by its number, and counts as that tells. Throws the signal's reason only.
 */
export async function findMergedByPush(step: Step): Promise<MergedByPush | Hold> {
  const { context, github, clock, signal } = step;
  const branch = BRANCH.exec(context.ref)?.[1];
  if (branch === undefined || queueRefOf(context.ref) !== undefined) return wrongRef(context.ref);
  const client = await github();
  if (client === undefined) {
    return hold("no-reviewed-plan", "Without `github-token` the merged pull request cannot be found.");
  }
  let seen = await look(step, client, branch);
  for (const pause of PAUSES) {
    if (!seen.late) break;
    await clock.sleep(pause, signal);
    seen = await look(step, client, branch);
  }
  return seen.found;
}

function wrongRef(ref: string): Hold {
  const isQueue = queueRefOf(ref) !== undefined;
  const sentence = isQueue
    ? "The merge queue has not merged yet: a reviewed plan is applied on the push to the branch that follows."
    : `A reviewed plan is applied on the branch it was merged into, not on ${ref}.`;
  return hold("no-reviewed-plan", sentence);
}

/** `late`: a pull request that a commit names is not merged yet, as far as GitHub tells now. */
async function look(
  { context }: Step,
  client: GitHubClient,
  branch: string,
): Promise<{ found: MergedByPush | Hold; late: boolean }> {
  const { repository, sha } = context;
  const [owner = "", repo = ""] = repository.split("/");
  const place = { owner, repo };
  const push = pushOf(context.eventName === "push" ? context.event : {});
  const { pulls, named, problem } = await pullsOf(client, place, { push, sha });
  const found = mergedPullRequest(pulls, { sha, branch, repository, complete: problem === "" });
  if ("next" in found) {
    const late = pulls.some(({ number, merged }) => !merged && named.has(number));
    return { found: { ...found, sentence: `${found.sentence} ${problem}`.trim() }, late };
  }
  const main = withOpening(pulls, found.pullRequest);
  const shas = new Set(push.commits.map((commit) => commit.sha));
  const beside = mergedBeside(pulls, { shas, branch, main: main.pullRequest });
  return { found: { main, beside: beside.map((pull) => withOpening(pulls, pull)) }, late: false };
}

type Pulls = { pulls: CommitPull[]; named: Set<number>; problem: string };

/**
 * Every pull request that may have been merged by the push, as it is now, and those that its last commit names. `problem`: why
 * they are not all; a number that only a subject names may be an issue's.
 */
async function pullsOf(
  client: GitHubClient,
  place: { owner: string; repo: string },
  { push, sha }: { push: Push; sha: string },
): Promise<Pulls> {
  const commits = push.commits.slice(-MOST_ASKED);
  // Rebased commits name no pull request.
  const unnamed = push.byQueue ? commits.filter(({ numbers }) => numbers.length === 0) : [];
  const asked = [...new Set([sha, ...unnamed.map((commit) => commit.sha)])];
  const lists = await Promise.all(asked.map((commit) => pullRequestsOfCommit(client, place, commit)));
  const listed = new Set(lists.flatMap(({ pulls }) => pulls.map(({ number }) => number)));
  const numbers = [...new Set([...listed, ...commits.flatMap((commit) => commit.numbers)])];
  const read = await Promise.all(
    numbers.map(async (number) => ({ number, ...(await pullByNumber(client, place, number)) })),
  );
  const problems = [
    ...lists.map(({ problem }) => problem),
    ...read.map((answer) => ("problem" in answer && listed.has(answer.number) ? answer.problem : "")),
  ];
  return {
    pulls: read.flatMap((answer) => ("pull" in answer ? [answer.pull] : [])),
    named: new Set(commits.filter((commit) => commit.sha === sha).flatMap((commit) => commit.numbers)),
    problem: problems.find((text) => text !== "") ?? "",
  };
}

function withOpening(pulls: CommitPull[], pullRequest: MergedPullRequest): Merged {
  const openedAt = pulls.find(({ number }) => number === pullRequest.number)?.openedAt;
  return { pullRequest, openedAt };
}
