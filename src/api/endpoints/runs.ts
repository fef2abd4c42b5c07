import type { JsonValue } from "../../json.ts";
import { count, flag, optionalText, requiredText, text, textMap } from "../attributes.ts";
import { callForDocument, callForNothing } from "../call.ts";
import { documentedStatus, runListFilter, toldList } from "../facts.ts";
import { header } from "../http.ts";
import { child, type Resource, readMany, readOne, relatedId, relatedIds } from "../json-api.ts";
import { readPages } from "../pages.ts";
import type { ServerFacts } from "../server-facts.ts";
import type { Bound } from "../session.ts";
import type { Run, RunAttributes, RunVariable } from "../types.ts";

/**
 * `POST runs`. Never repeated after an answer that leaves open whether a run was made: the API knows no idempotency key.
 * @throws ApiError, `ambiguous` then; the caller looks the run up by its configuration version.
 */
export async function createRun(
  bound: Bound,
  target: { workspaceId: string; configurationVersionId: string },
  attributes: RunAttributes,
): Promise<Run> {
  const call = {
    what: "creating the run",
    method: "POST",
    endpoint: "runs",
    body: {
      data: {
        type: "runs",
        attributes: { ...attributes },
        relationships: {
          workspace: { data: { type: "workspaces", id: target.workspaceId } },
          "configuration-version": {
            data: { type: "configuration-versions", id: target.configurationVersionId },
          },
        },
      },
    },
  } as const;
  const run = await callForDocument(bound, call, (document) =>
    decode(readOne(document, { type: "runs" }), bound.facts),
  );
  bound.session.created.add(run.id);
  return run;
}

/** `GET runs/:id`. */
export function readRun(bound: Bound, id: string): Promise<Run> {
  const call = {
    what: `reading run ${id}`,
    method: "GET",
    endpoint: "runs/:id",
    parameters: { id },
    recent: bound.session.created.has(id),
  } as const;
  return callForDocument(bound, call, (document, headers) => ({
    ...decode(readOne(document, { type: "runs", id }), bound.facts),
    readAt: header(headers, "date"),
  }));
}

const largestPage = 100;

/** `GET workspaces/:id/runs`, newest first, plan-only ones included, at most `limit`. */
export async function listRuns(bound: Bound, workspaceId: string, limit: number): Promise<Run[]> {
  const runs: Run[] = [];
  const size = Math.min(limit, largestPage);
  for await (const { resources } of readPages((page) => readRunPage(bound, workspaceId, { page, size }))) {
    runs.push(...resources.map((resource) => decode(resource, bound.facts)));
    if (runs.length >= limit) break;
  }
  return runs.slice(0, limit);
}

function readRunPage(bound: Bound, workspaceId: string, { page, size }: { page: number; size: number }) {
  const call = {
    what: `listing the runs of workspace ${workspaceId}`,
    method: "GET",
    endpoint: "workspaces/:id/runs",
    parameters: { id: workspaceId },
    query: { ...runListFilter(bound.facts), "page[number]": String(page), "page[size]": String(size) },
  } as const;
  return callForDocument(bound, call, (document) => readMany(document, "runs"));
}

/**
 * `POST runs/:id/actions/apply`, once: each confirmation must follow a fresh look at the run, so that even what surely
 * did not arrive is not sent again from here. What is said with it belongs to this very confirmation.
 */
export function applyRun(bound: Bound, id: string, comment?: string): Promise<void> {
  const isKept = comment !== undefined && bound.facts.keepsComments;
  return act(bound, id, { action: "apply", ...(isKept && { comment }) });
}

/** `POST runs/:id/actions/cancel`. */
export function cancelRun(bound: Bound, id: string): Promise<void> {
  return act(bound, id, { action: "cancel" });
}

/** `POST runs/:id/actions/discard`. */
export function discardRun(bound: Bound, id: string): Promise<void> {
  return act(bound, id, { action: "discard" });
}

const doing = { apply: "confirming", cancel: "canceling", discard: "discarding" };

type Action = { action: keyof typeof doing; comment?: string };

function act(bound: Bound, id: string, { action, ...body }: Action): Promise<void> {
  return callForNothing(bound, {
    what: `${doing[action]} run ${id}`,
    method: "POST",
    endpoint: `runs/:id/actions/${action}`,
    parameters: { id },
    body,
    ...(action === "apply" ? { limits: { tries: 1 } } : {}),
  });
}

function decode(resource: Resource, facts: ServerFacts): Run {
  const { attributes } = resource;
  return {
    id: resource.id,
    status: documentedStatus(facts, requiredText(attributes, "status")),
    message: text(attributes, "message"),
    isDestroy: flag(attributes, "is-destroy") ?? false,
    planOnly: flag(attributes, "plan-only"),
    autoApply: flag(attributes, "auto-apply"),
    hasChanges: flag(attributes, "has-changes"),
    positionInQueue: count(attributes, "position-in-queue"),
    createdAt: optionalText(attributes, "created-at"),
    ...echoedOptions(resource, facts),
    ...related(resource),
    actions: decodeActions(child(attributes, "actions")),
    permissions: decodePermissions(child(attributes, "permissions")),
    statusTimestamps: textMap(attributes, "status-timestamps"),
  };
}

/** An option that the server does not tell is `undefined`: nobody can say that it was kept. */
function echoedOptions({ attributes }: Resource, facts: ServerFacts): Partial<Run> {
  const told = (name: string) => toldList(facts, child(attributes, name));
  return {
    refresh: flag(attributes, "refresh"),
    targetAddrs: told("target-addrs")?.filter((address) => typeof address === "string"),
    replaceAddrs: told("replace-addrs")?.filter((address) => typeof address === "string"),
    variables: variablesOf(told("variables")),
    refreshOnly: flag(attributes, "refresh-only"),
    savePlan: flag(attributes, "save-plan"),
    terraformVersion: optionalText(attributes, "terraform-version"),
  };
}

/** One without its value is hidden: then nobody can say with which values the run was made. */
function variablesOf(told: JsonValue[] | undefined): RunVariable[] | undefined {
  const isHidden = (one: JsonValue) => optionalText(one, "value") === undefined;
  if (told === undefined || told.some(isHidden)) return undefined;
  return told.map((one) => ({ key: text(one, "key"), value: text(one, "value") }));
}

function related(resource: Resource) {
  return {
    workspaceId: relatedId(resource, "workspace"),
    configurationVersionId: relatedId(resource, "configuration-version"),
    planId: relatedId(resource, "plan"),
    applyId: relatedId(resource, "apply"),
    costEstimateId: relatedId(resource, "cost-estimate"),
    policyCheckIds: relatedIds(resource, "policy-checks"),
    taskStageIds: relatedIds(resource, "task-stages"),
  };
}

function decodeActions(actions: JsonValue | undefined): Run["actions"] {
  return {
    isCancelable: flag(actions, "is-cancelable"),
    isConfirmable: flag(actions, "is-confirmable"),
    isDiscardable: flag(actions, "is-discardable"),
  };
}

function decodePermissions(permissions: JsonValue | undefined): Run["permissions"] {
  return {
    canApply: flag(permissions, "can-apply"),
    canCancel: flag(permissions, "can-cancel"),
    canDiscard: flag(permissions, "can-discard"),
  };
}
