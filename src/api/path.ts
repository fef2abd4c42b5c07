import { Failure } from "../failure.ts";

declare const apiPath: unique symbol;

/** A path below the API's base, filled by fillPath; only ApiClient takes it, and it can name no other origin. */
export type ApiPath = string & { readonly [apiPath]: true };

/** Parameters of an endpoint by name: ids, organization and workspace names. */
export type PathParameters = Readonly<Record<string, string>>;

/**
 * Puts ids into an endpoint: `runs/:id/actions/cancel` → `runs/run-x/actions/cancel`. Ids are what servers and users
 * say, so nothing of them may leave its place in the path: each is checked and percent-encoded.
 * @throws Failure (`server`) for an id that no server gives, `internal` for a missing one.
 */
export function fillPath(endpoint: string, parameters: PathParameters = {}): ApiPath {
  const segments = endpoint.split("/").map((segment) => {
    if (!segment.startsWith(":")) return segment;
    const value = parameters[segment.slice(1)];
    if (value === undefined)
      throw new Failure("internal", `${endpoint} was asked for without ${segment.slice(1)}`);
    return encodeSegment(value, `${segment.slice(1)} in ${endpoint}`);
  });
  return brand(segments.join("/"));
}

/** Appends a query; keys and values are percent-encoded. */
export function withQuery(path: ApiPath, query: PathParameters): ApiPath {
  const text = new URLSearchParams(query).toString();
  return text === "" ? path : brand(`${path}?${text}`);
}

function brand(path: string): ApiPath {
  return path as ApiPath;
}

const longestSegment = 256;

function encodeSegment(value: string, where: string): string {
  const plain =
    value !== "" && value !== "." && value !== ".." && value.length <= longestSegment && value.isWellFormed();
  if (plain && !/[\u0000-\u001f\u007f/\\]/.test(value)) return encodeURIComponent(value);
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  throw new Failure(
    "server",
    `${JSON.stringify(shown)} cannot be the ${where}: it would leave its place in the path`,
  );
}
