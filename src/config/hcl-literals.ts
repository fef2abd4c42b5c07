import type { Node } from "web-tree-sitter";
import type { Value } from "./syntax.ts";

const MAX_DEPTH = 50;
const EXPRESSION: Value = { kind: "expression" };
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** A literal that the HCL specification refuses although the grammar accepts it, e.g. an unknown escape sequence. */
export class LiteralError extends Error {
  override readonly name = "LiteralError";
}

/**
 * The value of an `expression` node if it is a literal: a string without interpolation, a number, a boolean, null, or a
 * list or object of those. Throws LiteralError for strings that HCL's scanner would refuse.
 */
export function literalValue(expression: Node, depth = 0): Value {
  const [term, ...more] = significant(expression);
  if (term === undefined || more.length > 0 || depth > MAX_DEPTH) return EXPRESSION;
  switch (term.type) {
    case "expression":
      return literalValue(term, depth + 1);
    case "literal_value":
      return scalarValue(term);
    case "template_expr":
      return templateValue(term);
    case "collection_value":
      return collectionValue(term, depth + 1);
    default:
      return EXPRESSION;
  }
}

/** The text of a quoted string without interpolation; taken from the source, because the grammar skips spaces at its ends. */
export function stringLiteral(node: Node): string {
  return decodeQuoted(node.text.slice(1, -1));
}

/** The named children without comments, which the grammar allows anywhere. */
export function significant(node: Node): Node[] {
  return node.namedChildren.filter((child) => child.type !== "comment");
}

function scalarValue(literal: Node): Value {
  const [scalar] = significant(literal);
  switch (scalar?.type) {
    case "string_lit":
      return { kind: "text", text: stringLiteral(scalar) };
    case "null_lit":
      return { kind: "null" };
    case "bool_lit":
      return { kind: "text", text: scalar.text };
    case "numeric_lit":
      return numberValue(scalar.text);
    default:
      return EXPRESSION;
  }
}

/** A whole number as the string that HCL converts it to; fractions and exponents are left to be written as strings. */
export function numberValue(written: string): Value {
  return /^-?[0-9]{1,100}$/.test(written) ? { kind: "text", text: String(BigInt(written)) } : EXPRESSION;
}

function templateValue(template: Node): Value {
  const [inner] = significant(template);
  if (inner?.type === "heredoc_template") return heredocValue(inner);
  const isLiteral = inner !== undefined && significant(inner).every(isLiteralPart);
  return isLiteral ? { kind: "text", text: stringLiteral(inner) } : EXPRESSION;
}

/** Everything but interpolations and directives: the text itself, and the marks at its ends. */
function isLiteralPart(part: Node): boolean {
  return part.type === "template_literal" || !part.type.startsWith("template_");
}

function heredocValue(heredoc: Node): Value {
  const parts = significant(heredoc);
  const [opening, closing] = parts.filter((part) => part.type === "heredoc_identifier");
  if (!parts.every(isLiteralPart) || opening === undefined || closing === undefined) return EXPRESSION;
  const source = heredoc.text.slice(
    opening.endIndex - heredoc.startIndex,
    closing.startIndex - heredoc.startIndex,
  );
  const lines = source.slice(source.indexOf("\n") + 1).split(/(?<=\n)/);
  const content = /\n$/.test(lines.at(-1) ?? "") ? lines : lines.slice(0, -1);
  const flush = heredoc.text.startsWith("<<-");
  return { kind: "text", text: unescapeTemplate((flush ? withoutIndent(content) : content).join("")) };
}

/** `<<-`: the smallest indentation of the lines that are not blank is taken from each of them. */
function withoutIndent(lines: string[]): string[] {
  const indents = lines
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const indent = indents.reduce((smallest, spaces) => Math.min(smallest, spaces), Number.POSITIVE_INFINITY);
  return lines.map((line) => (line.trim() === "" ? line : line.slice(indent)));
}

function collectionValue(collection: Node, depth: number): Value {
  const [inner] = significant(collection);
  if (inner?.type === "tuple") {
    const items = significant(inner).filter((child) => child.type === "expression");
    return { kind: "list", items: items.map((item) => literalValue(item, depth)) };
  }
  const elements =
    inner === undefined ? [] : significant(inner).filter((child) => child.type === "object_elem");
  return { kind: "map", entries: elements.map((element) => objectEntry(element, depth)) };
}

function objectEntry(element: Node, depth: number): { key: string; value: Value } {
  const key = element.childForFieldName("key");
  const value = element.childForFieldName("val");
  const literalKey = key === null ? EXPRESSION : literalValue(key, depth);
  return {
    key: literalKey.kind === "text" ? literalKey.text : (key?.text ?? ""),
    value: value === null ? EXPRESSION : literalValue(value, depth),
  };
}

/** Decodes the inside of a quoted string: backslash escapes, and the doubled signs that keep `${` and `%{` literal. */
export function decodeQuoted(source: string): string {
  if (/[\r\n]/.test(source))
    throw new LiteralError("a quoted string may not contain a newline; write \\n or use a heredoc");
  const decoded = source.replace(
    /\$\$\{|%%\{|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\[\s\S]|\\$/g,
    (sequence) => (sequence.startsWith("\\") ? escaped(sequence.slice(1)) : sequence.slice(1)),
  );
  return acceptable(decoded);
}

function escaped(selector: string): string {
  const code = /^[uU][0-9a-fA-F]{4,}$/.test(selector) ? Number.parseInt(selector.slice(1), 16) : undefined;
  if (code !== undefined && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff))
    return String.fromCodePoint(code);
  const character = code === undefined ? ESCAPES[selector] : undefined;
  if (character === undefined) throw new LiteralError(`"\\${selector}" is not a valid escape sequence`);
  return character;
}

/** Decodes text in which only the template signs are escaped: heredocs, and the strings of JSON syntax. */
export function unescapeTemplate(source: string): string {
  return acceptable(source.replace(/\$\$\{|%%\{/g, (sequence) => sequence.slice(1)));
}

/** HCL strings are Unicode in normal form C; a replacement character is what undecodable bytes have become. */
function acceptable(text: string): string {
  if (text.includes("\ufffd")) throw new LiteralError("the text is not valid UTF-8");
  return text.normalize("NFC");
}
