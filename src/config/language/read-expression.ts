import type { Node } from "web-tree-sitter";
import type { SourcePosition } from "../../failure.ts";
import { syntaxFailure } from "../syntax.ts";
import type { Expression, ObjectEntry } from "./expression.ts";
import { parseNumber } from "./number.ts";
import { readTemplate, type TemplateReading } from "./read-template.ts";
import { ANY, bool, nullOf, number } from "./values.ts";

/**
 * Where nodes are read: in which file, and whether line breaks mean nothing here, as between parentheses and brackets (the
 * grammar would take them anywhere). `at` is the place of all of it where lines and columns of the text say nothing.
 */
export type Reading = { file: string; bracketed: boolean; at?: SourcePosition };

/** The name that stands for the item of a splat; no identifier looks like it. */
const ITEM = "[*]";
const POSTFIX: ReadonlySet<string> = new Set(["get_attr", "index", "splat"]);

/**
 * An `expression` node as plain data. Throws a Failure with line and column where it is not valid in the language.
 */
export function readExpression(node: Node, reading: Reading): Expression {
  if (node.hasError) throw invalid(node, reading);
  return readTerms(node.children, reading);
}

export function positionOf(node: Node, { file, at }: Reading): SourcePosition {
  if (at !== undefined) return at;
  const { startPosition, endPosition } = node;
  return { file, line: startPosition.row + 1, column: startPosition.column + 1, endLine: endPosition.row + 1 };
}

function invalid(node: Node, reading: Reading, problem = "this is not a valid expression"): Error {
  return syntaxFailure(`${problem}.`, positionOf(node, reading));
}

/** A term and the accesses after it, such as `var`, `.a` and `[0]`. */
function readTerms(nodes: readonly Node[], reading: Reading): Expression {
  const parts = nodes.filter((node) => node.type !== "comment");
  requireOneLine(parts, reading);
  const [first, ...rest] = parts;
  if (first === undefined) throw syntaxFailure("an expression is missing.", { file: reading.file });
  if (first.type !== "(") return readAccesses(readTerm(first, reading), rest, reading);
  const [inner, close, ...accesses] = rest;
  if (inner === undefined || close?.type !== ")") throw invalid(first, reading);
  const expression = readExpression(inner, { ...reading, bracketed: true });
  return readAccesses({ kind: "parentheses", inner: expression, position: positionOf(first, reading) }, accesses, reading);
}

/** Outside of brackets an expression ends with its line. */
function requireOneLine(nodes: readonly Node[], reading: Reading): void {
  if (reading.bracketed) return;
  for (const [index, node] of nodes.entries()) {
    const previous = nodes[index - 1];
    if (previous !== undefined && previous.endPosition.row !== node.startPosition.row) {
      throw invalid(node, reading, "an expression ends with its line unless it is in parentheses; this is on the next one");
    }
  }
}

function readTerm(node: Node, reading: Reading): Expression {
  const position = positionOf(node, reading);
  const inner = significant(node);
  const [first] = inner;
  switch (node.type) {
    case "expression":
      return readExpression(node, reading);
    case "literal_value":
      return readLiteral(first ?? node, reading);
    case "template_expr":
      return readTemplate(first ?? node, templateReading(node, reading));
    case "variable_expr":
      return { kind: "name", name: node.text, position };
    case "function_call":
      return readCall(node, reading);
    case "collection_value":
      return first?.type === "tuple" ? readTuple(first, reading) : readObject(first ?? node, reading);
    case "for_expr":
      return readFor(first ?? node, reading);
    case "operation":
      return readOperation(first ?? node, reading);
    case "conditional":
      return readConditional(node, reading);
    default:
      throw invalid(node, reading);
  }
}

function significant(node: Node): Node[] {
  return node.namedChildren.filter((child) => child.type !== "comment");
}

function readLiteral(node: Node, reading: Reading): Expression {
  const position = positionOf(node, reading);
  if (node.type === "string_lit") return readTemplate(node, templateReading(node, reading));
  if (node.type === "null_lit") return { kind: "literal", value: nullOf(ANY), position };
  if (node.type === "bool_lit") return { kind: "literal", value: bool(node.text === "true"), position };
  const parsed = node.type === "numeric_lit" ? parseNumber(node.text) : undefined;
  if (parsed === undefined) throw invalid(node, reading, `${node.text} is not a number in decimal notation`);
  return { kind: "literal", value: number(parsed), position };
}

function readAccesses(start: Expression, accesses: readonly Node[], reading: Reading): Expression {
  let expression = start;
  for (const node of accesses) {
    const [kind] = significant(node);
    if (!POSTFIX.has(node.type) || kind === undefined) throw invalid(node, reading);
    expression =
      node.type === "splat" ? readSplat(expression, kind, reading) : readAccess(expression, node, reading);
  }
  return expression;
}

function readAccess(of: Expression, node: Node, reading: Reading): Expression {
  const position = positionOf(node, reading);
  const [kind] = significant(node);
  if (kind === undefined) throw invalid(node, reading);
  if (node.type === "get_attr") return { kind: "attribute", of, name: kind.text, position };
  if (kind.type === "legacy_index") {
    const index = parseNumber(kind.text.replace(/^\.\s*/, ""));
    if (index === undefined) throw invalid(kind, reading);
    return { kind: "index", of, key: { kind: "literal", value: number(index), position }, position };
  }
  const [key] = significant(kind);
  if (key === undefined) throw invalid(kind, reading);
  return { kind: "index", of, key: readExpression(key, { ...reading, bracketed: true }), position };
}

/** `[*]` goes on to the end, `.*` only over attributes: an index after them is one of the whole result. */
function readSplat(of: Expression, splat: Node, reading: Reading): Expression {
  const steps = significant(splat);
  const isFull = splat.type === "full_splat";
  const end = isFull ? -1 : steps.findIndex((step) => step.type === "index" && significant(step)[0]?.type === "new_index");
  const inside = end < 0 ? steps : steps.slice(0, end);
  const position = positionOf(splat, reading);
  const each = readAccesses({ kind: "name", name: ITEM, position }, inside, reading);
  return readAccesses({ kind: "splat", of, name: ITEM, each, position }, end < 0 ? [] : steps.slice(end), reading);
}

function readCall(node: Node, reading: Reading): Expression {
  const inside = { ...reading, bracketed: true };
  const [name, args] = significant(node);
  const given = args === undefined ? [] : significant(args);
  return {
    kind: "call",
    name: name?.text ?? "",
    args: given.filter((arg) => arg.type === "expression").map((arg) => readExpression(arg, inside)),
    expand: given.some((arg) => arg.type === "ellipsis"),
    position: positionOf(node, reading),
  };
}

function readTuple(node: Node, reading: Reading): Expression {
  const items = significant(node).filter((child) => child.type === "expression");
  const inside = { ...reading, bracketed: true };
  return { kind: "tuple", items: items.map((item) => readExpression(item, inside)), position: positionOf(node, reading) };
}

function readObject(node: Node, reading: Reading): Expression {
  const inside = { ...reading, bracketed: false };
  const parts = node.children.filter((child) => child.type === "object_elem" || child.type === ",");
  for (const [index, part] of parts.entries()) {
    const previous = parts[index - 1];
    const isUnseparated = part.type === "object_elem" && previous?.type === "object_elem";
    if (isUnseparated && previous.endPosition.row === part.startPosition.row)
      throw invalid(part, reading, "a comma or a line break is missing before this attribute");
  }
  const elements = parts.filter((part) => part.type === "object_elem");
  return { kind: "object", entries: elements.map((element) => readEntry(element, inside)), position: positionOf(node, reading) };
}

function readEntry(element: Node, reading: Reading): ObjectEntry {
  requireOneLine(element.children.filter((child) => child.type !== "comment"), reading);
  const [key, value] = [element.childForFieldName("key"), element.childForFieldName("val")];
  if (key === null || value === null) throw invalid(element, reading);
  return { key: readExpression(key, reading), value: readExpression(value, reading) };
}

function readFor(node: Node, reading: Reading): Expression {
  const inside = { ...reading, bracketed: true };
  const [intro, ...rest] = significant(node).filter((child) => !/_(start|end)$/.test(child.type));
  const condition = rest.find((child) => child.type === "for_cond");
  const [first, second] = rest.filter((child) => child.type === "expression").map((child) => readExpression(child, inside));
  if (intro === undefined || first === undefined) throw invalid(node, reading);
  const test = condition === undefined ? undefined : significant(condition)[0];
  return {
    kind: "for",
    ...readForIntro(intro, inside),
    ...(second === undefined ? { value: first } : { key: first, value: second }),
    ...(test === undefined ? {} : { condition: readExpression(test, inside) }),
    group: rest.some((child) => child.type === "ellipsis"),
    position: positionOf(node, reading),
  };
}

/** `for key, value in collection`, of an expression or a template. */
function readForIntro(
  intro: Node,
  reading: Reading,
): { keyName?: string; valueName: string; collection: Expression } {
  const names = significant(intro).filter((child) => child.type === "identifier").map((child) => child.text);
  const collection = significant(intro).find((child) => child.type === "expression");
  const valueName = names.at(-1);
  if (collection === undefined || valueName === undefined) throw invalid(intro, reading);
  const [keyName] = names.slice(0, -1);
  return { ...(keyName === undefined ? {} : { keyName }), valueName, collection: readExpression(collection, reading) };
}

/** The operands of an operation are not nodes of their own: each is a term and the accesses after it. */
function readOperation(node: Node, reading: Reading): Expression {
  const parts = node.children.filter((child) => child.type !== "comment");
  requireOneLine(parts, reading);
  const position = positionOf(node, reading);
  const [first, ...rest] = parts;
  if (first === undefined) throw invalid(node, reading);
  if (node.type === "unary_operation") {
    return { kind: "unary", operator: first.text, operand: readTerms(rest, reading), position };
  }
  const at = parts.findIndex((child) => OPERATORS.has(child.type));
  const [left, right] = [readTerms(parts.slice(0, at), reading), readTerms(parts.slice(at + 1), reading)];
  return { kind: "binary", operator: parts[at]?.type ?? "", left, right, position };
}

const OPERATORS: ReadonlySet<string> = new Set(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]);

/** The grammar reads `a ? b : c ? d : e` from the left; the language nests what follows the colon. */
function readConditional(node: Node, reading: Reading): Expression {
  requireOneLine(node.children.filter((child) => child.type !== "comment"), reading);
  const [condition, yes, no] = significant(node).map((child) => readExpression(child, reading));
  if (condition === undefined || yes === undefined || no === undefined) throw invalid(node, reading);
  return nested(condition, { yes, no, position: positionOf(node, reading) });
}

type Branches = { yes: Expression; no: Expression; position: SourcePosition };

function nested(condition: Expression, branches: Branches): Expression {
  if (condition.kind !== "conditional") return { kind: "conditional", condition, ...branches };
  return { ...condition, no: nested(condition.no, branches) };
}

/** How a template reads what is between its braces. */
export function templateReading(node: Node, reading: Reading): TemplateReading {
  const inside = { ...reading, bracketed: true };
  return {
    position: positionOf(node, reading),
    readExpression: (inner) => readExpression(inner, inside),
    readForIntro: (intro) => readForIntro(intro, inside),
  };
}
