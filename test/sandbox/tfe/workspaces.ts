import type { JsonValue } from "../../../src/json.ts";
import { type Exchange, isRecord, param, type Reply } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { currentRun, isWorkspaceLocked } from "../runs/queue.ts";
import { isFinal, isPending } from "../runs/status.ts";
import type { Role, Run, Workspace, World } from "../world.ts";
import { answer, document, notFound, problem, type Resource, toOne } from "./json-api.ts";
import { linksOf } from "./links.ts";
import { requireOrganization } from "./organizations.ts";
import { requireRole, roleOf, workspacePermissions } from "./rights.ts";

/** Reading and locking workspaces. */
export function workspaceRoutes(world: World): Routes {
  const api = world.profile.apiPath;
  const byName = `${api}organizations/:organization/workspaces/:name`;
  return {
    [`GET ${byName}`]: (exchange) => read(world, exchange, namedWorkspace(world, exchange)),
    [`GET ${api}workspaces/:id`]: (exchange) => read(world, exchange, workspaceInPath(world, exchange)),
    [`GET ${api}workspaces/:id/vars`]: (exchange) => variables(world, exchange),
    [`DELETE ${byName}`]: (exchange) => remove(world, exchange, namedWorkspace(world, exchange)),
    [`DELETE ${api}workspaces/:id`]: (exchange) => remove(world, exchange, workspaceInPath(world, exchange)),
    [`POST ${byName}/actions/safe-delete`]: (exchange) =>
      removeSafely(world, exchange, namedWorkspace(world, exchange)),
    [`POST ${api}workspaces/:id/actions/safe-delete`]: (exchange) =>
      removeSafely(world, exchange, workspaceInPath(world, exchange)),
    [`POST ${api}workspaces/:id/actions/lock`]: (exchange) => lock(world, exchange),
    [`POST ${api}workspaces/:id/actions/unlock`]: (exchange) => unlock(world, exchange, false),
    [`POST ${api}workspaces/:id/actions/force-unlock`]: (exchange) => unlock(world, exchange, true),
  };
}

export function findWorkspace(world: World, wanted: (workspace: Workspace) => boolean): Workspace {
  const workspace = world.workspaces.find(wanted);
  if (workspace === undefined) throw notFound();
  return workspace;
}

/** The workspace of that id, 404 where there is none. */
export const workspaceById = (world: World, id: string): Workspace =>
  findWorkspace(world, (workspace) => workspace.id === id);

/** The workspace of a route with `:id`. */
export const workspaceInPath = (world: World, exchange: Exchange): Workspace =>
  findWorkspace(world, ({ id }) => id === param(exchange, "id"));

/** The workspace of a route with `:organization` and `:name`. */
export function namedWorkspace(world: World, exchange: Exchange): Workspace {
  const organization = requireOrganization(world, exchange).name;
  const name = param(exchange, "name");
  return findWorkspace(
    world,
    (workspace) => workspace.organization === organization && workspace.name === name,
  );
}

/** A workspace as a token of that role sees it. */
export function workspaceDocument(world: World, workspace: Workspace, role: Role): Resource {
  const { workingDirectoryTold, workspaceAutoApplyTold } = world.profile;
  const current = currentRun(world, workspace) ?? lastAppliable(world, workspace);
  const currentId = world.profile.currentRunBare ? current?.id.replace("run-", "") : current?.id;
  return {
    id: workspace.id,
    type: "workspaces",
    attributes: {
      name: workspace.name,
      "auto-apply": workspaceAutoApplyTold && workspace.autoApply,
      "execution-mode": workspace.executionMode,
      operations: workspace.executionMode !== "local",
      locked: isWorkspaceLocked(world, workspace),
      ...(world.profile.lockTold ? { "locked-reason": workspace.lockReason || null } : {}),
      "terraform-version": workspace.terraformVersion,
      "working-directory": workingDirectoryTold ? workspace.workingDirectory : "",
      "structured-run-output-enabled": workspace.structuredRunOutput,
      "vcs-repo": workspace.vcsRepo,
      "created-at": "2026-01-01T00:00:00.000Z",
      permissions: { ...workspacePermissions(role), ...workspace.permissions },
      actions: { "is-destroyable": true },
      ...tagNamesOf(world, workspace),
    },
    relationships: {
      organization: toOne("organizations", workspace.organization),
      "current-run": toOne("runs", currentId),
      ...(workspace.projectId === undefined ? {} : { project: toOne("projects", workspace.projectId) }),
      ...(world.profile.lockTold ? { "locked-by": lockHolder(workspace, current) } : {}),
    },
    ...linksOf(world, { self: `organizations/${workspace.organization}/workspaces/${workspace.name}` }),
  };
}

function lockHolder({ lockedBy }: Workspace, current: Run | undefined): JsonValue {
  if (lockedBy !== undefined) return toOne("users", `user-${lockedBy}`);
  return toOne("runs", current !== undefined && !isFinal(current) ? current.id : undefined);
}

function lastAppliable(world: World, workspace: Workspace): Run | undefined {
  if (!world.profile.currentRunStays) return undefined;
  return world.runs.findLast(
    (run) => run.workspaceId === workspace.id && !run.attributes.planOnly && !isPending(run),
  );
}

function read(world: World, exchange: Exchange, workspace: Workspace): Reply {
  return document(200, workspaceDocument(world, workspace, roleOf(world, exchange)));
}

function tagNamesOf({ profile }: World, { tags }: Workspace): Record<string, JsonValue> {
  if (profile.tagNamesTold === "never") return {};
  return { "tag-names": tags.length === 0 && profile.tagNamesTold === "null" ? null : tags };
}

/** The value of a sensitive variable is never told. */
function variables(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const workspace = workspaceInPath(world, exchange);
  const data = workspace.variables.map(({ key, value, sensitive, ...more }) => ({
    id: `var-${workspace.id.slice(3)}${key}`,
    type: "vars",
    attributes: { key, value: sensitive ? null : value, sensitive, description: "", ...more },
  }));
  return answer(200, { data });
}

function remove(world: World, exchange: Exchange, workspace: Workspace): Reply {
  requireRole(world, exchange, "owner");
  world.workspaces.splice(world.workspaces.indexOf(workspace), 1);
  return { status: 204 };
}

/** Only a workspace that manages nothing and that nobody uses is deleted. */
function removeSafely(world: World, exchange: Exchange, workspace: Workspace): Reply {
  requireRole(world, exchange, "owner");
  if (isWorkspaceLocked(world, workspace)) return problem(409, "workspace is locked");
  const state: unknown = JSON.parse(workspace.states.at(-1)?.json ?? "{}");
  const resources = isRecord(state) ? state["resources"] : undefined;
  if (Array.isArray(resources) && resources.length > 0) {
    return problem(409, "Workspace cannot be safely deleted because it is still managing resources");
  }
  return remove(world, exchange, workspace);
}

function lock(world: World, exchange: Exchange): Reply {
  const role = requireRole(world, exchange, "write");
  const workspace = workspaceInPath(world, exchange);
  const { lockNeedsUser } = world.profile;
  if (lockNeedsUser && role !== "owner") return problem(500, "workspace lock: unsupported subject");
  if (isWorkspaceLocked(world, workspace)) {
    if (lockNeedsUser) return { status: 409 };
    return problem(409, "Unable to lock workspace. The workspace is already locked.");
  }
  workspace.lockedBy = "user";
  const reason: unknown = exchange.body.length > 0 ? JSON.parse(exchange.body.toString("utf8")) : {};
  workspace.lockReason = isRecord(reason) && typeof reason["reason"] === "string" ? reason["reason"] : "";
  return document(200, workspaceDocument(world, workspace, role));
}

function unlock(world: World, exchange: Exchange, force: boolean): Reply {
  const role = requireRole(world, exchange, force ? "owner" : "write");
  const workspace = workspaceInPath(world, exchange);
  if (workspace.lockedBy === undefined) {
    const holder: JsonValue = currentRun(world, workspace)?.id ?? null;
    return problem(
      409,
      holder === null ? "Unable to unlock workspace. It is not locked." : `locked by Run ${holder}`,
    );
  }
  workspace.lockedBy = undefined;
  world.wake();
  return document(200, workspaceDocument(world, workspace, role));
}
