import { Failure } from "../../failure.ts";
import { type JsonNode, parseJson } from "../json-nodes.ts";
import { Hcl1Error, type Token, tokensOf } from "./hcl1-tokens.ts";

/** A value; `scalar` is a number or a boolean. */
export type Node =
  | { kind: "text"; text: string }
  | { kind: "scalar" }
  | { kind: "list"; items: Node[] }
  | { kind: "object"; items: Item[] };

/** `a "b" { … }` has the keys a and b; `a = …` only a. */
export type Item = { keys: string[]; value: Node; line: number };

type Parser = { tokens: Token[]; at: number };

const MAX_DEPTH = 100;

/**
 * The items of a file of the CLI's configuration: HCL 1 or, where the first character is a brace, JSON, whatever the
 * file is called (hashicorp/hcl v1: lex.go, hcl/parser). Throws Hcl1Error.
 */
export function parseHcl1(text: string): Item[] {
  if (/^\s*\{/.test(text)) return parseJsonItems(text);
  const parser = { tokens: tokensOf(text), at: 0 };
  const items: Item[] = [];
  while (peek(parser).kind !== "end") items.push(readItem(parser, 0));
  return items;
}

function readItem(parser: Parser, depth: number): Item {
  const { line } = peek(parser);
  const keys: string[] = [];
  for (;;) {
    const token = next(parser);
    if (token.kind === "identifier" || token.kind === "string") keys.push(token.text);
    else if (keys.length > 0 && isSign(token, "{"))
      return separated(parser, { keys, value: readObject(parser, depth), line });
    else if (keys.length === 1 && isSign(token, "="))
      return separated(parser, { keys, value: readValue(parser, depth), line });
    else throw new Hcl1Error("an attribute (name = value) or a block (name { … }) is malformed", token.line);
  }
}

/** Commas between items are allowed and mean nothing. */
function separated(parser: Parser, item: Item): Item {
  if (isSign(peek(parser), ",")) parser.at += 1;
  return item;
}

function readObject(parser: Parser, depth: number): Node {
  const items: Item[] = [];
  while (!isSign(peek(parser), "}")) {
    const { kind, line } = peek(parser);
    if (kind === "end" || depth > MAX_DEPTH) throw new Hcl1Error("a block is not closed", line);
    items.push(readItem(parser, depth + 1));
  }
  parser.at += 1;
  return { kind: "object", items };
}

function readValue(parser: Parser, depth: number): Node {
  const token = next(parser);
  if (token.kind === "string") return { kind: "text", text: token.text };
  if (token.kind === "scalar") return { kind: "scalar" };
  if (isSign(token, "{")) return readObject(parser, depth);
  if (isSign(token, "[") && depth < MAX_DEPTH) return readList(parser, depth);
  throw new Hcl1Error("a value is missing: strings need double quotes", token.line);
}

function readList(parser: Parser, depth: number): Node {
  const items: Node[] = [];
  while (!isSign(peek(parser), "]")) {
    items.push(readValue(parser, depth + 1));
    const { line } = peek(parser);
    if (isSign(peek(parser), ",")) parser.at += 1;
    else if (!isSign(peek(parser), "]")) throw new Hcl1Error("a comma is missing in a list", line);
  }
  parser.at += 1;
  return { kind: "list", items };
}

function peek({ tokens, at }: Parser): Token {
  return tokens[at] ?? { kind: "end", line: tokens.at(-1)?.line ?? 1 };
}

function next(parser: Parser): Token {
  const token = peek(parser);
  parser.at += 1;
  return token;
}

function isSign(token: Token, text: string): boolean {
  return token.kind === "sign" && token.text === text;
}

function parseJsonItems(text: string): Item[] {
  try {
    return itemsOf(parseJson(text, ""));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Hcl1Error("it is not valid JSON", error.position?.line ?? 1);
  }
}

function itemsOf(node: JsonNode): Item[] {
  if (node.kind !== "object") return [];
  return node.properties.flatMap(({ name, value, position: { line = 1 } }) => {
    const isList = value.kind === "array" && value.items.length > 0;
    const objects = isList && value.items.every(({ kind }) => kind === "object") ? value.items : [value];
    return objects.map((each) => ({ keys: [name], value: nodeOf(each), line }));
  });
}

/** As HCL 1 reads JSON: null is an empty string. */
function nodeOf(node: JsonNode): Node {
  switch (node.kind) {
    case "object":
      return { kind: "object", items: itemsOf(node) };
    case "array":
      return { kind: "list", items: node.items.map(nodeOf) };
    case "string":
      return { kind: "text", text: node.text };
    case "null":
      return { kind: "text", text: "" };
    default:
      return { kind: "scalar" };
  }
}
