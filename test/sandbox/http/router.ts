import type { Exchange, Reply } from "./exchange.ts";

export type Handler = (exchange: Exchange) => Reply | Promise<Reply>;

/** `GET /runs/:id` → handler. A `:name` matches one path segment, percent-decoded. */
export type Routes = Record<string, Handler>;

type Route = { method: string; pattern: RegExp; names: string[]; handler: Handler };

/** What a request is for: a handler, a path that exists under another method, or nothing. */
export type Match =
  | { kind: "handler"; handler: Handler; params: Record<string, string> }
  | { kind: "method-not-allowed" }
  | { kind: "not-found" };

/** Compiles routes into a lookup by method and path. */
export function router(routes: Routes): (method: string, path: string) => Match {
  const compiled = Object.entries(routes).map(([key, handler]) => compile(key, handler));
  return (method, path) => {
    const onPath = compiled.filter((route) => route.pattern.test(path));
    const route = onPath.find((candidate) => candidate.method === method);
    if (route !== undefined)
      return { kind: "handler", handler: route.handler, params: paramsOf(route, path) };
    return { kind: onPath.length > 0 ? "method-not-allowed" : "not-found" };
  };
}

function compile(key: string, handler: Handler): Route {
  const [method = "", path = ""] = key.split(" ");
  const names = [...path.matchAll(/:(\w+)/gu)].map((match) => match[1] ?? "");
  const pattern = new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/:\w+/gu, "([^/]+)")}$`, "u");
  return { method, pattern, names, handler };
}

function paramsOf(route: Route, path: string): Record<string, string> {
  const values = route.pattern.exec(path)?.slice(1) ?? [];
  return Object.fromEntries(
    route.names.map((name, index) => [name, decodeURIComponent(values[index] ?? "")]),
  );
}
