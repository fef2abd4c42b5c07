import { type Hold, hold } from "./facts.ts";

/** A pull request as GitHub's API tells it (`GET /repos/{owner}/{repo}/commits/{sha}/pulls`, then each by its number). */
export type PullRequestFacts = {
  number: number;
  /** Full name of the repository that it was merged into. */
  repository: string;
  baseBranch: string;
  merged: boolean;
  headSha: string | undefined;
  mergeSha: string | undefined;
  mergedAt: string | undefined;
};

/** A pull request that is merged as this commit. */
export type MergedPullRequest = {
  number: number;
  repository: string;
  headSha: string;
  mergeSha: string;
  mergedAt: string;
};

/**
 * The one pull request that was merged as `commit` into this branch. GitHub lists every pull request that holds a commit,
 * open ones and those into other branches too; `merge_commit_sha` is, once merged, the merge commit, the squashed commit,
 * or the last of the rebased ones, and with a merge queue the commit of the group. `complete`: all pages were read.
 */
export function mergedPullRequest(
  pulls: PullRequestFacts[],
  commit: { sha: string; branch: string; repository: string; complete: boolean },
): { pullRequest: MergedPullRequest } | Hold {
  const { sha, branch, repository, complete } = commit;
  const short = sha.slice(0, 7);
  if (!complete)
    return hold("no-reviewed-plan", `The pull requests of commit ${short} could not all be read.`);
  const matching = pulls.filter(
    (pull) =>
      pull.merged &&
      pull.baseBranch === branch &&
      pull.mergeSha === sha &&
      pull.repository.toLowerCase() === repository.toLowerCase(),
  );
  const [pull, ...others] = matching;
  if (pull === undefined) return hold("no-reviewed-plan", noneSentence(pulls, short, branch));
  if (others.length > 0) {
    const numbers = matching.map(({ number }) => `#${number}`).join(", ");
    return hold("no-reviewed-plan", `Commit ${short} is the merge of several pull requests: ${numbers}.`);
  }
  const { number, headSha, mergedAt } = pull;
  if (headSha === undefined || mergedAt === undefined || Number.isNaN(Date.parse(mergedAt))) {
    return hold(
      "no-reviewed-plan",
      `GitHub does not tell the head of pull request #${number} or when it was merged.`,
    );
  }
  return { pullRequest: { number, repository: pull.repository, headSha, mergeSha: sha, mergedAt } };
}

/**
 * The other pull requests that the same push merged into this branch, as a merge queue does with a group. `shas`: the commits
 * of the push. One whose head or time is not told has no review, which the plan of the push is compared with all the same.
 */
export function mergedBeside(
  pulls: PullRequestFacts[],
  { shas, branch, main }: { shas: ReadonlySet<string>; branch: string; main: MergedPullRequest },
): MergedPullRequest[] {
  return pulls.flatMap(({ number, repository, baseBranch, merged, headSha, mergeSha, mergedAt }) => {
    const isBeside =
      merged &&
      baseBranch === branch &&
      repository.toLowerCase() === main.repository.toLowerCase() &&
      number !== main.number;
    if (!isBeside || headSha === undefined || mergedAt === undefined) return [];
    if (mergeSha === undefined || !shas.has(mergeSha)) return [];
    return [{ number, repository, headSha, mergeSha, mergedAt }];
  });
}

function noneSentence(pulls: PullRequestFacts[], short: string, branch: string): string {
  const near = pulls.map((pull) => `#${pull.number} (${whyNot(pull, branch)})`).join(", ");
  const found = near === "" ? "" : ` Not this commit's: ${near}.`;
  return `No pull request was merged into ${branch} as commit ${short}.${found}`;
}

function whyNot(pull: PullRequestFacts, branch: string): string {
  if (!pull.merged) return "not merged";
  return pull.baseBranch === branch ? "merged as another commit" : "merged into another branch";
}
