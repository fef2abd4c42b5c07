import type { JsonValue } from "../../../src/json.ts";
import { type Exchange, isRecord, Refusal, type Reply } from "../http/exchange.ts";
import type { World } from "../world.ts";

export const mediaType = "application/vnd.api+json";

export type Resource = {
  id: string;
  type: string;
  attributes: Record<string, JsonValue>;
  relationships?: Record<string, JsonValue>;
  links?: Record<string, JsonValue>;
};

/** One resource. */
export const document = (status: number, resource: Resource, included?: Resource[]): Reply =>
  answer(status, { data: resource, ...(included === undefined ? {} : { included }) });

export const answer = (status: number, value: JsonValue): Reply => ({
  status,
  headers: { "content-type": mediaType },
  body: JSON.stringify(value),
});

/** A JSON:API error: title by status, detail for people. */
export const problem = (status: number, detail: string): Reply =>
  answer(status, { errors: [{ status: String(status), title: titles[status] ?? "error", detail }] });

const titles: Record<number, string> = {
  400: "invalid attribute",
  401: "unauthorized",
  403: "Forbidden",
  404: "not found",
  405: "method not allowed",
  409: "conflict",
  415: "unsupported media type",
  422: "unprocessable entity",
  429: "Too many requests",
  500: "Internal Server Error",
};

export const refuse = (status: number, detail: string): Refusal => new Refusal(problem(status, detail));

export const notFound = (): Refusal => refuse(404, "resource not found");

/** The list of resources in a request body or a relationship, all of one type; 422 for anything else. */
export function resourcesOf(data: unknown, type: string): Record<string, unknown>[] {
  if (!Array.isArray(data)) throw refuse(422, "data must be a list");
  return data.map((item: unknown) => {
    if (!isRecord(item) || item["type"] !== type || !isRecord(item["attributes"]))
      throw refuse(422, `data must be a list of ${type} with attributes`);
    return item["attributes"];
  });
}

/** The list in a request body. Refuses as `posted` does. */
export function postedList(world: World, exchange: Exchange, type: string): Record<string, unknown>[] {
  requireMediaType(world, exchange);
  const body: unknown = JSON.parse(exchange.body.toString("utf8"));
  return resourcesOf(isRecord(body) ? body["data"] : undefined, type);
}

export type Posted = { attributes: Record<string, unknown>; relationships: Record<string, unknown> };

/** The resource in a request body. Refuses another media type (415), what is no JSON:API (400), another type (422). */
export function posted(world: World, exchange: Exchange, type: string): Posted {
  requireMediaType(world, exchange);
  const data = dataOf(exchange.body);
  if (data["type"] !== type) throw refuse(422, `type must be ${type}, is ${String(data["type"])}`);
  const attributes = data["attributes"] ?? {};
  const relationships = data["relationships"] ?? {};
  if (!isRecord(attributes) || !isRecord(relationships))
    throw refuse(400, "attributes and relationships must be objects");
  return { attributes, relationships };
}

/** Bodies of the API are JSON:API by their media type, also the plain `{}` of an action, where that is enforced. */
export function requireMediaType(world: World, exchange: Exchange): void {
  if (!world.profile.mediaTypeEnforced) return;
  const type = exchange.headers["content-type"] ?? "none";
  if (type.split(";")[0]?.trim() !== mediaType)
    throw refuse(415, `content type must be ${mediaType}, is ${type}`);
}

function dataOf(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw refuse(400, "the body is not JSON");
  }
  if (!isRecord(value) || !isRecord(value["data"])) throw refuse(400, "the body has no data object");
  return value["data"];
}

/** Id of a to-one relationship of the given type; 422 when it is missing or of another type. */
export function related(body: Posted, name: string, type: string): string {
  const relationship = body.relationships[name];
  const data = isRecord(relationship) ? relationship["data"] : undefined;
  if (!isRecord(data) || data["type"] !== type || typeof data["id"] !== "string") {
    throw refuse(422, `relationship ${name} must name one of ${type}`);
  }
  return data["id"];
}

export const toOne = (type: string, id: string | undefined): JsonValue => ({
  data: id === undefined ? null : { type, id },
});

export const toMany = (type: string, ids: string[]): JsonValue => ({ data: ids.map((id) => ({ type, id })) });

/** A page of a list; `pagination` false: a list without `meta`, all of it (Terrakube). */
export function page(exchange: Exchange, resources: Resource[], pagination: boolean): Reply {
  if (!pagination) return answer(200, { data: resources });
  const number = pageParameter(exchange, "page[number]", 1);
  const size = Math.min(pageParameter(exchange, "page[size]", 20), 100);
  const total = Math.max(1, Math.ceil(resources.length / size));
  return answer(200, {
    data: resources.slice((number - 1) * size, number * size),
    meta: {
      pagination: {
        "current-page": number,
        "page-size": size,
        "prev-page": number > 1 ? number - 1 : null,
        "next-page": number < total ? number + 1 : null,
        "total-pages": total,
        "total-count": resources.length,
      },
    },
  });
}

function pageParameter(exchange: Exchange, name: string, fallback: number): number {
  const given = exchange.url.searchParams.get(name);
  if (given === null) return fallback;
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw refuse(400, `${name} must be a positive integer`);
  return value;
}
