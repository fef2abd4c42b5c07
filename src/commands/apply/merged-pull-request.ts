import { type Hold, hold } from "../../gate/facts.ts";
import { type MergedPullRequest, mergedPullRequest } from "../../gate/pull-request.ts";
import { type CommitPull, pullRequestsOfCommit } from "../../github/commit-pulls.ts";
import type { Step } from "../step.ts";

/** The pull request, and when it was opened (ISO 8601), where GitHub tells. */
export type Merged = { pullRequest: MergedPullRequest; openedAt: string | undefined };

const BRANCH = /^refs\/heads\/(.+)$/;

/** The one pull request that was merged as this job's commit into this job's branch, asked of GitHub. */
export async function findMergedPullRequest({ context, github }: Step): Promise<Merged | Hold> {
  const { repository, sha, ref } = context;
  const branch = BRANCH.exec(ref)?.[1];
  if (branch === undefined) {
    return hold(
      "no-reviewed-plan",
      `A reviewed plan is applied on the branch it was merged into, not on ${ref}.`,
    );
  }
  const client = await github();
  if (client === undefined) {
    return hold("no-reviewed-plan", "Without `github-token` the merged pull request cannot be found.");
  }
  const [owner = "", repo = ""] = repository.split("/");
  const { pulls, complete, problem } = await pullRequestsOfCommit(client, { owner, repo }, sha);
  const found = mergedPullRequest(pulls, { sha, branch, repository, complete });
  if ("next" in found) return { ...found, sentence: `${found.sentence} ${problem}`.trim() };
  return { ...found, openedAt: openedAt(pulls, found.pullRequest) };
}

function openedAt(pulls: CommitPull[], { number, repository }: MergedPullRequest): string | undefined {
  return pulls.find((pull) => pull.number === number && pull.repository === repository)?.openedAt;
}
