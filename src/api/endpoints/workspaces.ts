import { flag, list, optionalText, requiredText, text } from "../attributes.ts";
import { callForDocument } from "../call.ts";
import { ApiError } from "../errors.ts";
import { currentRunId } from "../facts.ts";
import { child, isObject, type Resource, readMany, readOne, related, relatedId } from "../json-api.ts";
import { readPages } from "../pages.ts";
import type { Bound } from "../session.ts";
import type { Workspace } from "../types.ts";
import type { NewWorkspace, WorkspaceFilter } from "../workspace-types.ts";
import { isTagNames, tagData, tagNamesOf } from "./tags.ts";

/**
 * `GET organizations/:organization/workspaces/:name`.
 * @throws ApiError; reason `not-found` for a workspace that is missing or hidden from the token.
 */
export function readWorkspace(bound: Bound, organization: string, name: string): Promise<Workspace> {
  const call = {
    what: `reading workspace "${name}" of organization "${organization}"`,
    method: "GET",
    endpoint: "organizations/:organization/workspaces/:name",
    parameters: { organization, name },
  } as const;
  return callForDocument(bound, call, (document) =>
    decodeWorkspace(bound, readOne(document, { type: "workspaces" })),
  ).catch((error: unknown) => {
    throw workspaceMissing(error);
  });
}

function workspaceMissing(error: unknown): unknown {
  if (!(error instanceof ApiError) || error.status !== 404) return error;
  const message = `${error.message}; a workspace that does not exist yet is made by command: init`;
  return new ApiError("not-found", message, { status: 404, cause: error });
}

/** More workspaces of one name part or tag than this are not for one block. */
const mostPages = 50;

/** `GET organizations/:organization/workspaces`, all pages. */
export async function listWorkspaces(
  bound: Bound,
  organization: string,
  filter: WorkspaceFilter,
): Promise<Workspace[]> {
  const workspaces: Workspace[] = [];
  const pageOf = (page: number) => ({ "page[number]": String(page), "page[size]": "100" });
  const pages = readPages((page) => readPage(bound, organization, { ...queryOf(filter), ...pageOf(page) }));
  for await (const { page, resources } of pages) {
    workspaces.push(...resources.map((resource) => decodeWorkspace(bound, resource)));
    if (page >= mostPages) break;
  }
  return workspaces;
}

function readPage(bound: Bound, organization: string, query: Record<string, string>) {
  const call = {
    what: `listing the workspaces of organization "${organization}"`,
    method: "GET",
    endpoint: "organizations/:organization/workspaces",
    parameters: { organization },
    query,
  } as const;
  return callForDocument(bound, call, (document) => readMany(document, "workspaces"));
}

/** Tags with values are asked for by their names too, for servers that know only those. */
function queryOf({ namePart, tags, projectId }: WorkspaceFilter): Record<string, string> {
  const pairs = tags === undefined || isTagNames(tags) ? [] : Object.entries(tags);
  const tagged = pairs.flatMap(([key, value], index) => [
    [`filter[tagged][${index}][key]`, key],
    [`filter[tagged][${index}][value]`, value],
  ]);
  return {
    ...Object.fromEntries(tagged),
    ...(namePart === undefined ? {} : { "search[name]": namePart }),
    ...(tags === undefined ? {} : { "search[tags]": tagNamesOf(tags).join(",") }),
    ...(projectId === undefined ? {} : { "filter[project][id]": projectId }),
  };
}

/**
 * `POST organizations/:organization/workspaces`.
 * @throws ApiError; 422 (OTF: 409, 500) for a name that is taken or none, and for a version that the server does not know.
 */
export function createWorkspace(
  bound: Bound,
  organization: string,
  { name, terraformVersion, tags, projectId }: NewWorkspace,
): Promise<Workspace> {
  const call = {
    what: `creating workspace "${name}" in organization "${organization}"`,
    method: "POST",
    endpoint: "organizations/:organization/workspaces",
    parameters: { organization },
    body: {
      data: {
        type: "workspaces",
        attributes: {
          name,
          ...(terraformVersion === undefined ? {} : { "terraform-version": terraformVersion }),
        },
        relationships: {
          ...(tags === undefined ? {} : { [isTagNames(tags) ? "tags" : "tag-bindings"]: tagData(tags) }),
          ...(projectId === undefined ? {} : { project: { data: { type: "projects", id: projectId } } }),
        },
      },
    },
  } as const;
  return callForDocument(bound, call, (document) =>
    decodeWorkspace(bound, readOne(document, { type: "workspaces" })),
  );
}

/** Absent permissions stay unknown; a server that names no execution mode is taken to run remotely. */
function decodeWorkspace(bound: Bound, resource: Resource): Workspace {
  const { attributes } = resource;
  const tagNames = child(attributes, "tag-names");
  const permissions = child(attributes, "permissions");
  return {
    id: resource.id,
    name: requiredText(attributes, "name"),
    executionMode: text(attributes, "execution-mode") || "remote",
    workingDirectory: text(attributes, "working-directory"),
    terraformVersion: text(attributes, "terraform-version"),
    autoApply: flag(attributes, "auto-apply") ?? false,
    locked: flag(attributes, "locked") ?? false,
    lockedReason: optionalText(attributes, "locked-reason"),
    lockedBy: related(resource, "locked-by"),
    vcsConnected: isObject(child(attributes, "vcs-repo")),
    structuredRunOutput: flag(attributes, "structured-run-output-enabled") ?? false,
    currentRunId: currentRunId(bound.facts, relatedId(resource, "current-run")),
    // OTF tells null for none.
    tagNames:
      tagNames === undefined
        ? undefined
        : list(attributes, "tag-names").filter((name) => typeof name === "string"),
    permissions: {
      canQueueRun: flag(permissions, "can-queue-run"),
      canUpdate: flag(permissions, "can-update"),
      canQueueApply: flag(permissions, "can-queue-apply"),
      canReadStateOutputs: flag(permissions, "can-read-state-outputs"),
    },
  };
}
