import { type Exchange, Refusal, type Reply, text } from "../http/exchange.ts";
import { router } from "../http/router.ts";
import type { World } from "../world.ts";
import { checkRoutes } from "./check-routes.ts";
import { configurationVersionRoutes } from "./configuration-versions.ts";
import { discoveryRoutes } from "./discovery.ts";
import { problem } from "./json-api.ts";
import { phaseRoutes } from "./phases.ts";
import { rateLimiter } from "./rate-limit.ts";
import { runRoutes } from "./runs.ts";
import { signedReply } from "./signed-routes.ts";
import { stateRoutes } from "./states.ts";
import { projectRoutes, tagRoutes } from "./tags.ts";
import { workspaceSettingsRoutes } from "./workspace-settings.ts";
import { workspaceRoutes } from "./workspaces.ts";

/** The whole TFE API of one server. */
export function tfeApi(world: World): (exchange: Exchange) => Promise<Reply> {
  const lookup = router({
    ...discoveryRoutes(world),
    ...workspaceRoutes(world),
    ...workspaceSettingsRoutes(world),
    ...tagRoutes(world),
    ...projectRoutes(world),
    ...configurationVersionRoutes(world),
    ...runRoutes(world),
    ...phaseRoutes(world),
    ...checkRoutes(world),
    ...stateRoutes(world),
  });
  const limiter = rateLimiter(world);
  return async (exchange) => {
    if (exchange.url.pathname.startsWith("/_signed/")) return signedReply(world, exchange);
    if (!exchange.url.pathname.startsWith(world.profile.apiPath)) return dispatch(world, lookup, exchange);
    const limited = limiter(exchange);
    const reply = limited.refusal ?? (await dispatch(world, lookup, exchange).catch(replyOf));
    return { ...reply, headers: { ...commonHeaders(world), ...limited.headers, ...reply.headers } };
  };
}

type Lookup = ReturnType<typeof router>;

async function dispatch(world: World, lookup: Lookup, exchange: Exchange): Promise<Reply> {
  const match = lookup(exchange.method, exchange.url.pathname);
  if (match.kind === "not-found" && world.profile.unknownPathPlain) return text(404, "404 page not found\n");
  if (match.kind === "not-found") return problem(404, "not found");
  if (match.kind === "method-not-allowed") return problem(405, "method not allowed");
  return match.handler({ ...exchange, params: match.params });
}

function replyOf(error: unknown): Reply {
  if (error instanceof Refusal) return error.reply;
  throw error;
}

function commonHeaders(world: World): Record<string, string> {
  const version = world.profile.pingHeaders["tfp-api-version"] ?? "";
  return world.profile.versionOnEveryAnswer ? { "tfp-api-version": version } : {};
}
