import type { Exchange, Reply } from "../http/exchange.ts";
import type { World } from "../world.ts";
import { archiveReply, upload } from "./configuration-versions.ts";
import { notFound, problem } from "./json-api.ts";
import { jsonReply, logReply } from "./phases.ts";
import type { Grant } from "./signed-urls.ts";

/**
 * Answers a signed URL. The URL is all the authority there is: a request that also shows a token has shown it to
 * somebody who must not see it, and is refused with 400.
 */
export async function signedReply(world: World, exchange: Exchange): Promise<Reply> {
  const grant = world.signedUrls.redeem(exchange.url);
  if (grant === "unknown") return problem(401, "invalid signature");
  if (grant === "expired") return problem(401, "url expired");
  // the CLI sends its token along with a state download, on every server
  if (exchange.headers["authorization"] !== undefined && grant.kind !== "state") {
    return problem(400, "Authorization sent to a signed URL");
  }
  if (exchange.method !== (grant.kind === "upload" ? "PUT" : "GET"))
    return problem(405, "method not allowed");
  return answerGrant(world, exchange, grant);
}

async function answerGrant(world: World, exchange: Exchange, grant: Grant): Promise<Reply> {
  if (grant.kind === "upload" || grant.kind === "download") {
    const version = world.configurationVersions.get(grant.configurationVersionId);
    if (version === undefined) throw notFound();
    if (grant.kind === "upload") return upload(world, version, exchange);
    return archiveReply(version.archive ?? Buffer.alloc(0));
  }
  if (grant.kind === "state") {
    const workspace = world.workspaces.find(({ id }) => id === grant.workspaceId);
    const state = workspace?.states.find(({ id }) => id === grant.stateId);
    if (state === undefined) throw notFound();
    return jsonReply(state.json);
  }
  const run = world.runs.find(({ id }) => id === grant.runId);
  if (run === undefined) throw notFound();
  if (grant.kind === "log") return logReply(world, exchange, { run, phase: grant.phase });
  return jsonReply((grant.kind === "plan-json" ? run.planJson : run.redactedJson) ?? "");
}
