import { type Attribute, configurationFailure } from "./syntax.ts";

/**
 * The text of a string argument; undefined where it is absent, null or empty, which count the same for all of them.
 * `remedy` says which input can give the value instead.
 * @throws Failure where it is an expression, or no string.
 */
export function textOf(attribute: Attribute | undefined, remedy: string): string | undefined {
  if (attribute === undefined || attribute.value.kind === "null") return undefined;
  const { name, value, position } = attribute;
  if (value.kind === "text") return value.text === "" ? undefined : value.text;
  if (value.kind === "expression") {
    const detail = `The argument "${name}" is an expression, and this action only reads literal values there.`;
    throw configurationFailure({ summary: "Not a literal value", detail, position, remedy });
  }
  const detail = `Inappropriate value for attribute "${name}": string required.`;
  throw configurationFailure({ summary: "Incorrect attribute value type", detail, position });
}

/** True where a list or map argument is given and is not an empty literal; what an expression yields is not asked. */
export function isNonEmptyCollection(attribute: Attribute | undefined): boolean {
  if (attribute === undefined) return false;
  const { name, value, position } = attribute;
  if (value.kind === "list") return value.items.length > 0;
  if (value.kind === "map") return value.entries.length > 0;
  if (value.kind !== "text") return value.kind === "expression";
  const detail = `Inappropriate value for attribute "${name}": set of string required.`;
  throw configurationFailure({ summary: "Incorrect attribute value type", detail, position });
}
