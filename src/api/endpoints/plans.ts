import { count, flag, optionalText, requiredText } from "../attributes.ts";
import { type Answer, callEndpoint, callForDocument, caps } from "../call.ts";
import { readSignedUrl } from "../clients.ts";
import { ApiError } from "../errors.ts";
import { type JsonObject, readOne } from "../json-api.ts";
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
  return callForDocument(bound, call, (document) => decode(bound, document, { type: "plans", id }));
}

/** `GET applies/:id`. */
export function readApply(bound: Bound, id: string): Promise<Phase> {
  const call = {
    what: `reading apply ${id}`,
    method: "GET",
    endpoint: "applies/:id",
    parameters: { id },
  } as const;
  return callForDocument(bound, call, (document) => decode(bound, document, { type: "applies", id }));
}

function decode(bound: Bound, document: JsonObject, asked: { type: string; id: string }): Phase {
  const { attributes } = readOne(document, asked);
  const logReadUrl = optionalText(attributes, "log-read-url");
  const url =
    logReadUrl === undefined
      ? undefined
      : readSignedUrl(logReadUrl, bound.api.base, "the log URL of the server");
  if (url !== undefined) keepSecret(bound.session, url);
  return {
    id: asked.id,
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

type PlanForm = "redacted" | "plain";

/** Which form is asked for first; the other one is taken where the server does not give it. */
export type PlanFormFirst = "redacted-first" | "plain-first";

/**
 * The structured plan, written into `file`: `GET plans/:id/json-output-redacted` (which a reader may) or `json-output`
 * (which asks for more rights, and hides no values), in the order that is asked for. `undefined` where the server has neither, refuses both, has none ready
 * (204, or 200 without a body), or where it is larger than 256 MiB; the file is of no use then. Only its beginning has
 * been looked at.
 */
export async function savePlanJson(
  bound: Bound,
  { planId, file, order }: { planId: string; file: string; order: PlanFormFirst },
): Promise<PlanForm | undefined> {
  const { facts } = bound;
  const plain = facts.planJson ? (["plain"] as const) : [];
  const redacted = facts.planJsonRedacted ? (["redacted"] as const) : [];
  const forms = order === "plain-first" ? [...plain, ...redacted] : [...redacted, ...plain];
  for (const form of forms) {
    if (await saveForm(bound, { planId, file, form: ENDPOINTS[form] })) return form;
  }
  return undefined;
}

const ENDPOINTS = { plain: "json-output", redacted: "json-output-redacted" } as const;

/** Statuses that say "not for you" or "none here": no right, no such endpoint, a version too old to have one. */
const without = new Set([403, 404, 405, 422]);

type Order = { planId: string; file: string; form: "json-output" | "json-output-redacted" };

/** Whether the server gave it. */
async function saveForm(bound: Bound, { planId, file, form }: Order): Promise<boolean> {
  const call = {
    what: `reading the plan of ${planId} as JSON`,
    method: "GET",
    endpoint: `plans/:id/${form}`,
    parameters: { id: planId },
  } as const;
  try {
    const reading = { accept: "application/json", cap: caps.planJson, file, read: lookAtPlan };
    return await callEndpoint(bound, call, reading);
  } catch (error) {
    if (error instanceof ApiError && error.status !== undefined && without.has(error.status)) return false;
    throw error;
  }
}

/** The content type is not looked at: OTF and the stores behind HCP Terraform's redirects name various ones. */
function lookAtPlan({ status, bytes, overCap }: Answer): { value: boolean } | "not-api" {
  if (status === 204 || bytes.length === 0 || overCap) return { value: false };
  const isObject = /^[ \t\r\n]*\{/.test(new TextDecoder().decode(bytes));
  return isObject ? { value: true } : "not-api";
}
