import { type Exchange, param, type Reply } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { readLog } from "../runs/log.ts";
import type { Run, World } from "../world.ts";
import { document, notFound, problem } from "./json-api.ts";
import { requireRole, roleOf } from "./rights.ts";
import { applyDocument, planDocument } from "./run-documents.ts";
import { findRun } from "./runs.ts";

/** Plans and applies, their logs and the structured plan. */
export function phaseRoutes(world: World): Routes {
  const api = world.profile.apiPath;
  const { planJson, planJsonRedacted } = world.profile;
  return {
    [`GET ${api}plans/:id`]: (exchange) => {
      roleOf(world, exchange);
      return document(200, planDocument(world, runOfPlan(world, exchange)));
    },
    [`GET ${api}applies/:id`]: (exchange) => {
      roleOf(world, exchange);
      const run = world.runs.find(({ apply }) => apply.id === param(exchange, "id"));
      if (run === undefined) throw notFound();
      return document(200, applyDocument(world, run));
    },
    ...(planJson === "none"
      ? {}
      : {
          [`GET ${api}plans/:id/json-output`]: (exchange) =>
            plainJson(world, exchange, runOfPlan(world, exchange)),
        }),
    ...(planJsonRedacted
      ? {
          [`GET ${api}plans/:id/json-output-redacted`]: (exchange) => redactedJson(world, exchange),
          [`GET ${api}runs/:id/plan/json-output`]: (exchange) =>
            plainJson(world, exchange, findRun(world, exchange)),
        }
      : {}),
  };
}

function runOfPlan(world: World, exchange: Exchange): Run {
  const run = world.runs.find(({ plan }) => plan.id === param(exchange, "id"));
  if (run === undefined) throw notFound();
  return run;
}

function plainJson(world: World, exchange: Exchange, run: Run): Reply {
  requireRole(world, exchange, world.profile.planJsonRole);
  return planReply(world, run, "plan-json");
}

function redactedJson(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  return planReply(world, runOfPlan(world, exchange), "redacted-json");
}

function planReply(world: World, run: Run, kind: "plan-json" | "redacted-json"): Reply {
  const { planJson, planJsonNotReady } = world.profile;
  const body = kind === "plan-json" ? run.planJson : run.redactedJson;
  if (body === undefined) {
    return {
      status: planJsonNotReady,
      headers: planJsonNotReady === 200 ? { "content-type": "text/plain" } : {},
    };
  }
  if (planJson === "direct") return jsonReply(body, world.profile.planJsonType);
  const url = world.signedUrls.issue({ kind, runId: run.id }, { lifetimeMs: 60_000 });
  return { status: 307, headers: { location: url } };
}

/** JSON as it is, without the JSON:API envelope. */
export const jsonReply = (body: string, type = "application/json"): Reply => ({
  status: 200,
  headers: { "content-type": type },
  body,
});

/** A GET of a log URL: `offset` and `limit` from the query, whole log without them. */
export function logReply(
  world: World,
  exchange: Exchange,
  wanted: { run: Run; phase: "plan" | "apply" },
): Reply {
  const query = exchange.url.searchParams;
  const offset = Number(query.get("offset") ?? 0);
  const limit = Number(query.get("limit") ?? Number.MAX_SAFE_INTEGER);
  if (!Number.isInteger(offset) || !Number.isInteger(limit) || limit < 0) {
    return problem(422, "offset and limit must be integers");
  }
  const body = readLog(world, wanted.run, { phase: wanted.run[wanted.phase], offset, limit });
  return { status: 200, headers: { "content-type": world.profile.logType }, body };
}
