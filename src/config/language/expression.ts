import type { SourcePosition } from "../../failure.ts";
import type { Value } from "./values.ts";

/** An expression of the language as plain data; both configuration syntaxes give the same. */
export type Expression = { position: SourcePosition } & (
  | { kind: "literal"; value: Value }
  /** The texts of the parts, joined. */
  | { kind: "template"; parts: Expression[] }
  /** The root of a traversal such as `var` in `var.name`, or a name bound by `for`. */
  | { kind: "name"; name: string }
  | { kind: "attribute"; of: Expression; name: string }
  | { kind: "index"; of: Expression; key: Expression }
  /** Of each item of `of`, what `each` gives; there `name` stands for the item. */
  | { kind: "splat"; of: Expression; name: string; each: Expression }
  | { kind: "unary"; operator: string; operand: Expression }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "conditional"; condition: Expression; yes: Expression; no: Expression }
  | { kind: "call"; name: string; args: Expression[]; expand: boolean }
  | { kind: "tuple"; items: Expression[] }
  | { kind: "object"; entries: ObjectEntry[] }
  | ForExpression
  /** What a template's `for` gives: the texts of the items, joined. */
  | { kind: "join"; items: Expression }
  | { kind: "parentheses"; inner: Expression }
);

/** In an object a key that is a bare name stands for itself. */
export type ObjectEntry = { key: Expression; value: Expression };

export type ForExpression = {
  kind: "for";
  keyName?: string;
  valueName: string;
  collection: Expression;
  /** Where it makes an object. */
  key?: Expression;
  value: Expression;
  condition?: Expression;
  /** Values of the same key are collected (`...`). */
  group: boolean;
};

/** The name where an expression is nothing but one, as type keywords and object keys are. */
export function keywordOf(expression: Expression): string | undefined {
  if (expression.kind === "name") return expression.name;
  if (expression.kind !== "literal") return undefined;
  const { value } = expression;
  if (value.kind === "null") return "null";
  return value.kind === "bool" ? String(value.truth) : undefined;
}
