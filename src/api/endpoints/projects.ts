import { callForDocument } from "../call.ts";
import { child, readMany, readOne } from "../json-api.ts";
import type { Bound } from "../session.ts";

/**
 * `GET organizations/:organization/projects` with a filter by name; the id of the one that is called exactly so.
 * @throws ApiError; 404 where the server has no projects (OTF, Terrakube) or hides them.
 */
export function findProject(bound: Bound, organization: string, name: string): Promise<string | undefined> {
  const call = {
    what: `looking for project "${name}" in organization "${organization}"`,
    method: "GET",
    endpoint: "organizations/:organization/projects",
    parameters: { organization },
    query: { "filter[names]": name },
  } as const;
  return callForDocument(
    bound,
    call,
    (document) =>
      readMany(document, "projects").resources.find(({ attributes }) => child(attributes, "name") === name)
        ?.id,
  );
}

/** `POST organizations/:organization/projects`; the new id. */
export function createProject(bound: Bound, organization: string, name: string): Promise<string> {
  const call = {
    what: `creating project "${name}" in organization "${organization}"`,
    method: "POST",
    endpoint: "organizations/:organization/projects",
    parameters: { organization },
    body: { data: { type: "projects", attributes: { name } } },
  } as const;
  return callForDocument(bound, call, (document) => readOne(document, { type: "projects" }).id);
}
