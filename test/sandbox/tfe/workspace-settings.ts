import type { Exchange, Reply } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { newWorkspace } from "../new-workspace.ts";
import type { Workspace, World } from "../world.ts";
import { booleanOf, stringOf } from "./attributes.ts";
import { document, type Posted, page, posted, problem, refuse } from "./json-api.ts";
import { requireOrganization } from "./organizations.ts";
import { requireRole, roleOf } from "./rights.ts";
import { groupsOf } from "./tags.ts";
import { namedWorkspace, workspaceDocument, workspaceInPath } from "./workspaces.ts";

/** Listing, making and changing workspaces. */
export function workspaceSettingsRoutes(world: World): Routes {
  const api = world.profile.apiPath;
  const all = `${api}organizations/:organization/workspaces`;
  return {
    [`GET ${all}`]: (exchange) => list(world, exchange),
    [`POST ${all}`]: (exchange) => create(world, exchange),
    [`PATCH ${all}/:name`]: (exchange) => update(world, exchange, namedWorkspace(world, exchange)),
    [`PATCH ${api}workspaces/:id`]: (exchange) => update(world, exchange, workspaceInPath(world, exchange)),
  };
}

function list(world: World, exchange: Exchange): Reply {
  const role = roleOf(world, exchange);
  const organization = requireOrganization(world, exchange).name;
  const found = world.workspaces
    .filter((workspace) => workspace.organization === organization)
    .filter((workspace) => isWanted(world, workspace, exchange.url.searchParams))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return page(
    exchange,
    found.map((workspace) => workspaceDocument(world, workspace, role)),
    world.profile.pagination,
  );
}

/** All of the filters that are given must hold; those that a server does not know, it ignores. */
function isWanted({ profile }: World, workspace: Workspace, query: URLSearchParams): boolean {
  const names = Object.keys(workspace.tagValues).concat(workspace.tags);
  const tags = (query.get("search[tags]") ?? "").split(",").filter((tag) => tag !== "");
  const project = query.get("filter[project][id]");
  return (
    workspace.name.includes(query.get("search[name]") ?? "") &&
    tags.every((tag) => names.includes(tag)) &&
    (!profile.projects || project === null || workspace.projectId === project) &&
    (!profile.tagBindings || hasValues(workspace, query))
  );
}

function hasValues({ tagValues }: Workspace, query: URLSearchParams): boolean {
  for (let index = 0; query.has(`filter[tagged][${index}][key]`); index++) {
    const key = query.get(`filter[tagged][${index}][key]`) ?? "";
    if (tagValues[key] !== query.get(`filter[tagged][${index}][value]`)) return false;
  }
  return true;
}

function create(world: World, exchange: Exchange): Reply {
  const role = requireRole(world, exchange, "owner");
  const organization = requireOrganization(world, exchange).name;
  const body = posted(world, exchange, "workspaces");
  const name = stringOf(body, "name", "");
  if (!/^[\w-]+$/u.test(name))
    return problem(
      world.profile.badNameStatus,
      "Name is invalid: only letters, numbers, dashes and underscores",
    );
  if (world.workspaces.some((other) => other.organization === organization && other.name === name)) {
    return problem(world.profile.nameTakenStatus, "Name has already been taken");
  }
  const workspace = newWorkspace(world, organization, name);
  change(world, workspace, body);
  Object.assign(workspace, groupsOf(world, body));
  world.workspaces.push(workspace);
  return document(201, workspaceDocument(world, workspace, role));
}

function update(world: World, exchange: Exchange, workspace: Workspace): Reply {
  const role = requireRole(world, exchange, "owner");
  change(world, workspace, posted(world, exchange, "workspaces"));
  return document(200, workspaceDocument(world, workspace, role));
}

function change(world: World, workspace: Workspace, body: Posted): void {
  const version = stringOf(body, "terraform-version", workspace.terraformVersion);
  requireVersion(world, version, workspace.terraformVersion);
  workspace.terraformVersion = version;
  workspace.workingDirectory = stringOf(body, "working-directory", workspace.workingDirectory);
  workspace.autoApply = booleanOf(body, "auto-apply", workspace.autoApply);
}

function requireVersion({ profile, settings }: World, version: string, present: string): void {
  const known = settings.versions?.includes(version) ?? true;
  const isVersion = /^(\d+\.\d+\.\d+.*|latest)$/u.test(version);
  if (version === present || (isVersion && (known || !profile.versionsChecked))) return;
  throw refuse(422, `Terraform version ${version} is not available`);
}
