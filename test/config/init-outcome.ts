import { isRecord } from "../sandbox/http/exchange.ts";
import type { RecordedRequest } from "../sandbox/http/listener.ts";
import type { Sandbox } from "../sandbox/server.ts";

/** What a client asked the server for, and the errors in which it ended. */
export type Outcome = {
  errors: string[];
  organizations: string[];
  /** Queries of lists of workspaces, pages left out. */
  searches: string[];
  /** The last workspace that was read or made. */
  workspace: string | undefined;
  /** All workspaces afterwards, with their tags and projects. */
  workspaces: string[];
  projects: string[];
};

export function outcomeOf({ requests, world }: Sandbox, errors: string[]): Outcome {
  const api = requests.filter(({ path }) => path.includes("/organizations/"));
  const organizations = api.map(({ path }) => /\/organizations\/([^/?]+)/.exec(path)?.[1] ?? "");
  return {
    errors,
    organizations: [...new Set(organizations)],
    searches: [...new Set(api.flatMap(searchOf))],
    workspace: api.flatMap(workspaceOf).at(-1),
    workspaces: world.workspaces
      .map(({ name, tags, projectId }) => `${name} [${[...tags].sort().join(",")}] ${projectName(projectId)}`)
      .sort(),
    projects: world.projects.map(({ name }) => name),
  };

  function projectName(id: string | undefined): string {
    return world.projects.find((project) => project.id === id)?.name ?? "";
  }
}

function searchOf({ method, path }: RecordedRequest): string[] {
  const url = new URL(path, "https://host");
  if (method !== "GET" || !url.pathname.endsWith("/workspaces")) return [];
  const kept = [...url.searchParams].filter(([name]) => !name.startsWith("page["));
  return [
    kept
      .map(([name, value]) => `${name}=${value.split(",").sort().join(",")}`)
      .sort()
      .join("&"),
  ];
}

function workspaceOf({ method, path, json, status }: RecordedRequest): string[] {
  const [, name] = /\/workspaces\/([^/?]+)/.exec(path) ?? [];
  if (method === "GET" && name !== undefined && status === 200) return [name];
  if (method !== "POST" || !path.endsWith("/workspaces") || status !== 201) return [];
  const data = isRecord(json) ? json["data"] : undefined;
  const attributes = isRecord(data) ? data["attributes"] : undefined;
  return isRecord(attributes) ? [String(attributes["name"])] : [];
}
