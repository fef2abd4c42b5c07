import type { JsonValue } from "../../json.ts";
import { requiredText, text } from "../attributes.ts";
import { callForDocument, callForNothing } from "../call.ts";
import { ApiError } from "../errors.ts";
import { readMany } from "../json-api.ts";
import type { Bound } from "../session.ts";
import type { Tags } from "../workspace-types.ts";

/** Whether tags are plain names, without values. */
export function isTagNames(tags: Tags): tags is readonly string[] {
  return Array.isArray(tags);
}

export function tagNamesOf(tags: Tags): string[] {
  return isTagNames(tags) ? [...tags] : Object.keys(tags);
}

/** Tags as a request names them: `tags` by name, `tag-bindings` by key and value, both without ids. */
export function tagData(tags: Tags): { data: JsonValue[] } {
  const resources = isTagNames(tags)
    ? tags.map((name) => ({ type: "tags", attributes: { name } }))
    : Object.entries(tags).map(([key, value]) => ({ type: "tag-bindings", attributes: { key, value } }));
  return { data: resources };
}

/**
 * `POST workspaces/:id/relationships/tags`, or `PATCH workspaces/:id/tag-bindings` for tags with values. Both add to what
 * is there and may be repeated.
 */
export function addTags(bound: Bound, workspaceId: string, tags: Tags): Promise<void> {
  const how = isTagNames(tags)
    ? ({ method: "POST", endpoint: "workspaces/:id/relationships/tags" } as const)
    : ({ method: "PATCH", endpoint: "workspaces/:id/tag-bindings" } as const);
  return callForNothing(bound, {
    ...how,
    what: `adding tags to workspace ${workspaceId}`,
    parameters: { id: workspaceId },
    repeat: "safely",
    body: tagData(tags),
  });
}

/** `GET workspaces/:id/effective-tag-bindings`; `undefined` where it does not exist (OTF, Terrakube) or is not shown. */
export async function readTagValues(
  bound: Bound,
  workspaceId: string,
): Promise<Record<string, string> | undefined> {
  const call = {
    what: `reading the tags of workspace ${workspaceId}`,
    method: "GET",
    endpoint: "workspaces/:id/effective-tag-bindings",
    parameters: { id: workspaceId },
  } as const;
  try {
    const { resources } = await callForDocument(bound, call, (document) =>
      readMany(document, "effective-tag-bindings"),
    );
    return Object.fromEntries(
      resources.map(({ attributes }) => [requiredText(attributes, "key"), text(attributes, "value")]),
    );
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
