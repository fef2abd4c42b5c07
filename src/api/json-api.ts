import { Failure } from "../failure.ts";
import type { JsonValue } from "../json.ts";

export type JsonObject = { [key: string]: JsonValue };

/** A checked resource object of JSON:API; `id` is a string also where a server sends an integer. */
export type Resource = { type: string; id: string; attributes: JsonObject; relationships: JsonObject };

/** The resources of a list and the number of the next page, `undefined` on the last. */
export type Page = { resources: Resource[]; nextPage: number | undefined };

/**
 * Parses a body that claims to be JSON. `undefined` when the content type says otherwise or the text is no JSON object:
 * then it is no answer of the API, whatever its status.
 */
export function parseApiBody(contentType: string | undefined, bytes: Uint8Array): JsonObject | undefined {
  const mediaType = (contentType ?? "application/json").split(";")[0]?.trim().toLowerCase() ?? "";
  return /(^|[/+])json$/.test(mediaType) ? parseObject(bytes) : undefined;
}

/** Parses bytes as a JSON object, whatever their content type; `undefined` when they are none. */
export function parseObject(bytes: Uint8Array): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The one resource of a document.
 * @throws Failure (`server`) when there is none, or it has another type or another id than the one asked for.
 */
export function readOne(document: JsonObject, expected: { type: string; id?: string }): Resource {
  const resource = readResource(document["data"], expected.type, "data");
  if (expected.id !== undefined && resource.id !== expected.id) {
    throw unexpected(`data.id is ${quote(resource.id)}, but ${quote(expected.id)} was asked for`);
  }
  return resource;
}

/**
 * The resources of a list; without `meta.pagination` it is the only page.
 * @throws Failure (`server`) when `data` is no list of resources of the type.
 */
export function readMany(document: JsonObject, type: string): Page {
  const data = document["data"];
  if (!Array.isArray(data)) throw unexpected("data is not a list");
  const resources = data.map((item, index) => readResource(item, type, `data[${index}]`));
  const next = child(child(document["meta"], "pagination"), "next-page");
  return { resources, nextPage: typeof next === "number" && Number.isSafeInteger(next) ? next : undefined };
}

/** The included resources of a type; those that are not well formed are left out, as nothing refers to them. */
export function readIncluded(document: JsonObject, type: string): Resource[] {
  const included = document["included"];
  if (!Array.isArray(included)) return [];
  return included
    .filter((item) => isObject(item) && item["type"] === type && readId(item["id"]) !== undefined)
    .map((item) => readResource(item, type, "included"));
}

/** The id that a to-one relationship names, `undefined` where it is absent or null. */
export function relatedId(resource: Resource, name: string): string | undefined {
  return readId(child(child(resource.relationships[name], "data"), "id"));
}

/** The type and the id that a to-one relationship names, where its type varies. */
export function related(resource: Resource, name: string): { kind: string; id: string } | undefined {
  const data = child(resource.relationships[name], "data");
  const [kind, id] = [child(data, "type"), readId(child(data, "id"))];
  return typeof kind === "string" && id !== undefined ? { kind, id } : undefined;
}

/** The ids that a to-many relationship names. */
export function relatedIds(resource: Resource, name: string): string[] {
  const data = child(resource.relationships[name], "data");
  if (!Array.isArray(data)) return [];
  return data.map((item) => readId(child(item, "id"))).filter((id) => id !== undefined);
}

/** A member of an object, `undefined` when the value is no object or has no such member of its own. */
export function child(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** An answer of the API that is not what its documentation says. */
export function unexpected(what: string): Failure {
  return new Failure("server", `the server's answer is not as documented: ${what}`);
}

function readResource(value: JsonValue | undefined, type: string, where: string): Resource {
  if (!isObject(value)) throw unexpected(`${where} is not a resource object`);
  if (value["type"] !== type)
    throw unexpected(`${where}.type is ${quote(value["type"])} instead of "${type}"`);
  const id = readId(value["id"]);
  if (id === undefined) throw unexpected(`${where}.id is ${quote(value["id"])}`);
  return {
    type,
    id,
    attributes: members(value["attributes"]),
    relationships: members(value["relationships"]),
  };
}

function members(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** Ids are strings; Terrakube sends integers for plans and applies. */
function readId(value: JsonValue | undefined): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}

function quote(value: JsonValue | undefined): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
