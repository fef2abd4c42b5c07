import type { GitHubClient } from "./client.ts";
import type { Comment } from "./find-comments.ts";
import { isObject } from "./shape.ts";

const MINIMIZED = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on IssueComment { id isMinimized } } }";
const MINIMIZE =
  "mutation($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized } } }";

/** Comments that are not minimised, in their order; all of them where GitHub does not tell. */
export async function visibleComments(client: GitHubClient, comments: Comment[]): Promise<Comment[]> {
  const ids = comments.map(({ nodeId }) => nodeId).filter((id) => id !== "");
  if (ids.length === 0) return comments;
  const { data } = await client.graphql(MINIMIZED, { ids: ids.slice(-100) });
  const nodes: unknown[] = isObject(data) && Array.isArray(data["nodes"]) ? data["nodes"] : [];
  const hidden = new Set(
    nodes
      .filter(isObject)
      .filter((node) => node["isMinimized"] === true)
      .map((node) => node["id"]),
  );
  return comments.filter(({ nodeId }) => !hidden.has(nodeId));
}

/** Minimises comments as outdated. A sentence for the user when one could not be, and then no more are tried. */
export async function minimizeComments(
  client: GitHubClient,
  comments: Comment[],
): Promise<string | undefined> {
  for (const { nodeId } of comments) {
    if (nodeId === "") continue;
    const { data, status, message } = await client.graphql(MINIMIZE, { id: nodeId });
    if (isObject(data)) continue;
    return `An earlier comment could not be hidden as outdated (${status === 200 ? "" : `${status} `}${message}).`;
  }
  return undefined;
}
