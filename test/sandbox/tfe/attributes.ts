import { isRecord } from "../http/exchange.ts";
import { type Posted, refuse } from "./json-api.ts";

/** A boolean attribute, `fallback` when absent; 422 for another type. */
export function booleanOf(body: Posted, name: string, fallback: boolean): boolean {
  const value = body.attributes[name] ?? fallback;
  if (typeof value !== "boolean") throw refuse(422, `${name} must be a boolean`);
  return value;
}

/** A string attribute, `fallback` when absent or null; 422 for another type. */
export function stringOf(body: Posted, name: string, fallback: string): string {
  const value = body.attributes[name] ?? fallback;
  if (typeof value !== "string") throw refuse(422, `${name} must be a string`);
  return value;
}

/** A list of strings, empty when absent or null; 422 for anything else. */
export function stringsOf(body: Posted, name: string): string[] {
  const value = body.attributes[name] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    throw refuse(422, `${name} must be a list of strings`);
  }
  return value;
}

/** Run variables: `[{ key, value }]`, the value an HCL literal; 422 for anything else. */
export function variablesOf(body: Posted): { key: string; value: string }[] {
  const value = body.attributes["variables"] ?? [];
  if (!Array.isArray(value)) throw refuse(422, "variables must be a list");
  return value.map((item: unknown) => {
    if (!isRecord(item) || typeof item["key"] !== "string" || typeof item["value"] !== "string") {
      throw refuse(422, "each of variables needs a string key and a string value");
    }
    return { key: item["key"], value: item["value"] };
  });
}
