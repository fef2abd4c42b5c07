import type { JsonValue } from "../../json.ts";
import { count, flag, optionalText, requiredText } from "../attributes.ts";
import { type Answer, callEndpoint, callForDocument, caps } from "../call.ts";
import { readSignedUrl } from "../clients.ts";
import { ApiError } from "../errors.ts";
import { type JsonObject, parseObject, readOne } from "../json-api.ts";
import { type Bound, keepSecret } from "../session.ts";
import type { Phase } from "../types.ts";

/** `GET plans/:id`. */
export function readPlan(bound: Bound, id: string): Promise<Phase> {
  const call = {
    what: `reading plan ${id}`,
    method: "GET",
    endpoint: "plans/:id",
    parameters: { id },
  } as const;
  return callForDocument(bound, call, (document) => decode(bound, document, id));
}

function decode(bound: Bound, document: JsonObject, id: string): Phase {
  const { attributes } = readOne(document, { type: "plans", id });
  const logReadUrl = optionalText(attributes, "log-read-url");
  const url =
    logReadUrl === undefined
      ? undefined
      : readSignedUrl(logReadUrl, bound.api.base, "the log URL of the server");
  if (url !== undefined) keepSecret(bound.session, url);
  return {
    id,
    status: requiredText(attributes, "status"),
    logReadUrl: url?.href,
    hasChanges: flag(attributes, "has-changes"),
    counts: decodeCounts(attributes),
  };
}

/** Servers that count nothing (OTF) leave all of them out; old ones know no imports. */
function decodeCounts(attributes: JsonObject): Phase["counts"] {
  const add = count(attributes, "resource-additions");
  const change = count(attributes, "resource-changes");
  const destroy = count(attributes, "resource-destructions");
  if (add === undefined || change === undefined || destroy === undefined) return undefined;
  return { add, change, destroy, import: count(attributes, "resource-imports") ?? 0 };
}

type PlanJson = { form: "redacted" | "plain"; value: JsonValue };

/**
 * The structured plan: `GET plans/:id/json-output-redacted` (which a reader may), else `json-output` (which asks for
 * more rights). `undefined` where the server has neither, refuses both, has none ready (204, or 200 without a body), or
 * where it is larger than 64 MiB.
 */
export async function readPlanJson(bound: Bound, planId: string): Promise<PlanJson | undefined> {
  const { facts } = bound;
  const redacted = facts.planJsonRedacted ? await readForm(bound, planId, "json-output-redacted") : undefined;
  if (redacted !== undefined) return { form: "redacted", value: redacted };
  const plain = facts.planJson ? await readForm(bound, planId, "json-output") : undefined;
  return plain === undefined ? undefined : { form: "plain", value: plain };
}

/** Statuses that say "not for you" or "none here": no right, no such endpoint, a version too old to have one. */
const without = new Set([403, 404, 405, 422]);

async function readForm(
  bound: Bound,
  id: string,
  form: "json-output" | "json-output-redacted",
): Promise<JsonValue | undefined> {
  const call = {
    what: `reading the plan of ${id} as JSON`,
    method: "GET",
    endpoint: `plans/:id/${form}`,
    parameters: { id },
  } as const;
  try {
    return await callEndpoint(bound, call, {
      accept: "application/json",
      cap: caps.planJson,
      read: parsePlan,
    });
  } catch (error) {
    if (error instanceof ApiError && error.status !== undefined && without.has(error.status))
      return undefined;
    throw error;
  }
}

/** The content type is not looked at: OTF and the stores behind HCP Terraform's redirects name various ones. */
function parsePlan(answer: Answer): { value: JsonValue | undefined } | "not-api" {
  if (answer.status === 204 || answer.bytes.length === 0 || answer.overCap) return { value: undefined };
  const value = parseObject(answer.bytes);
  return value === undefined ? "not-api" : { value };
}
