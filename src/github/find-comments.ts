import type { GitHubClient } from "./client.ts";
import { type Author, type Identity, isOwn, ownIdentity } from "./identity.ts";
import type { Answer } from "./retry.ts";
import { isObject } from "./shape.ts";

/** Where a comment stands: a pull request (GitHub counts it among the issues) and the marker it begins with. */
export type CommentPlace = { repository: { owner: string; repo: string }; issue: number; marker: string };

export type Comment = { id: number; nodeId: string; url: string; body: string; author: Author };

/** Comments that begin with the marker, oldest first: the token's own, and how many by others. */
export type Found = { own: Comment[]; foreign: Comment[] };

/** GitHub allows 2,500 comments on an issue; more pages than that are not its list. */
const MOST_PAGES = 100;

/** `/repos/OWNER/REPO` with both names encoded. */
export function repositoryPath({ owner, repo }: CommentPlace["repository"]): string {
  return `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(repo)}`;
}

/**
 * Finds the comments of this place by marker at the very beginning and by author, over all pages. Anybody may post a
 * comment with the marker in it, so a comment by another author is never ours. Gives the failed answer when the
 * list cannot be read.
 */
export async function findComments(client: GitHubClient, place: CommentPlace): Promise<Found | Answer> {
  const [marked, self] = await Promise.all([markedComments(client, place), ownIdentity(client)]);
  return Array.isArray(marked) ? divide(marked, self) : marked;
}

function divide(marked: Comment[], self: Identity): Found {
  const sorted = marked.toSorted((a, b) => a.id - b.id);
  return {
    own: sorted.filter(({ author }) => isOwn(author, self)),
    foreign: sorted.filter(({ author }) => !isOwn(author, self)),
  };
}

async function markedComments(client: GitHubClient, place: CommentPlace): Promise<Comment[] | Answer> {
  const list = `${repositoryPath(place.repository)}/issues/${place.issue}/comments?per_page=100`;
  const marked: Comment[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await client.request({ method: "GET", path: `${list}&page=${page}` });
    if (answer.status !== 200) return answer;
    if (!Array.isArray(answer.data))
      return { ...answer, status: 0, message: "the list of comments is no list" };
    const comments = answer.data.map(commentOf).filter((comment) => comment !== undefined);
    marked.push(...comments.filter(({ body }) => body.startsWith(place.marker)));
    if (!/rel="next"/.test(answer.headers["link"] ?? "")) return marked;
  }
  return marked;
}

/** A comment as the API shows it, or `undefined` for anything else. */
export function commentOf(value: unknown): Comment | undefined {
  if (!isObject(value) || typeof value["id"] !== "number" || typeof value["body"] !== "string")
    return undefined;
  const { id, body, node_id: nodeId, html_url: url } = value;
  return {
    id,
    body,
    nodeId: typeof nodeId === "string" ? nodeId : "",
    url: typeof url === "string" && /^https?:\/\/\S+$/.test(url) ? url : "",
    author: authorOf(value),
  };
}

function authorOf(comment: Record<string, unknown>): Author {
  const user = isObject(comment["user"]) ? comment["user"] : {};
  const app = isObject(comment["performed_via_github_app"])
    ? comment["performed_via_github_app"]["slug"]
    : undefined;
  return {
    login: typeof user["login"] === "string" ? user["login"] : "",
    type: typeof user["type"] === "string" ? user["type"] : "",
    ...(typeof user["id"] === "number" && { id: user["id"] }),
    ...(typeof app === "string" && { app }),
  };
}
