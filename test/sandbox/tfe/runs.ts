import type { Exchange, Reply } from "../http/exchange.ts";
import { param } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { makeRunIds } from "../ids.ts";
import {
  type ActionOutcome,
  applyAction,
  cancelAction,
  discardAction,
  forceCancelAction,
} from "../runs/actions.ts";
import { attachChecks } from "../runs/checks.ts";
import { isFinal } from "../runs/status.ts";
import type { ConfigurationVersion, Phase, Role, Run, RunAttributes, Workspace, World } from "../world.ts";
import { booleanOf, stringOf, stringsOf, variablesOf } from "./attributes.ts";
import { includedStage } from "./check-routes.ts";
import {
  answer,
  document,
  notFound,
  type Posted,
  page,
  posted,
  refuse,
  related,
  requireMediaType,
} from "./json-api.ts";
import { atLeast, forbidden, requireRole, roleOf } from "./rights.ts";
import { planDocument, runDocument } from "./run-documents.ts";
import { findWorkspace, workspaceDocument } from "./workspaces.ts";

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

export function findRun(world: World, exchange: Exchange): Run {
  const run = world.runs.find(({ id }) => id === param(exchange, "id"));
  if (run === undefined) throw notFound();
  return run;
}

type Action = { lowest: Role; action: (world: World, run: Run) => ActionOutcome };

function act(world: World, exchange: Exchange, { lowest, action }: Action): Reply {
  const role = requireRole(world, exchange, lowest);
  requireMediaType(exchange);
  const run = findRun(world, exchange);
  const outcome = action(world, run);
  const { wrongStateStatus, actionStatus } = world.profile;
  if (outcome === "wrong-state" && wrongStateStatus !== 200) {
    return refuse(wrongStateStatus, `transition not allowed: the run is ${run.status}`).reply;
  }
  if (actionStatus === 200) return document(200, runDocument(world, run, { role }));
  return { status: actionStatus };
}

function readRun(world: World, exchange: Exchange): Reply {
  const role = roleOf(world, exchange);
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

function workspaceById(world: World, id: string): Workspace {
  return findWorkspace(world, (workspace) => workspace.id === id);
}

function createRun(world: World, exchange: Exchange): Reply {
  const role = roleOf(world, exchange);
  if (!atLeast(role, "plan")) throw forbidden(world);
  const body = posted(exchange, "runs");
  const workspace = workspaceById(world, related(body, "workspace", "workspaces"));
  const version = world.configurationVersions.get(
    related(body, "configuration-version", "configuration-versions"),
  );
  if (version === undefined) throw refuse(404, "configuration version not found");
  if (world.profile.runNeedsUpload && version.status !== "uploaded") {
    throw refuse(422, `Configuration version ${version.id} is ${version.status}, it has to be uploaded`);
  }
  const run = newRun(world, {
    workspace,
    version,
    attributes: runAttributes(world, body, { workspace, version }),
  });
  world.runs.push(run);
  const reply = document(201, runDocument(world, run, { role, created: true }));
  world.wake();
  return reply;
}

type Parents = { workspace: Workspace; version: ConfigurationVersion };

function runAttributes(world: World, body: Posted, { workspace, version }: Parents): RunAttributes {
  const ignored = new Set(world.profile.ignoredRunAttributes);
  const flag = (name: string, fallback: boolean): boolean => {
    const given = booleanOf(body, name, fallback);
    return ignored.has(name) ? false : given;
  };
  const attributes: RunAttributes = {
    message: stringOf(body, "message", world.profile.defaultMessage),
    isDestroy: flag("is-destroy", false),
    refresh: booleanOf(body, "refresh", true),
    refreshOnly: flag("refresh-only", false),
    // OTF: an explicit plan-only beats a speculative configuration version; Terrakube knows only the latter
    planOnly: ignored.has("plan-only")
      ? version.speculative
      : booleanOf(body, "plan-only", version.speculative),
    autoApply: booleanOf(body, "auto-apply", workspace.autoApply),
    savePlan: flag("save-plan", false),
    allowEmptyApply: flag("allow-empty-apply", false),
    targetAddrs: stringsOf(body, "target-addrs"),
    replaceAddrs: stringsOf(body, "replace-addrs"),
    variables: ignored.has("variables") ? [] : variablesOf(body),
    terraformVersion: stringOf(body, "terraform-version", workspace.terraformVersion),
  };
  if (attributes.isDestroy && attributes.refreshOnly)
    throw refuse(422, "is-destroy and refresh-only exclude each other");
  // Terrakube looks at the destroy first: a speculative one becomes a job that waits for approval
  if (world.profile.bareIds && attributes.isDestroy) attributes.planOnly = false;
  return attributes;
}

const newPhase = (id: string): Phase => ({
  id,
  status: "pending",
  log: Buffer.alloc(0),
  logLength: 0,
  counts: undefined,
});

function newRun(
  world: World,
  { workspace, version, attributes }: Parents & { attributes: RunAttributes },
): Run {
  const ids = makeRunIds(world.profile, world.runs.length + 1);
  const run: Run = {
    id: ids.run,
    workspaceId: workspace.id,
    configurationVersionId: version.id,
    attributes,
    status: "pending",
    timestamps: {},
    createdAt: new Date().toISOString(),
    hasChanges: false,
    plan: newPhase(ids.plan),
    apply: newPhase(ids.apply),
    planJson: undefined,
    redactedJson: undefined,
    costEstimate: undefined,
    policyChecks: [],
    taskStages: [],
    script: workspace.scripts.shift(),
    abort: new AbortController(),
    canceledAt: undefined,
    directory: undefined,
  };
  attachChecks(world, run, workspace);
  // OTF tells a cost estimate where the organization wants one, and has no endpoint to read it from
  if (world.profile.name === "otf" && workspace.costEstimate !== undefined) {
    run.costEstimate = { id: ids.costEstimate, spec: workspace.costEstimate, status: "pending" };
  }
  return run;
}
