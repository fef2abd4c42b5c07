import type { Node } from "web-tree-sitter";
import type { SourcePosition } from "../../failure.ts";
import { syntaxFailure } from "../syntax.ts";
import type { Expression } from "./expression.ts";
import { parseNumber } from "./number.ts";
import { readAccesses } from "./read-accesses.ts";
import { readCall, readFor, readForIntro, readObject, readTuple } from "./read-collections.ts";
import { readTemplate, type TemplateReading } from "./read-template.ts";
import { invalid, positionOf, type Reading, requireOneLine, significant } from "./reading.ts";
import { ANY, bool, nullOf, number } from "./values.ts";

/**
 * An `expression` node as plain data. Throws a Failure with line and column where it is not valid in the language.
 */
export function readExpression(node: Node, reading: Reading): Expression {
  if (node.hasError) throw invalid(node, reading);
  return readTerms(node.children, reading);
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
  return readAccesses(
    { kind: "parentheses", inner: expression, position: positionOf(first, reading) },
    accesses,
    reading,
  );
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

function readLiteral(node: Node, reading: Reading): Expression {
  const position = positionOf(node, reading);
  if (node.type === "string_lit") return readTemplate(node, templateReading(node, reading));
  if (node.type === "null_lit") return { kind: "literal", value: nullOf(ANY), position };
  if (node.type === "bool_lit") return { kind: "literal", value: bool(node.text === "true"), position };
  const parsed = node.type === "numeric_lit" ? parseNumber(node.text) : undefined;
  if (parsed === undefined) throw invalid(node, reading, `${node.text} is not a number in decimal notation`);
  return { kind: "literal", value: number(parsed), position };
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

const OPERATORS: ReadonlySet<string> = new Set([
  "+",
  "-",
  "*",
  "/",
  "%",
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "&&",
  "||",
]);

/** The grammar reads `a ? b : c ? d : e` from the left; the language nests what follows the colon. */
function readConditional(node: Node, reading: Reading): Expression {
  requireOneLine(
    node.children.filter((child) => child.type !== "comment"),
    reading,
  );
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
