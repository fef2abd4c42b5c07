import type { JsonValue } from "../json.ts";
import { scalarText } from "./value.ts";
import { quote } from "./writer.ts";

/** How a type is written before its value, and in words. */
const COLLECTIONS: ReadonlySet<string> = new Set(["list", "set", "map"]);

/**
 * A value as `tofu output` prints it, in the syntax of the configuration language, further lines indented (opentofu
 * internal/repl/format.go). `type`: that of the state, `"string"` or `["map", "number"]`; without one, or where it does not fit,
 * the value tells it.
 */
export function formatValue(value: JsonValue, type: JsonValue, indent = 0): string {
  const { kind, inner } = takeApart(type);
  if (value === null) return formatNull(kind, inner);
  if (typeof value === "string") return formatString(value, indent);
  if (typeof value !== "object") return scalarText(value);
  const text = Array.isArray(value)
    ? formatSequence(value, (index) => elementType(kind, inner, index), indent)
    : formatMapping(value, (key) => elementType(kind, inner, key), indent);
  return COLLECTIONS.has(kind) ? `to${kind}(${text})` : text;
}

function takeApart(type: JsonValue): { kind: string; inner: JsonValue } {
  const [kind, inner = null] = Array.isArray(type) ? type : [type];
  return { kind: typeof kind === "string" ? kind : "", inner };
}

function elementType(kind: string, inner: JsonValue, key: string | number): JsonValue {
  if (COLLECTIONS.has(kind)) return inner;
  if (typeof inner !== "object" || inner === null) return null;
  return new Map(Object.entries(inner)).get(String(key)) ?? null;
}

function formatNull(kind: string, inner: JsonValue): string {
  if (["string", "number", "bool"].includes(kind)) return `to${kind}(null)`;
  if (COLLECTIONS.has(kind)) return `to${kind}(null) /* of ${friendlyName(inner)} */`;
  return kind === "object" || kind === "tuple" ? `null /* ${kind} */` : "null";
}

function friendlyName(type: JsonValue): string {
  const { kind, inner } = takeApart(type);
  return COLLECTIONS.has(kind) ? `${kind} of ${friendlyName(inner)}` : kind;
}

/** A text of several lines is a heredoc, with a delimiter that none of its lines is. */
function formatString(text: string, indent: number): string {
  const lines = text.split("\n");
  if (lines.length < 2) return quote(text);
  let delimiter = "EOT";
  while (lines.some((line) => line.trim() === delimiter)) delimiter += "_";
  const space = " ".repeat(indent);
  const body = [...lines, delimiter].map((line) => space + line);
  return [`<<${indent > 0 ? "-" : ""}${delimiter}`, ...body].join("\n");
}

function formatSequence(items: JsonValue[], typeOf: (index: number) => JsonValue, indent: number): string {
  const lines = items.map((item, index) => `${formatValue(item, typeOf(index), indent + 2)},`);
  return bracketed("[]", lines, indent);
}

function formatMapping(
  members: { [key: string]: JsonValue },
  typeOf: (key: string) => JsonValue,
  indent: number,
): string {
  const keys = Object.keys(members).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const lines = keys.map((key) => {
    const value = formatValue(members[key] ?? null, typeOf(key), indent + 2);
    return `${formatString(key, indent + 2)} = ${value}`;
  });
  return bracketed("{}", lines, indent);
}

function bracketed(brackets: "[]" | "{}", lines: string[], indent: number): string {
  if (lines.length === 0) return brackets;
  const space = " ".repeat(indent);
  return [brackets[0], ...lines.map((line) => `${space}  ${line}`), space + brackets[1]].join("\n");
}
