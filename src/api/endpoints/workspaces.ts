import { flag, optionalText, requiredText, text } from "../attributes.ts";
import { callForDocument } from "../call.ts";
import { currentRunId } from "../facts.ts";
import { child, isObject, type JsonObject, readOne, related, relatedId } from "../json-api.ts";
import type { Bound } from "../session.ts";
import type { Workspace } from "../types.ts";

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
  return callForDocument(bound, call, (document) => decodeWorkspace(bound, document));
}

/** Absent permissions stay unknown; a server that names no execution mode is taken to run remotely. */
function decodeWorkspace(bound: Bound, document: JsonObject): Workspace {
  const resource = readOne(document, { type: "workspaces" });
  const { attributes } = resource;
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
    permissions: {
      canQueueRun: flag(permissions, "can-queue-run"),
      canUpdate: flag(permissions, "can-update"),
      canQueueApply: flag(permissions, "can-queue-apply"),
    },
  };
}
