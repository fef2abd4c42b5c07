import type { JsonValue } from "../json.ts";
import { child, isObject, type JsonObject, unexpected } from "./json-api.ts";

/**
 * A text that the answer must have.
 * @throws Failure (`server`) when it is absent or no string.
 */
export function requiredText(attributes: JsonObject, name: string): string {
  const value = child(attributes, name);
  if (typeof value !== "string") throw unexpected(`the attribute "${name}" is not a string`);
  return value;
}

/** A text, empty where the answer has none. */
export function text(attributes: JsonValue | undefined, name: string): string {
  return optionalText(attributes, name) ?? "";
}

/** A text, `undefined` where the answer has none or an empty one. */
export function optionalText(attributes: JsonValue | undefined, name: string): string | undefined {
  const value = child(attributes, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A boolean, `undefined` where the server does not say. */
export function flag(attributes: JsonValue | undefined, name: string): boolean | undefined {
  const value = child(attributes, name);
  return typeof value === "boolean" ? value : undefined;
}

/** A count, `undefined` where the server tells none. */
export function count(attributes: JsonValue | undefined, name: string): number | undefined {
  const value = child(attributes, name);
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A decimal amount as text; some servers send a number. */
export function amount(attributes: JsonValue | undefined, name: string): string {
  const value = child(attributes, name);
  return typeof value === "number" ? String(value) : text(attributes, name);
}

/** The string members of an object attribute. */
export function textMap(attributes: JsonObject, name: string): Record<string, string> {
  const value = child(attributes, name);
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/** The members of a list attribute. */
export function list(attributes: JsonValue | undefined, name: string): JsonValue[] {
  const value = child(attributes, name);
  return Array.isArray(value) ? value : [];
}
