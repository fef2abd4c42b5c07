import { maxDepth } from "./json-shape.ts";

const exact = Symbol("digits");

/** A number inside a JSON string, kept as its digits are written: `1.0` is not `1` there. */
export type ExactNumber = { readonly [exact]: string };

/** A value of a plan, or of JSON inside one of its strings. */
export type Value = null | boolean | number | string | ExactNumber | Value[] | ObjectValue;
export type ObjectValue = { [key: string]: Value };

export type Kind = "null" | "bool" | "number" | "string" | "array" | "object";

function isExact(value: object): value is ExactNumber {
  return exact in value;
}

export function kindOf(value: Value): Kind {
  if (value === null) return "null";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return "number";
  if (typeof value === "string") return "string";
  if (Array.isArray(value)) return "array";
  return isExact(value) ? "number" : "object";
}

export function asArray(value: Value): Value[] {
  return Array.isArray(value) ? value : [];
}

export function asObject(value: Value): ObjectValue {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value) && !isExact(value);
  return isRecord ? value : {};
}

/** An own member, null where there is none. */
export function member(value: Value, key: string): Value {
  const object = asObject(value);
  return Object.hasOwn(object, key) ? (object[key] ?? null) : null;
}

/** A number, boolean or null as the CLI writes it; numbers never in exponent form, as go-cty formats them. */
export function scalarText(value: Value): string {
  if (typeof value === "number") return plainDigits(value);
  if (typeof value === "object" && value !== null && !Array.isArray(value) && isExact(value))
    return value[exact];
  return String(value);
}

function plainDigits(value: number): string {
  const shortest = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(shortest);
  if (match === null) return shortest;
  const [, sign = "", lead = "", rest = "", power = "0"] = match;
  const digits = lead + rest;
  const point = 1 + Number(power);
  return point > 0 ? sign + digits.padEnd(point, "0") : `${sign}0.${"0".repeat(-point)}${digits}`;
}

/** Equal in structure and content, whatever the order of keys. Values nest at most `maxDepth` deep. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if (kind === "number") return scalarText(a) === scalarText(b);
  if (kind === "array") return equalArrays(asArray(a), asArray(b));
  return kind === "object" && equalObjects(asObject(a), asObject(b));
}

function equalArrays(a: Value[], b: Value[]): boolean {
  return a.length === b.length && a.every((item, index) => equal(item, b[index] ?? null));
}

function equalObjects(a: ObjectValue, b: ObjectValue): boolean {
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && equal(a[key] ?? null, b[key] ?? null));
}

/** A text that is the same for equal values and different for others. */
export function fingerprint(value: Value): string {
  const kind = kindOf(value);
  if (kind === "string") return JSON.stringify(value);
  if (kind === "array") return `[${asArray(value).map(fingerprint).join()}]`;
  if (kind !== "object") return scalarText(value);
  const object = asObject(value);
  const members = Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${fingerprint(object[key] ?? null)}`);
  return `{${members.join()}}`;
}

/**
 * The JSON in a string that starts as an object or a list, numbers kept exactly; `undefined` where it is none or where
 * it nests so deep that it is better shown as the string it is.
 */
export function parseEmbeddedJson(source: string): Value | undefined {
  if (!source.startsWith("{") && !source.startsWith("[")) return undefined;
  if (nestsTooDeep(source)) return undefined;
  try {
    return parseExactly(source);
  } catch {
    return undefined;
  }
}

function parseExactly(source: string): Value {
  const revive = (_key: string, value: Value, context?: { source?: string }): Value =>
    typeof value === "number" && context?.source !== undefined ? { [exact]: context.source } : value;
  const parsed: Value = JSON.parse(source, revive);
  return parsed;
}

/** Counts brackets outside of strings, before any recursive parser or differ sees them. */
function nestsTooDeep(source: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < source.length; index += 1) {
    const character = source[index];
    if (character === '"') quoted = !quoted;
    else if (quoted && character === "\\") index += 1;
    else if (!quoted && (character === "[" || character === "{")) depth += 1;
    else if (!quoted && (character === "]" || character === "}")) depth -= 1;
    if (depth > maxDepth / 2) return true;
  }
  return false;
}
