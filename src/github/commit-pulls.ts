import type { GitHubClient } from "./client.ts";
import { repositoryPath } from "./find-comments.ts";
import { isObject } from "./shape.ts";

/** A pull request that a commit belongs to, as GitHub tells it; repositories are `owner/name`, times ISO 8601. */
export type CommitPull = {
  number: number;
  /** That it was, or would be, merged into. */
  repository: string;
  baseBranch: string;
  merged: boolean;
  openedAt: string | undefined;
  mergedAt: string | undefined;
  headSha: string | undefined;
  /** `undefined` where it was deleted. */
  headRepository: string | undefined;
  headBranch: string | undefined;
  baseSha: string | undefined;
  /** Once merged: the merge commit, the squashed one, the last of the rebased ones. Before, GitHub's trial merge. */
  mergeSha: string | undefined;
};

/** `complete`: all pages were read, and each held what it should; else `problem` says why not, in GitHub's words. */
export type CommitPulls = { pulls: CommitPull[]; complete: boolean; problem: string };

/** A commit is in a handful of pull requests; a list that goes on for longer is not believed. */
const MOST_PAGES = 20;

/**
 * The pull requests of a commit (`GET /repos/{owner}/{repo}/commits/{sha}/pulls`, all pages): merged ones that brought it
 * into the default branch, and any whose branch holds it, open ones too. Never throws.
 */
export async function pullRequestsOfCommit(
  client: GitHubClient,
  repository: { owner: string; repo: string },
  sha: string,
): Promise<CommitPulls> {
  const list = `${repositoryPath(repository)}/commits/${encodeURIComponent(sha)}/pulls?per_page=100`;
  const pulls: CommitPull[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await client.request({ method: "GET", path: `${list}&page=${page}` });
    if (answer.status !== 200) return incomplete(pulls, `${answer.status} ${answer.message}`.trim());
    if (!Array.isArray(answer.data)) return incomplete(pulls, "the list of pull requests is no list");
    const read = answer.data.map(pullOf);
    pulls.push(...read.filter((pull) => pull !== undefined));
    if (read.includes(undefined)) return incomplete(pulls, "a pull request is not told as documented");
    if (!/rel="next"/.test(answer.headers["link"] ?? "")) return { pulls, complete: true, problem: "" };
  }
  return incomplete(pulls, `there are more than ${MOST_PAGES} pages of them`);
}

/** A pull request by its number, as it is now: lists may be older. Never throws; `problem` is in GitHub's words. */
export async function pullByNumber(
  client: GitHubClient,
  repository: { owner: string; repo: string },
  number: number,
): Promise<{ pull: CommitPull } | { problem: string }> {
  const path = `${repositoryPath(repository)}/pulls/${number}`;
  const { status, message, data } = await client.request({ method: "GET", path });
  if (status !== 200) return { problem: `${status} ${message}`.trim() };
  const pull = pullOf(data);
  return pull === undefined ? { problem: "a pull request is not told as documented" } : { pull };
}

function incomplete(pulls: CommitPull[], problem: string): CommitPulls {
  return { pulls, complete: false, problem };
}

/** Lists tell by `merged_at` alone whether one is merged, single pull requests also by `merged`. */
function pullOf(value: unknown): CommitPull | undefined {
  const number = field(value, "number");
  const [repository, baseBranch] = [text(value, "base", "repo", "full_name"), text(value, "base", "ref")];
  if (typeof number !== "number" || repository === undefined || baseBranch === undefined) return undefined;
  const mergedAt = text(value, "merged_at");
  return {
    ...{ number, repository, baseBranch, mergedAt },
    openedAt: text(value, "created_at"),
    merged: mergedAt !== undefined && field(value, "merged") !== false,
    headSha: text(value, "head", "sha"),
    headRepository: text(value, "head", "repo", "full_name"),
    headBranch: text(value, "head", "ref"),
    baseSha: text(value, "base", "sha"),
    mergeSha: text(value, "merge_commit_sha"),
  };
}

function field(from: unknown, name: string): unknown {
  return isObject(from) ? from[name] : undefined;
}

function text(from: unknown, ...path: string[]): string | undefined {
  const value = path.reduce<unknown>(field, from);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What the ref of a merge queue's group tells: the branch it is for, its last pull request, and the base's commit. */
export type QueueRef = { baseBranch: string; number: number; baseSha: string };

/**
 * Reads the ref of a merge group, `refs/heads/gh-readonly-queue/main/pr-12-<40 digits>` (with or without `refs/heads/`), as
 * `GITHUB_REF` and the event `merge_group` have it. `undefined` for every other ref. Only GitHub can make such branches.
 */
export function queueRefOf(ref: string): QueueRef | undefined {
  const [, baseBranch, number, baseSha] =
    /^(?:refs\/heads\/)?gh-readonly-queue\/(.+)\/pr-([1-9]\d{0,9})-([0-9a-f]{40})$/.exec(ref) ?? [];
  if (baseBranch === undefined || baseSha === undefined) return undefined;
  return { baseBranch, number: Number(number), baseSha };
}
