import type { Failure } from "../failure.ts";
import { type Attribute, configurationFailure, type Value } from "./syntax.ts";

/**
 * The text of a string argument; undefined where it is absent, null or empty, which count the same for all of them.
 * `remedy` says which input can give the value instead.
 * @throws Failure where it is an expression, or no string.
 */
export function textOf(attribute: Attribute | undefined, remedy: string): string | undefined {
  if (attribute === undefined || attribute.value.kind === "null") return undefined;
  const { name, value, position } = attribute;
  if (value.kind === "text") return value.text === "" ? undefined : value.text;
  if (value.kind === "expression") throw notRead(attribute, remedy);
  const detail = `Inappropriate value for attribute "${name}": string required.`;
  throw configurationFailure({ summary: "Incorrect attribute value type", detail, position });
}

/** The Failure for a value that is not known; `remedy` says which input can stand in for it. */
export function notRead({ name, position }: Attribute, remedy: string): Failure {
  const detail = `The argument "${name}" is an expression, and what it stands for is not known before a run.`;
  return configurationFailure({ summary: "Not a literal value", detail, position, remedy });
}

/** Tags of workspaces: names, or names with values (Terraform 1.10 and later). */
export type Tags = readonly string[] | Readonly<Record<string, string>>;

/**
 * The tags of an argument; undefined where it is absent, null or empty. `unread`: it holds an expression whose value is not known.
 * @throws Failure where it is no list or map of strings.
 */
export function tagsOf(attribute: Attribute | undefined): Tags | "unread" | undefined {
  if (attribute === undefined || attribute.value.kind === "null") return undefined;
  const { value } = attribute;
  if (value.kind === "expression") return "unread";
  if (value.kind === "list") return tagNames(attribute, value.items);
  if (value.kind === "map") return tagValues(attribute, value.entries);
  throw notTags(attribute, "set of string required");
}

function tagNames(attribute: Attribute, items: Value[]): string[] | "unread" | undefined {
  if (items.some(({ kind }) => kind === "expression")) return "unread";
  const names = items.map((item) => elementText(attribute, item)).filter((name) => name !== "");
  return names.length === 0 ? undefined : [...new Set(names)].sort();
}

function tagValues(
  attribute: Attribute,
  entries: Array<{ key: string; value: Value }>,
): Record<string, string> | "unread" | undefined {
  if (entries.some(({ value }) => value.kind === "expression")) return "unread";
  const pairs = entries.map(({ key, value }) => [key, elementText(attribute, value)] as const);
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

function elementText(attribute: Attribute, value: Value): string {
  if (value.kind === "text") return value.text;
  throw notTags(attribute, "each element must be a string");
}

function notTags({ name, position }: Attribute, problem: string): Failure {
  const detail = `Inappropriate value for attribute "${name}": ${problem}.`;
  return configurationFailure({ summary: "Incorrect attribute value type", detail, position });
}
