import type { JsonValue } from "../../../src/json.ts";
import { type Exchange, isRecord, json, param, Refusal, type Reply } from "../http/exchange.ts";
import type { Access, GitHubWorld } from "./model.ts";

const documentation = "https://docs.github.com/rest";

/** An error in GitHub's form. */
export const problem = (status: number, message: string, more: { [key: string]: JsonValue } = {}): Reply =>
  json(status, { message, ...more, documentation_url: documentation, status: String(status) });

export const refuse = (status: number, message: string, more: { [key: string]: JsonValue } = {}): Refusal =>
  new Refusal(problem(status, message, more));

/** Who asks. 401 for an unknown token, 404 for none: the repository is private. */
export function accessOf(world: GitHubWorld, exchange: Exchange): Access {
  const header = exchange.headers["authorization"];
  if (header === undefined) throw refuse(404, "Not Found");
  const access = world.access.get(header.replace(/^(?:token|bearer) /iu, ""));
  if (access === undefined) throw refuse(401, "Bad credentials");
  return access;
}

/** Who writes; 403 in GitHub's words for a token without the permission, and where the secondary limit is reached. */
export function writerOf(world: GitHubWorld, exchange: Exchange): Access {
  const access = accessOf(world, exchange);
  if (!access.write) {
    throw refuse(
      403,
      access.integration ? "Resource not accessible by integration" : "Must have write access",
    );
  }
  world.writes += 1;
  const { secondaryLimitAfter, retryAfter } = world.settings;
  if (secondaryLimitAfter !== undefined && world.writes > secondaryLimitAfter) {
    const message =
      "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    const headers: Record<string, string> =
      retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
    const refusal = problem(403, message);
    throw new Refusal({ ...refusal, headers: { ...refusal.headers, ...headers } });
  }
  return access;
}

export const repositoryOf = (exchange: Exchange): string =>
  `${param(exchange, "owner")}/${param(exchange, "repo")}`.toLowerCase();

/** A number of the route; 404 for what is none. */
export function numberOf(exchange: Exchange, name: string): number {
  const value = Number(param(exchange, name));
  if (!Number.isInteger(value) || value < 1) throw refuse(404, "Not Found");
  return value;
}

/** The JSON object in the body; 400 for anything else. */
export function bodyOf(exchange: Exchange): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(exchange.body.toString("utf8"));
  } catch {
    throw refuse(400, "Problems parsing JSON");
  }
  if (!isRecord(value)) throw refuse(400, "Body should be a JSON object");
  return value;
}

/** One page of a list with GitHub's Link header; at most 100 to a page, 30 by default. */
export function page(world: GitHubWorld, exchange: Exchange, items: JsonValue[]): Reply {
  const query = exchange.url.searchParams;
  const size = Math.min(100, Math.max(1, Number(query.get("per_page") ?? 30) || 30));
  const number = Math.max(1, Number(query.get("page") ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = (to: number, rel: string): string => {
    const url = new URL(exchange.url.pathname, world.origin);
    for (const [key, value] of query) url.searchParams.set(key, value);
    url.searchParams.set("page", String(to));
    return `<${url.href}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(number - 1, "prev"), link(1, "first")] : []),
    ...(number < last ? [link(number + 1, "next"), link(last, "last")] : []),
  ];
  const headers: Record<string, string> = links.length > 0 ? { link: links.join(", ") } : {};
  return json(200, items.slice((number - 1) * size, number * size), headers);
}
