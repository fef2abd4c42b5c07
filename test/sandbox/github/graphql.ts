import type { JsonValue } from "../../../src/json.ts";
import { type Exchange, isRecord, json, type Reply } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import type { GitHubWorld } from "./model.ts";
import { accessOf, bodyOf } from "./replies.ts";

/** The two things asked of the GraphQL API: `viewer { login databaseId }` and `minimizeComment`. */
export function graphqlRoutes(world: GitHubWorld): Routes {
  return { "POST /graphql": (exchange) => graphql(world, exchange) };
}

function graphql(world: GitHubWorld, exchange: Exchange): Reply {
  const access = accessOf(world, exchange);
  const { query, variables } = bodyOf(exchange);
  const text = typeof query === "string" ? query : "";
  if (text.includes("minimizeComment")) {
    if (!access.write) return failure("FORBIDDEN", "Resource not accessible by integration");
    return minimize(world, text, isRecord(variables) ? variables : {});
  }
  if (/\bviewer\b/u.test(text)) {
    const { login, id } = access.user;
    return json(200, { data: { viewer: { login, databaseId: id, id: `U_${id}` } } });
  }
  return failure("undefinedField", "Field doesn't exist on type 'Query'");
}

/** GraphQL answers 200 also for what it refuses. */
const failure = (type: string, message: string): Reply =>
  json(200, { data: null, errors: [{ type, message, path: [] }] });

function minimize(world: GitHubWorld, text: string, variables: Record<string, unknown>): Reply {
  const inline = JSON.stringify(variables) + text;
  const id = Number(/IC_(\d+)/u.exec(inline)?.[1]);
  const classifier = /OUTDATED|RESOLVED|DUPLICATE|OFF_TOPIC|SPAM|ABUSE/u.exec(inline)?.[0];
  const comment = world.comments.find((other) => other.id === id);
  if (comment === undefined)
    return failure("NOT_FOUND", "Could not resolve to a node with the given global id");
  if (classifier === undefined) return failure("argumentLiteralsIncompatible", "classifier is required");
  comment.minimized = classifier;
  const minimizedComment: JsonValue = { isMinimized: true, minimizedReason: classifier.toLowerCase() };
  return json(200, { data: { minimizeComment: { minimizedComment } } });
}
