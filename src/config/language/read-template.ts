import type { Node } from "web-tree-sitter";
import type { SourcePosition } from "../../failure.ts";
import { decodeQuoted, LiteralError, unescapeTemplate } from "../hcl-literals.ts";
import { syntaxFailure } from "../syntax.ts";
import type { Expression } from "./expression.ts";
import { type TemplatePart, type TemplateStyle, templateParts } from "./template-parts.ts";
import { text } from "./values.ts";

/** How the expressions within a template are read. */
export type TemplateReading = {
  position: SourcePosition;
  readExpression: (node: Node) => Expression;
  readForIntro: (node: Node) => { keyName?: string; valueName: string; collection: Expression };
};

/**
 * A quoted string or a heredoc. One that is nothing but an interpolation has the interpolation's value, whatever its type.
 * Throws a Failure with line and column for escape sequences that do not exist and directives that do not match.
 */
export function readTemplate(node: Node, reading: TemplateReading): Expression {
  const [opening, closing] = node.namedChildren.filter((child) => child.type === "heredoc_identifier");
  if (node.type !== "heredoc_template" || opening === undefined || closing === undefined) {
    const style = { decode: decodeQuoted, byLine: false, flush: false };
    return readBetween(node, { start: node.startIndex + 1, end: node.endIndex - 1, style }, reading);
  }
  const style = { decode: unescapeTemplate, byLine: true, flush: node.text.startsWith("<<-") };
  return readBetween(node, { ...heredocRange(node, closing), style }, reading);
}

/** A string of JSON syntax, which was put into a heredoc to be parsed; the line break before the heredoc's end is not the string's. */
export function readBareTemplate(heredoc: Node, reading: TemplateReading): Expression {
  const closing = heredoc.namedChildren.findLast((child) => child.type === "heredoc_identifier");
  if (closing === undefined) throw syntaxFailure("this template is not closed.", reading.position);
  const { start, end } = heredocRange(heredoc, closing);
  const style = { decode: unescapeTemplate, byLine: false, flush: false };
  return readBetween(heredoc, { start, end: end - 1, style }, reading);
}

function heredocRange(node: Node, closing: Node): { start: number; end: number } {
  const source = node.text.slice(0, closing.startIndex - node.startIndex);
  return {
    start: node.startIndex + source.indexOf("\n") + 1,
    end: node.startIndex + source.lastIndexOf("\n") + 1,
  };
}

type Range = { start: number; end: number; style: TemplateStyle };

function readBetween(node: Node, { start, end, style }: Range, reading: TemplateReading): Expression {
  const remaining = partsOf(node, { start, end, style }, reading);
  const [first] = remaining;
  const isOnlyInterpolation =
    remaining.length === 1 && first?.kind === "sequence" && first.node.type === "template_interpolation";
  const parts = readUntil(remaining, [], reading);
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && (isOnlyInterpolation || only.kind === "literal"))
    return only;
  if (parts.length === 0) return { kind: "literal", value: text(""), position: reading.position };
  return { kind: "template", parts, position: reading.position };
}

function partsOf(node: Node, { start, end, style }: Range, reading: TemplateReading): TemplatePart[] {
  try {
    return templateParts(node, { start, end }, style);
  } catch (error) {
    if (error instanceof LiteralError) throw syntaxFailure(`${error.message}.`, reading.position);
    throw error;
  }
}

/** Reads parts, and takes them off, up to one of the directives named, which stays. */
function readUntil(
  remaining: TemplatePart[],
  ends: readonly string[],
  reading: TemplateReading,
): Expression[] {
  const parts: Expression[] = [];
  for (;;) {
    const [part] = remaining;
    if (part === undefined || (part.kind === "sequence" && ends.includes(part.node.type))) return parts;
    remaining.shift();
    parts.push(
      part.kind === "text" ? literal(part.text, reading) : readSequence(part.node, remaining, reading),
    );
  }
}

function literal(written: string, { position }: TemplateReading): Expression {
  return { kind: "literal", value: text(written), position };
}

function readSequence(node: Node, remaining: TemplatePart[], reading: TemplateReading): Expression {
  const [inner] = node.namedChildren.filter((child) => child.type === "expression");
  if (node.type === "template_interpolation" && inner !== undefined) return reading.readExpression(inner);
  if (node.type === "template_if_intro" && inner !== undefined) return readIf(inner, remaining, reading);
  if (node.type === "template_for_start") return readFor(node, remaining, reading);
  throw syntaxFailure("the directives of this template do not match each other.", reading.position);
}

function readIf(condition: Node, remaining: TemplatePart[], reading: TemplateReading): Expression {
  const { position } = reading;
  const yes = readUntil(remaining, ["template_else_intro", "template_if_end"], reading);
  const next = remaining.shift();
  const hasElse = next?.kind === "sequence" && next.node.type === "template_else_intro";
  const no = hasElse ? readUntil(remaining, ["template_if_end"], reading) : [];
  if (hasElse) remaining.shift();
  return {
    kind: "conditional",
    condition: reading.readExpression(condition),
    yes: { kind: "template", parts: yes, position },
    no: { kind: "template", parts: no, position },
    position,
  };
}

function readFor(intro: Node, remaining: TemplatePart[], reading: TemplateReading): Expression {
  const { position } = reading;
  const value: Expression = {
    kind: "template",
    parts: readUntil(remaining, ["template_for_end"], reading),
    position,
  };
  remaining.shift();
  const items: Expression = { kind: "for", ...reading.readForIntro(intro), value, group: false, position };
  return { kind: "join", items, position };
}
