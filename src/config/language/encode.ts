import { formatNumber } from "./number.ts";
import type { Value } from "./values.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  '"': '\\"',
  "\\": "\\\\",
};
/** What would end the string, begin a template, or be no visible character. */
const SPECIAL = /["\\]|[$%](?=\{)|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;
const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/**
 * A value as an expression of the language in one text without heredocs, which evaluates to it again, apart from the difference
 * between a list and a tuple, a map and an object; as the CLI writes the variables of a run (hclwrite, TokensForValue).
 */
export function encode(value: Value): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "bool":
      return String(value.truth);
    case "number":
      return formatNumber(value.number);
    case "string":
      return quoted(value.text);
    case "sequence":
      return `[${value.items.map(encode).join(", ")}]`;
    case "mapping":
      return encodeMapping(value.entries);
  }
}

function encodeMapping(entries: ReadonlyMap<string, Value>): string {
  if (entries.size === 0) return "{}";
  const lines = [...entries].map(([key, value]) => `${keyText(key)} = ${encode(value)}`);
  return `{\n${lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}\n`).join("")}}`;
}

/** A key called `for` would begin another kind of expression. */
function keyText(key: string): string {
  return IDENTIFIER.test(key) && key !== "for" ? key : quoted(key);
}

function quoted(text: string): string {
  return `"${text.replace(SPECIAL, escaped)}"`;
}

function escaped(character: string): string {
  const short = ESCAPES[character];
  if (short !== undefined) return short;
  if (character === "$" || character === "%") return character + character;
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}
