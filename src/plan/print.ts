import type { Body, Mark, Node } from "./node.ts";
import { printElements } from "./print-elements.ts";
import { printBlock, printEntries } from "./print-entries.ts";
import { closingPrefix, forcesSuffix, linePrefix, nullSuffix } from "./print-parts.ts";
import { scalarText, type Value } from "./value.ts";
import { append, appendLines, newLine, quote, type Style, startWriter, type Writer } from "./writer.ts";

/**
 * Prints a node behind the text of the last line, as `tofu show` does (opentofu internal/command/jsonformat): one line
 * for a scalar; an opening bracket, indented lines and a closing bracket for everything that has parts.
 */
export function printNode(writer: Writer, node: Node, style: Style): void {
  const { body } = node;
  switch (body.kind) {
    case "scalar":
      append(writer, scalar(node, body, style));
      return;
    case "heredoc":
      printHeredoc(writer, node, { body, style });
      return;
    case "json":
      printJson(writer, node, { body, style });
      return;
    case "sensitive":
      append(writer, `(sensitive value)${nullSuffix(node, style)}${forcesSuffix(node, style)}`);
      return;
    case "sensitive-block":
      printSensitiveBlock(writer, node, style);
      return;
    case "write-only":
      append(writer, `(write-only attribute)${forcesSuffix(node, style)}${nullSuffix(node, style)}`);
      return;
    case "unknown":
      printUnknown(writer, node, { body, style });
      return;
    case "switch":
      printSwitch(writer, node, { body, style });
      return;
    case "list":
    case "set":
      printElements(writer, node, { body, style, print: printNode });
      return;
    case "map":
    case "object":
      printEntries(writer, node, { body, style, print: printNode });
      return;
    case "block":
      printBlock(writer, node, { body, style, print: printNode });
      return;
  }
}

type Of<K extends Body["kind"]> = { body: Extract<Body, { kind: K }>; style: Style };

function scalar(node: Node, { before, after }: { before: Value; after: Value }, style: Style): string {
  const forces = forcesSuffix(node, style);
  if (node.mark === "create" || node.mark === "none") return scalarValue(after) + forces;
  if (node.mark === "update") return `${scalarValue(before)} -> ${scalarValue(after)}${forces}`;
  // "null -> null" would say nothing.
  return scalarValue(before) + (before === null ? "" : nullSuffix(node, style)) + forces;
}

function scalarValue(value: Value): string {
  return typeof value === "string" ? quote(value) : scalarText(value);
}

function printHeredoc(writer: Writer, node: Node, { body, style }: Of<"heredoc">): void {
  append(writer, `<<-EOT${forcesSuffix(node, style)}`);
  for (const { mark, text } of body.lines) newLine(writer, linePrefix(mark, style) + visible(text));
  newLine(writer, `${closingPrefix(style)}EOT${nullSuffix(node, style)}`);
}

/** A carriage return would hide what stands before it, or break the line; as text it also tells CRLF from LF. */
function visible(text: string): string {
  return text.replaceAll("\r", "\\r");
}

function printJson(writer: Writer, node: Node, { body, style }: Of<"json">): void {
  const inner = startWriter();
  const innerStyle = { ...style, indent: style.indent + 1, force: false, hideNull: true };
  printNode(inner, body.content, {
    ...innerStyle,
    showUnchanged: style.showUnchanged || body.whitespaceOnly,
  });
  const forces = body.whitespaceOnly ? "" : forcesSuffix(node, style);
  const replacing = node.forces ? " force replacement" : "";
  const whitespace = body.whitespaceOnly ? ` # whitespace changes${replacing}` : "";
  if (inner.lines.length === 1) {
    append(writer, `jsonencode(${inner.lines[0] ?? ""})${whitespace}${forces}`);
    return;
  }
  // Created and removed strings have their mark before the name already, and whitespace is no edit of the content.
  const mark: Mark = node.mark === "update" && !body.whitespaceOnly ? "update" : "none";
  append(writer, `jsonencode(${whitespace}`);
  newLine(writer, linePrefix(mark, style));
  appendLines(writer, inner.lines);
  append(writer, forces);
  newLine(writer, `${closingPrefix(style)})${nullSuffix(node, style)}`);
}

function printSensitiveBlock(writer: Writer, node: Node, style: Style): void {
  const prefix = closingPrefix(style);
  append(writer, `{${forcesSuffix(node, style)}`);
  newLine(writer, `${prefix}  # At least one attribute in this block is (or was) sensitive,`);
  newLine(writer, `${prefix}  # so its contents will not be displayed.`);
  newLine(writer, `${prefix}}`);
}

function printUnknown(writer: Writer, node: Node, { body, style }: Of<"unknown">): void {
  if (body.before !== undefined) {
    printNode(writer, body.before, { ...style, hideNull: true });
    append(writer, " -> ");
  }
  append(writer, `(known after apply)${forcesSuffix(node, style)}`);
}

function printSwitch(writer: Writer, node: Node, { body, style }: Of<"switch">): void {
  printNode(writer, body.before, { ...style, hideNull: true });
  append(writer, " -> ");
  printNode(writer, body.after, { ...style, hideNull: true });
  if (!style.force) append(writer, forcesSuffix(node, style));
}
