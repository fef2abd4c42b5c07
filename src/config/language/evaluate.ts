import { type SourcePosition } from "../../failure.ts";
import { ConversionError, convert } from "./convert.ts";
import { EvaluationError } from "./evaluation-error.ts";
import { type Expression, keywordOf, type ObjectEntry } from "./expression.ts";
import { evaluateFor, textOfItems } from "./for.ts";
import { applyBinary, applyUnary } from "./operators.ts";
import { attributeOf, elementAt, splatOf } from "./traverse.ts";
import { typeName } from "./types.ts";
import { unify } from "./unify.ts";
import { allMarks, BOOL, marked, objectOf, STRING, type Type, text, tuple, type Value } from "./values.ts";

/** What an expression may use. */
export type Scope = {
  /** The value of a name, with the attribute that follows it where it has one: `("var", "region")`, or a name bound by `for`. */
  lookUp: (name: string, attribute: string | undefined) => Value | undefined;
  call: (name: string, args: readonly Value[]) => Value;
};

/** Evaluates an inner expression in the same scope, or with further names. */
export type Evaluate = (expression: Expression, names?: ReadonlyMap<string, Value>) => Value;

/**
 * The value of an expression (hashicorp/hcl, hclsyntax). Throws EvaluationError with OpenTofu's words where it has none.
 */
export function evaluate(expression: Expression, scope: Scope): Value {
  const evaluateInner: Evaluate = (inner, names) => evaluate(inner, names === undefined ? scope : withNames(scope, names));
  try {
    return valueOf(expression, evaluateInner, scope);
  } catch (error) {
    if (error instanceof ConversionError) throw new EvaluationError("Invalid value", `${error.message}.`, expression.position);
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

function valueOf(expression: Expression, inner: Evaluate, scope: Scope): Value {
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
      return splatOf(inner(expression.of), (item) => inner(expression.each, new Map([[expression.name, item]])));
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

/** Runs a conversion and puts its complaint into the words of the place. */
export function converting(
  run: () => Value,
  words: { summary: string; detail: (problem: string) => string; position?: SourcePosition },
): Value {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new EvaluationError(words.summary, words.detail(error.message), words.position);
  }
}

type Conditional = Extract<Expression, { kind: "conditional" }>;

/** Only the chosen branch may fail, but both must have a type in common. */
function conditional({ condition, yes, no }: Conditional, inner: Evaluate): Value {
  const [whenTrue, whenFalse] = [attempt(() => inner(yes)), attempt(() => inner(no))];
  const type = conditionalType(whenTrue, whenFalse);
  const chosenBy = inner(condition);
  if (chosenBy.kind === "null") {
    const detail = "The condition value is null. Conditions must either be true or false.";
    throw new EvaluationError("Null condition", detail, condition.position);
  }
  const detail = (): string => "The condition expression must be of type bool.";
  const truth = converting(() => convert(chosenBy, BOOL), { summary: "Incorrect condition type", detail, position: condition.position });
  const [chosen, other] = truth.kind === "bool" && truth.truth ? [whenTrue, whenFalse] : [whenFalse, whenTrue];
  if ("error" in chosen) throw chosen.error;
  const marks = [chosenBy.marks, "error" in other ? new Set<never>() : other.value.marks];
  const words = {
    summary: "Inconsistent conditional result types",
    detail: (problem: string) => `The ${chosen === whenTrue ? "true" : "false"} result value has the wrong type: ${problem}.`,
  };
  return marked(type === undefined ? chosen.value : converting(() => convert(chosen.value, type), words), ...marks);
}

type Attempt = { value: Value } | { error: EvaluationError };

function attempt(run: () => Value): Attempt {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof EvaluationError) return { error };
    throw error;
  }
}

function conditionalType(whenTrue: Attempt, whenFalse: Attempt): Type | undefined {
  if ("error" in whenTrue || "error" in whenFalse) return undefined;
  const [one, other] = [whenTrue.value.type, whenFalse.value.type];
  if (one.kind === "any") return other;
  if (other.kind === "any") return one;
  const common = unify([one, other], true);
  if (common !== undefined) return common;
  const detail = `The true and false result expressions must have consistent types. The 'true' value is ${typeName(one)}, but the 'false' value is ${typeName(other)}.`;
  throw new EvaluationError("Inconsistent conditional result types", detail);
}

type Call = Extract<Expression, { kind: "call" }>;

function callFunction({ name, args, expand }: Call, inner: Evaluate, scope: Scope): Value {
  if (name === "try") return firstWithout(args, inner);
  if (name === "can") return canEvaluate(args, inner);
  const values = args.map((argument) => inner(argument));
  const last = values.at(-1);
  if (!expand || last === undefined) return scope.call(name, values);
  if (last.kind !== "sequence") {
    const detail = "The expanding argument (indicated by ...) must be of a tuple, list, or set type.";
    throw new EvaluationError("Invalid expanding argument value", detail);
  }
  return marked(scope.call(name, [...values.slice(0, -1), ...last.items]), last.marks);
}

function firstWithout(args: readonly Expression[], inner: Evaluate): Value {
  const errors: string[] = [];
  for (const argument of args) {
    const outcome = attempt(() => inner(argument));
    if ("value" in outcome) return outcome.value;
    errors.push(outcome.error.message);
  }
  if (args.length === 0) throw new EvaluationError("Error in function call", 'Call to function "try" failed: at least one argument is required.');
  throw new EvaluationError("Error in function call", `Call to function "try" failed: no expression succeeded: ${errors.join(" ")}`);
}

function canEvaluate(args: readonly Expression[], inner: Evaluate): Value {
  const [argument] = args;
  if (argument === undefined || args.length > 1) {
    throw new EvaluationError("Invalid function call", 'Function "can" expects exactly 1 argument.');
  }
  const outcome = attempt(() => inner(argument));
  const can = "value" in outcome;
  const literal: Value = { kind: "bool", type: BOOL, truth: can, marks: new Set() };
  return can ? marked(literal, allMarks(outcome.value)) : literal;
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
  if (value.kind === "null") throw new EvaluationError("Null value as key", "Can't use a null value as a key.", key.position);
  const detail = (problem: string): string => `Can't use this value as a key: ${problem}.`;
  return converting(() => convert(value, STRING), { summary: "Incorrect key type", detail, position: key.position });
}
