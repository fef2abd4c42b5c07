import { Failure, type SourcePosition } from "../failure.ts";
import type { JsonNode } from "./json-nodes.ts";

/**
 * A value as both configuration syntaxes write it. `text` is a string, or a number or boolean in its string form, which
 * is what string arguments take; `expression` is anything that only an evaluation can tell (variables, functions, templates).
 */
export type Value =
  | { kind: "null" }
  | { kind: "text"; text: string }
  | { kind: "list"; items: Value[] }
  | { kind: "map"; entries: Array<{ key: string; value: Value }> }
  | { kind: "expression" };

/** What an expression was written as, to be evaluated where its value is needed (language/module.ts). */
export type ExpressionSource = { syntax: "native"; text: string } | { syntax: "json"; node: JsonNode };

/**
 * `name = value` and where it stands; `from` says what gave it where that is no file: then the place is its block's. `source` is there
 * where the value is or holds an expression.
 */
export type Attribute = {
  name: string;
  value: Value;
  position: SourcePosition;
  from?: string;
  source?: ExpressionSource;
};

/** What stands between the braces of a block, or in a file that is the body of one. */
export type BlockBody = { attributes: Attribute[]; blocks: Block[] };

/** A block with its content, the same for native and JSON syntax. */
export type Block = BlockBody & { type: string; labels: string[]; position: SourcePosition };

/** The `backend` and `cloud` blocks of one file, and its first syntax error outside of them, if it has one. */
export type ParsedFile = { blocks: Block[]; syntaxError?: Failure };

/** True where nothing in a value needs to be evaluated. */
export function isLiteral(value: Value): boolean {
  if (value.kind === "list") return value.items.every(isLiteral);
  if (value.kind === "map") return value.entries.every((entry) => isLiteral(entry.value));
  return value.kind !== "expression";
}

/** `main.tf:3`, or `main.tf:3:5` where the column helps. */
export function place(position: SourcePosition, precision: "line" | "column" = "line"): string {
  const parts = [position.file, position.line, precision === "column" ? position.column : undefined];
  return parts.filter((part) => part !== undefined).join(":");
}

/** What is wrong in the configuration: OpenTofu's summary and detail, where, and what to do about it. */
export type Problem = { summary: string; detail: string; position: SourcePosition; remedy?: string };

/** The Failure for a problem in a file; the place is both in the text and in `position`. */
export function configurationFailure(problem: Problem): Failure {
  const remedy = problem.remedy === undefined ? "" : ` ${problem.remedy}`;
  const message = `${problem.summary} (${place(problem.position)}): ${problem.detail}${remedy}`;
  return new Failure("configuration", message, { position: problem.position });
}

/** The Failure for text that the syntax does not allow; line and column are in the message. */
export function syntaxFailure(detail: string, position: SourcePosition): Failure {
  return new Failure("configuration", `Invalid syntax (${place(position, "column")}): ${detail}`, {
    position,
  });
}
