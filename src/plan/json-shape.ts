import { Failure } from "../failure.ts";
import type { JsonValue } from "../json.ts";

export type JsonObject = { [key: string]: JsonValue };

/** Deepest nesting taken; OpenTofu writes far less, and everything after this may recurse. */
export const maxDepth = 200;

/** The failure of a structured plan that cannot be read; names the place, never a value, which may be secret. */
export function unreadablePlan(where: string, problem: string): Failure {
  return new Failure(
    "server",
    `The structured plan that the server sent cannot be read: ${where} ${problem}. ` +
      "Read the plan in the log of the run; if the server runs a newer OpenTofu or Terraform, update this action.",
  );
}

/** Parses one JSON text. The parser's own message would quote the text, so it goes no further than this. */
export function parseJson(bytes: Uint8Array, where: string): JsonValue {
  try {
    const value: JsonValue = JSON.parse(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"),
    );
    return value;
  } catch {
    throw unreadablePlan(where, "is not JSON");
  }
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An own property, so that a key such as `constructor` finds nothing that was not sent. */
export function field(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function text(object: JsonObject, key: string): string | undefined {
  const value = field(object, key);
  return typeof value === "string" ? value : undefined;
}

/** A non-empty string, as Go's `omitempty` leaves it. */
export function nonEmpty(object: JsonObject, key: string): string | undefined {
  return text(object, key) || undefined;
}

export function requiredText(object: JsonObject, key: string, where: string): string {
  const value = text(object, key);
  if (value === undefined) throw unreadablePlan(`${where}.${key}`, "is not a string");
  return value;
}

/** An array; absent and null are an empty one. */
export function list(object: JsonObject, key: string, where: string): JsonValue[] {
  const value = field(object, key) ?? [];
  if (!Array.isArray(value)) throw unreadablePlan(`${where}${key}`, "is not a list");
  return value;
}

/** The entries of an object; absent and null have none. */
export function entries(object: JsonObject, key: string, where: string): [string, JsonValue][] {
  const value = field(object, key) ?? {};
  if (!isObject(value)) throw unreadablePlan(`${where}${key}`, "is not an object");
  return Object.entries(value);
}

/** Throws Failure("server") where a value nests deeper than `maxDepth`. Iterative: the input may be hostile. */
export function refuseDeepNesting(root: JsonValue): void {
  const pending: { value: JsonValue; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth >= maxDepth) throw unreadablePlan("a value in it", `nests deeper than ${maxDepth} levels`);
    for (const child of Object.values(next.value)) {
      if (typeof child === "object" && child !== null) pending.push({ value: child, depth: next.depth + 1 });
    }
  }
}
