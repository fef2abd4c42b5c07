import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";
import type { GitHubClient } from "../github/client.ts";
import { type PullRequest, pullRequestOf, refusal } from "../github/event.ts";
import { readPullRequest } from "../github/pulls.ts";

/**
 * The pull request that the job is about, if any. Throws Failure `unsupported` when the event runs with the repository's
 * secrets and the code may be a stranger's: nothing may be uploaded then.
 */
export async function findPullRequest(
  context: Context,
  github: () => Promise<GitHubClient | undefined>,
): Promise<PullRequest | undefined> {
  const event = { name: context.eventName, payload: context.event };
  const told = pullRequestOf(event);
  if (refusal(event) === undefined) return told;
  const read = told === undefined ? undefined : await lookUp(context, told.number, github);
  const refused = refusal(event, read);
  if (refused !== undefined) throw new Failure("unsupported", refused);
  return read ?? told;
}

/** A comment's event does not tell where the head of its pull request is. */
async function lookUp(
  { repository, eventName }: Context,
  number: number,
  github: () => Promise<GitHubClient | undefined>,
): Promise<PullRequest | undefined> {
  if (eventName !== "issue_comment") return undefined;
  const client = await github();
  const [owner = "", repo = ""] = repository.split("/");
  return client && readPullRequest(client, { owner, repo }, number);
}
