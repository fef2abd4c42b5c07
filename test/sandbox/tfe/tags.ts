import { type Exchange, isRecord, type Reply } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { makeId } from "../ids.ts";
import type { Workspace, World } from "../world.ts";
import { stringOf } from "./attributes.ts";
import {
  document,
  notFound,
  type Posted,
  page,
  posted,
  postedList,
  problem,
  type Resource,
  refuse,
  related,
  resourcesOf,
} from "./json-api.ts";
import { requireOrganization } from "./organizations.ts";
import { requireRole, roleOf } from "./rights.ts";
import { workspaceInPath } from "./workspaces.ts";

/** Tags of workspaces: by name everywhere, with values where the server has them. */
export function tagRoutes(world: World): Routes {
  const path = `${world.profile.apiPath}workspaces/:id`;
  const values: Routes = {
    [`GET ${path}/tag-bindings`]: (exchange) => bindings(world, exchange, "tag-bindings"),
    [`GET ${path}/effective-tag-bindings`]: (exchange) => bindings(world, exchange, "effective-tag-bindings"),
    [`PATCH ${path}/tag-bindings`]: (exchange) => {
      requireRole(world, exchange, "owner");
      const workspace = workspaceInPath(world, exchange);
      Object.assign(workspace.tagValues, valuesOf(postedList(world, exchange, "tag-bindings")));
      return bindings(world, exchange, "tag-bindings");
    },
  };
  return {
    [`POST ${path}/relationships/tags`]: (exchange) => {
      requireRole(world, exchange, "owner");
      const workspace = workspaceInPath(world, exchange);
      addNames(workspace, namesOf(postedList(world, exchange, "tags")));
      return { status: 204 };
    },
    ...(world.profile.tagBindings ? values : {}),
  };
}

function bindings(world: World, exchange: Exchange, type: string): Reply {
  roleOf(world, exchange);
  const workspace = workspaceInPath(world, exchange);
  const named = workspace.tags.map((tag) => [tag, ""] as const);
  const resources = [...Object.entries(workspace.tagValues), ...named].map(
    ([key, value]): Resource => ({ id: `tb-${workspace.id}-${key}`, type, attributes: { key, value } }),
  );
  return page(exchange, resources, world.profile.pagination);
}

function addNames(workspace: Workspace, names: string[]): void {
  workspace.tags = [...new Set([...workspace.tags, ...names])];
}

function namesOf(resources: Record<string, unknown>[]): string[] {
  return resources.map(({ name }) => tagName(name));
}

function valuesOf(resources: Record<string, unknown>[]): Record<string, string> {
  return Object.fromEntries(
    resources.map(({ key, value = "" }) => {
      if (typeof value !== "string") throw refuse(422, "a tag's value must be a string");
      return [tagName(key), value];
    }),
  );
}

function tagName(name: unknown): string {
  if (typeof name === "string" && /^[\w:-]{1,255}$/u.test(name)) return name;
  throw refuse(422, "Tag name is invalid: only letters, numbers, colons, hyphens and underscores");
}

/** The tags and the project that a new workspace is posted with. */
export function groupsOf(world: World, body: Posted): Pick<Workspace, "tags" | "tagValues" | "projectId"> {
  const data = (name: string): unknown => {
    const relationship = body.relationships[name];
    return isRecord(relationship) ? relationship["data"] : undefined;
  };
  const tags = data("tags");
  const values = world.profile.tagBindings ? data("tag-bindings") : undefined;
  const hasProject = world.profile.projects && body.relationships["project"] !== undefined;
  const projectId = hasProject ? related(body, "project", "projects") : undefined;
  if (projectId !== undefined && !world.projects.some(({ id }) => id === projectId)) throw notFound();
  return {
    tags: tags === undefined ? [] : namesOf(resourcesOf(tags, "tags")),
    tagValues: values === undefined ? {} : valuesOf(resourcesOf(values, "tag-bindings")),
    projectId,
  };
}

/** Listing and making projects, where the server has them. */
export function projectRoutes(world: World): Routes {
  if (!world.profile.projects) return {};
  const path = `${world.profile.apiPath}organizations/:organization/projects`;
  return {
    [`GET ${path}`]: (exchange) => {
      roleOf(world, exchange);
      const organization = requireOrganization(world, exchange).name;
      const names = exchange.url.searchParams.get("filter[names]")?.split(",");
      const found = world.projects.filter(
        (project) => project.organization === organization && (names?.includes(project.name) ?? true),
      );
      return page(exchange, found.map(projectDocument), world.profile.pagination);
    },
    [`POST ${path}`]: (exchange) => {
      requireRole(world, exchange, "owner");
      const organization = requireOrganization(world, exchange).name;
      const name = stringOf(posted(world, exchange, "projects"), "name", "");
      if (!/^[\w -]{3,40}$/u.test(name)) return problem(422, "Name is invalid: 3 to 40 letters, numbers");
      if (world.projects.some((other) => other.organization === organization && other.name === name))
        return problem(422, "Name has already been taken");
      const project = { id: makeId("prj"), organization, name };
      world.projects.push(project);
      return document(201, projectDocument(project));
    },
  };
}

function projectDocument({ id, name }: { id: string; name: string }): Resource {
  return { id, type: "projects", attributes: { name } };
}
