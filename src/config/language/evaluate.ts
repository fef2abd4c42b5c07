import type { SourcePosition } from "../../failure.ts";
import { callFunction } from "./calls.ts";
import { conditional } from "./conditional.ts";
import { ConversionError, convert } from "./convert.ts";
import { converting } from "./converting.ts";
import { EvaluationError } from "./evaluation-error.ts";
import { type Expression, keywordOf, type ObjectEntry } from "./expression.ts";
import { evaluateFor, textOfItems } from "./for.ts";
import { applyBinary, applyUnary } from "./operators.ts";
import { attributeOf, elementAt, splatOf } from "./traverse.ts";
import { marked, objectOf, STRING, text, tuple, type Value } from "./values.ts";

/** What an expression may use. */
export type Scope = {
  /** The value of a name, with the attribute that follows it where it has one: `("var", "region")`, or a name bound by `for`. */
  lookUp: (name: string, attribute: string | undefined) => Value | undefined;
  /** Absent where functions may not be called. */
  call?: (name: string, args: readonly Value[]) => Value;
};

/** Evaluates an inner expression in the same scope, or with further names. */
export type Evaluate = (expression: Expression, names?: ReadonlyMap<string, Value>) => Value;

/**
 * The value of an expression (hashicorp/hcl, hclsyntax). Throws EvaluationError with OpenTofu's words where it has none.
 */
export function evaluate(expression: Expression, scope: Scope): Value {
  const evaluateInner: Evaluate = (inner, names) =>
    evaluate(inner, names === undefined ? scope : withNames(scope, names));
  try {
    return valueIn(expression, evaluateInner, scope);
  } catch (error) {
    if (error instanceof ConversionError)
      throw new EvaluationError("Invalid value", `${error.message}.`, expression.position);
    if (error instanceof EvaluationError) error.position ??= expression.position;
    throw error;
  }
}

function withNames(scope: Scope, names: ReadonlyMap<string, Value>): Scope {
  return {
    ...scope,
    lookUp: (name, attribute) => {
      const bound = names.get(name);
      if (bound === undefined) return scope.lookUp(name, attribute);
      return attribute === undefined ? bound : attributeOf(bound, attribute);
    },
  };
}

function valueIn(expression: Expression, inner: Evaluate, scope: Scope): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "parentheses":
      return inner(expression.inner);
    case "template":
      return templateText(expression.parts, inner);
    case "join":
      return textOfItems(inner(expression.items));
    case "name":
      return found(expression.name, undefined, scope);
    case "attribute":
      if (expression.of.kind === "name") return found(expression.of.name, expression.name, scope);
      return attributeOf(inner(expression.of), expression.name);
    case "index":
      return elementAt(inner(expression.of), inner(expression.key));
    case "splat":
      return splatOf(inner(expression.of), (item) =>
        inner(expression.each, new Map([[expression.name, item]])),
      );
    case "unary":
      return applyUnary(expression.operator, inner(expression.operand));
    case "binary":
      return applyBinary(expression, inner);
    case "conditional":
      return conditional(expression, inner);
    case "call":
      return callFunction(expression, inner, scope);
    case "tuple":
      return tuple(expression.items.map((item) => inner(item)));
    case "object":
      return objectValue(expression.entries, inner);
    case "for":
      return evaluateFor(expression, inner);
  }
}

function found(name: string, attribute: string | undefined, scope: Scope): Value {
  const value = scope.lookUp(name, attribute);
  if (value !== undefined) return value;
  throw new EvaluationError("Variables not allowed", "Variables may not be used here.");
}

function templateText(parts: readonly Expression[], inner: Evaluate): Value {
  const values = parts.map((part) => [part, inner(part)] as const);
  const texts = values.map(([part, value]) => interpolated(value, part.position));
  return marked(text(texts.join("")), ...values.map(([, value]) => value.marks));
}

function interpolated(value: Value, position: SourcePosition): string {
  const summary = "Invalid template interpolation value";
  if (value.kind === "null") {
    const detail = "The expression result is null. Cannot include a null value in a string template.";
    throw new EvaluationError(summary, detail, position);
  }
  const converted = converting(() => convert(value, STRING), {
    summary,
    detail: (problem) => `Cannot include the given value in a string template: ${problem}.`,
    position,
  });
  return converted.kind === "string" ? converted.text : "";
}

function objectValue(entries: readonly ObjectEntry[], inner: Evaluate): Value {
  const evaluated = entries.map(({ key, value }) => ({ key: objectKey(key, inner), value: inner(value) }));
  const object = objectOf(evaluated.map(({ key, value }) => [key.kind === "string" ? key.text : "", value]));
  return marked(object, ...evaluated.map(({ key }) => key.marks));
}

function objectKey(key: Expression, inner: Evaluate): Value {
  const keyword = keywordOf(key);
  if (keyword !== undefined) return text(keyword);
  if (key.kind === "attribute") {
    const detail =
      "If this expression is intended to be a reference, wrap it in parentheses. If it's instead intended as a literal name containing periods, wrap it in quotes to create a string literal.";
    throw new EvaluationError("Ambiguous attribute key", detail, key.position);
  }
  const value = inner(key);
  if (value.kind === "null")
    throw new EvaluationError("Null value as key", "Can't use a null value as a key.", key.position);
  const detail = (problem: string): string => `Can't use this value as a key: ${problem}.`;
  return converting(() => convert(value, STRING), {
    summary: "Incorrect key type",
    detail,
    position: key.position,
  });
}
