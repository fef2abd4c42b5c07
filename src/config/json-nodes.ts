import type { SourcePosition } from "../failure.ts";
import { syntaxFailure } from "./syntax.ts";

/** A JSON value that knows its place. Objects keep every property in order, repeated names included. */
export type JsonNode = { position: SourcePosition } & (
  | { kind: "null" }
  | { kind: "boolean" | "number"; written: string }
  | { kind: "string"; text: string }
  | { kind: "array"; items: JsonNode[] }
  | { kind: "object"; properties: JsonProperty[] }
);

export type JsonProperty = { name: string; value: JsonNode; position: SourcePosition };

type Reader = { text: string; file: string; at: number; line: number; lineStart: number };

const MAX_DEPTH = 500;
const SPACE = /[ \t\r]*/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\[^\n][^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const KEYWORD = /true|false|null/y;

/**
 * Parses JSON and keeps what `JSON.parse` loses and HCL's JSON syntax needs: positions and repeated properties.
 * @throws Failure with line and column where the text is not JSON, or nested deeper than 500 levels.
 */
export function parseJson(text: string, file: string): JsonNode {
  const reader: Reader = { text, file, at: 0, line: 1, lineStart: 0 };
  const value = readValue(reader, 0);
  skipSpace(reader);
  if (reader.at < text.length) fail(reader, "there is text after the end of the value");
  return value;
}

function readValue(reader: Reader, depth: number): JsonNode {
  skipSpace(reader);
  const position = positionOf(reader);
  if (depth > MAX_DEPTH) return fail(reader, `it is nested deeper than ${MAX_DEPTH} levels`);
  const first = reader.text[reader.at];
  if (first === "{")
    return { kind: "object", position, properties: readList(reader, "}", () => readProperty(reader, depth)) };
  if (first === "[")
    return { kind: "array", position, items: readList(reader, "]", () => readValue(reader, depth + 1)) };
  if (first === '"') return { kind: "string", position, text: readString(reader) };
  const number = take(reader, NUMBER);
  if (number !== "") return { kind: "number", position, written: number };
  const keyword = take(reader, KEYWORD);
  if (keyword === "null") return { kind: "null", position };
  return keyword === ""
    ? fail(reader, "a value is missing")
    : { kind: "boolean", position, written: keyword };
}

/** The items between the bracket that the reader is at and the closing one. */
function readList<Item>(reader: Reader, close: string, readItem: () => Item): Item[] {
  const items: Item[] = [];
  reader.at += 1;
  if (skipTo(reader, close)) return items;
  for (;;) {
    items.push(readItem());
    if (skipTo(reader, close)) return items;
    if (!skipTo(reader, ",")) return fail(reader, `a comma or "${close}" is missing`);
  }
}

function readProperty(reader: Reader, depth: number): JsonProperty {
  skipSpace(reader);
  const position = positionOf(reader);
  const name = readString(reader);
  if (!skipTo(reader, ":")) return fail(reader, "a colon is missing after the property's name");
  return { name, value: readValue(reader, depth + 1), position };
}

function readString(reader: Reader): string {
  const start = reader.at;
  const written = take(reader, STRING);
  try {
    const text: unknown = JSON.parse(written);
    if (typeof text === "string") return text;
  } catch {
    // reported below, as is what is no string
  }
  reader.at = start;
  return fail(
    reader,
    "a string in double quotes is missing or not closed, or holds an invalid escape sequence",
  );
}

function skipTo(reader: Reader, character: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function skipSpace(reader: Reader): void {
  take(reader, SPACE);
  while (reader.text[reader.at] === "\n") {
    reader.at += 1;
    reader.line += 1;
    reader.lineStart = reader.at;
    take(reader, SPACE);
  }
}

/** Moves past what a sticky pattern matches here, and returns it; empty if it does not match. */
function take(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const matched = pattern.exec(reader.text)?.[0] ?? "";
  reader.at += matched.length;
  return matched;
}

function positionOf(reader: Reader): SourcePosition {
  return { file: reader.file, line: reader.line, column: reader.at - reader.lineStart + 1 };
}

function fail(reader: Reader, problem: string): never {
  throw syntaxFailure(`this is not valid JSON: ${problem}.`, positionOf(reader));
}
