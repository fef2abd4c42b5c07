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
const QUOTED = /"(?:[^"\\]|\\.)*"/g;
/** The key of `key = value`, indentation included. */
const ENTRY = /^(\s*(?:"(?:[^"\\]|\\.)*"|[^\s"[\]{}]+)) = /;
const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });
const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;

/**
 * A value as an expression of the language in one text without heredocs, which evaluates to it again, apart from the difference
 * between a list and a tuple, a map and an object; laid out as the CLI writes the variables of a run (hclwrite, TokensForValue).
 */
export function encode(value: Value): string {
  return laidOut(written(value).split("\n"));
}

function written(value: Value): string {
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
      return `[${value.items.map(written).join(", ")}]`;
    case "mapping":
      return `{${value.entries.size > 0 ? "\n" : ""}${entriesOf(value.entries)}}`;
  }
}

function entriesOf(entries: ReadonlyMap<string, Value>): string {
  return [...entries].map(([key, value]) => `${keyText(key)} = ${written(value)}\n`).join("");
}

/** Indents each line by the lines with open brackets before it, and aligns the equals signs of entries that follow each other. */
function laidOut(lines: readonly string[]): string {
  const open: number[] = [];
  const indented = lines.map((line) => {
    const change = bracketsIn(line);
    close(open, -change);
    const indent = "  ".repeat(open.length);
    if (change > 0) open.push(change);
    return indent + line;
  });
  return aligned(indented).join("\n");
}

/** Takes so many brackets off, the last first; a line that has some left open goes on indenting. */
function close(open: number[], count: number): void {
  let left = count;
  while (left > 0 && open.length > 0) {
    const last = open.pop() ?? 0;
    if (last > left) open.push(last - left);
    left -= last;
  }
}

/** How many more brackets a line opens than it closes. */
function bracketsIn(line: string): number {
  const bare = line.replace(QUOTED, "");
  return bare.replace(/[^[{]/g, "").length - bare.replace(/[^\]}]/g, "").length;
}

function aligned(lines: readonly string[]): string[] {
  const result = [...lines];
  let start = 0;
  for (const [index, line] of [...lines, ""].entries()) {
    if (ENTRY.test(line) && bracketsIn(line) === 0) continue;
    const block = lines.slice(start, index).map((entry) => ENTRY.exec(entry)?.[1] ?? "");
    const width = Math.max(0, ...block.map(widthOf));
    for (const [offset, key] of block.entries()) {
      const padding = " ".repeat(width - widthOf(key));
      result[start + offset] = `${key}${padding}${(lines[start + offset] ?? "").slice(key.length)}`;
    }
    start = index + 1;
  }
  return result;
}

function widthOf(text: string): number {
  return [...SEGMENTER.segment(text)].length;
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
