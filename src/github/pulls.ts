import type { GitHubClient } from "./client.ts";
import { ofPullRequest, type PullRequest } from "./event.ts";
import { repositoryPath } from "./find-comments.ts";
import { isObject } from "./shape.ts";

/**
 * Reads a pull request from the API, for events that tell its number but not its head (`issue_comment`). `undefined`
 * when it cannot be read, so that a caller who needs to know where the head is refuses.
 */
export async function readPullRequest(
  client: GitHubClient,
  repository: { owner: string; repo: string },
  number: number,
): Promise<PullRequest | undefined> {
  const { status, data } = await client.request({
    method: "GET",
    path: `${repositoryPath(repository)}/pulls/${number}`,
  });
  return status === 200 ? ofPullRequest(data) : undefined;
}

/** The commit at the head of a pull request that is open; `undefined` when it is not, or cannot be read. */
export async function readOpenHead(
  client: GitHubClient,
  repository: { owner: string; repo: string },
  number: number,
): Promise<string | undefined> {
  const path = `${repositoryPath(repository)}/pulls/${number}`;
  const { status, data } = await client.request({ method: "GET", path });
  const isOpen = status === 200 && isObject(data) && data["state"] === "open";
  return isOpen ? ofPullRequest(data)?.headSha : undefined;
}
