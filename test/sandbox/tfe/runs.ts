import type { Exchange, Reply } from "../http/exchange.ts";
import { isRecord, param } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import {
  type ActionOutcome,
  applyAction,
  cancelAction,
  discardAction,
  forceCancelAction,
} from "../runs/actions.ts";
import { isFinal } from "../runs/status.ts";
import type { Role, Run, World } from "../world.ts";
import { includedStage } from "./check-routes.ts";
import { createRun } from "./create-run.ts";
import { answer, document, notFound, page, refuse, requireMediaType } from "./json-api.ts";
import { forbidden, requireRole, roleOf } from "./rights.ts";
import { planDocument, runDocument } from "./run-documents.ts";
import { workspaceById, workspaceDocument } from "./workspaces.ts";

/** Making, reading and listing runs, and the actions on them. */
export function runRoutes(world: World): Routes {
  const api = world.profile.apiPath;
  return {
    [`POST ${api}runs`]: (exchange) => createRun(world, exchange),
    [`GET ${api}runs/:id`]: (exchange) => readRun(world, exchange),
    [`GET ${api}workspaces/:id/runs`]: (exchange) => listRuns(world, exchange),
    [`GET ${api}runs/:id/run-events`]: (exchange) => {
      roleOf(world, exchange);
      return answer(200, { data: [] });
    },
    ...(world.profile.commentsKept ? commentRoutes(world) : {}),
    [`POST ${api}runs/:id/actions/apply`]: (exchange) =>
      act(world, exchange, { lowest: "write", action: applyAction }),
    [`POST ${api}runs/:id/actions/discard`]: (exchange) =>
      act(world, exchange, { lowest: world.profile.discardRole, action: discardAction }),
    ...(world.profile.hasCancel ? cancelRoutes(world) : {}),
  };
}

function cancelRoutes(world: World): Routes {
  const api = world.profile.apiPath;
  return {
    [`POST ${api}runs/:id/actions/cancel`]: (exchange) => {
      const byTeam = roleOf(world, exchange) !== "owner";
      const action = (_: World, run: Run): ActionOutcome => cancelAction(world, run, byTeam);
      return act(world, exchange, { lowest: world.profile.cancelRole, action });
    },
    [`POST ${api}runs/:id/actions/force-cancel`]: (exchange) =>
      act(world, exchange, { lowest: "owner", action: forceCancelAction }),
  };
}

function commentRoutes(world: World): Routes {
  return {
    [`GET ${world.profile.apiPath}runs/:id/comments`]: (exchange) => {
      roleOf(world, exchange);
      const comments = findRun(world, exchange).comments.map((body, index) => ({
        ...{ id: `wsc-${index + 1}`, type: "comments", attributes: { body } },
      }));
      return page(exchange, comments, world.profile.pagination);
    },
  };
}

export function findRun(world: World, exchange: Exchange): Run {
  const wanted = param(exchange, "id");
  if (!wanted.includes("-")) throw refuse(world.profile.malformedIdStatus, `malformed ID: ${wanted}`);
  const run = world.runs.find(({ id }) => id === wanted);
  if (run === undefined) throw notFound();
  return run;
}

type Action = { lowest: Role; action: (world: World, run: Run) => ActionOutcome };

function act(world: World, exchange: Exchange, { lowest, action }: Action): Reply {
  const role = requireRole(world, exchange, lowest);
  requireMediaType(world, exchange);
  const run = findRun(world, exchange);
  const outcome = action(world, run);
  if (outcome === "done") run.comments.push(...saidWith(exchange));
  const { wrongStateStatus, actionStatus } = world.profile;
  if (outcome === "wrong-state" && wrongStateStatus !== 200) {
    return refuse(wrongStateStatus, `transition not allowed: the run is ${run.status}`).reply;
  }
  if (actionStatus === 200) return document(200, runDocument(world, run, { role }));
  return { status: actionStatus };
}

function saidWith({ body }: Exchange): string[] {
  const said: unknown = body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  const comment = isRecord(said) ? said["comment"] : undefined;
  return typeof comment === "string" ? [comment] : [];
}

function readRun(world: World, exchange: Exchange): Reply {
  const role = roleOf(world, exchange);
  if (role === "organization" && !world.profile.organizationReadsRuns) throw forbidden(world);
  const run = findRun(world, exchange);
  const included = includesOf(world, exchange).flatMap((name) => {
    if (name === "plan") return [planDocument(world, run)];
    if (name === "task_stages") return run.taskStages.map(includedStage);
    if (name === "workspace") return [workspaceDocument(world, workspaceById(world, run.workspaceId), role)];
    return [];
  });
  return document(200, runDocument(world, run, { role }), included.length > 0 ? included : undefined);
}

const includable = [
  "plan",
  "apply",
  "workspace",
  "configuration_version",
  "cost_estimate",
  "task_stages",
  "created_by",
];

function includesOf(world: World, exchange: Exchange): string[] {
  const names = exchange.url.searchParams.get("include")?.split(",") ?? [];
  if (!world.profile.unknownIncludeRefused) return [];
  const unknown = names.find((name) => !includable.includes(name.split(".")[0] ?? ""));
  if (unknown !== undefined) throw refuse(400, `Invalid include parameter: ${unknown}`);
  return names;
}

function listRuns(world: World, exchange: Exchange): Reply {
  const role = roleOf(world, exchange);
  const workspace = workspaceById(world, param(exchange, "id"));
  const query = exchange.url.searchParams;
  const statuses = query.get("filter[status]")?.split(",");
  const operations = query.get("filter[operation]")?.split(",");
  const runs = world.runs
    .filter((run) => run.workspaceId === workspace.id)
    .filter((run) => statuses === undefined || statuses.includes(run.status))
    .filter((run) => !world.profile.listActiveOnly || !isFinal(run))
    .filter((run) => !world.profile.listHidesPlanOnly || isListed(run, operations))
    .toReversed();
  return page(
    exchange,
    runs.map((run) => runDocument(world, run, { role })),
    world.profile.pagination,
  );
}

const isListed = (run: Run, operations: string[] | undefined): boolean =>
  operations === undefined ? !run.attributes.planOnly : operations.includes(operationOf(run));

function operationOf({ attributes }: Run): string {
  if (attributes.planOnly) return "plan_only";
  if (attributes.savePlan) return "save_plan";
  if (attributes.refreshOnly) return "refresh_only";
  return attributes.isDestroy ? "destroy" : "plan_and_apply";
}
