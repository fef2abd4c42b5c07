import { ConversionError, convert } from "./convert.ts";
import type { Evaluate } from "./evaluate.ts";
import { EvaluationError } from "./evaluation-error.ts";
import type { Expression, ForExpression } from "./expression.ts";
import { typeName } from "./types.ts";
import { BOOL, integer, marked, objectOf, STRING, text, tuple, type Value } from "./values.ts";

type For = Extract<Expression, { kind: "for" }>;
type Names = ReadonlyMap<string, Value>;

/** A `for` expression: a tuple, or an object where it has a key. Marks of the collection, the conditions and the keys are the result's. */
export function evaluateFor(expression: For, evaluate: Evaluate): Value {
  const collection = evaluate(expression.collection);
  const marks: Value["marks"][] = [collection.marks];
  const rounds = elementsOf(collection, expression).map((element) => namesOf(expression, element));
  const kept = rounds.filter((names) => {
    if (expression.condition === undefined) return true;
    const condition = conditionOf(expression.condition, evaluate, names);
    marks.push(condition.marks);
    return condition.kind === "bool" && condition.truth;
  });
  if (expression.key === undefined)
    return marked(tuple(kept.map((names) => evaluate(expression.value, names))), ...marks);
  const key = expression.key;
  const pairs = kept.map((names) => {
    const name = keyOf(key, evaluate, names);
    marks.push(name.marks);
    return [name.kind === "string" ? name.text : "", evaluate(expression.value, names)] as const;
  });
  const isShown = marks.every((each) => each.size === 0);
  return marked(expression.group ? grouped(pairs) : unique(pairs, key, isShown), ...marks);
}

/** Keys and values in order; the keys of a set's members are the members. */
export function elementsOf(
  collection: Value,
  { collection: at }: Pick<ForExpression, "collection">,
): Array<[Value, Value]> {
  if (collection.kind === "null") {
    const detail = "A null value cannot be used as the collection in a 'for' expression.";
    throw new EvaluationError("Iteration over null value", detail, at.position);
  }
  if (collection.kind === "mapping") return [...collection.entries].map(([key, value]) => [text(key), value]);
  if (collection.kind === "sequence") {
    const isSet = collection.type.kind === "set";
    return collection.items.map((item, index) => [isSet ? item : integer(index), item]);
  }
  const detail = `A value of type ${typeName(collection.type)} cannot be used as the collection in a 'for' expression.`;
  throw new EvaluationError("Iteration over non-iterable value", detail, at.position);
}

function namesOf({ keyName, valueName }: ForExpression, [key, value]: [Value, Value]): Names {
  return new Map([...(keyName === undefined ? [] : [[keyName, key] as const]), [valueName, value] as const]);
}

function conditionOf(condition: Expression, evaluate: Evaluate, names: Names): Value {
  const value = evaluate(condition, names);
  const problem = value.kind === "null" ? "The value of the 'if' clause must not be null." : undefined;
  if (problem === undefined) {
    try {
      return convert(value, BOOL);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      const detail = `The 'if' clause value is invalid: ${error.message}.`;
      throw new EvaluationError("Invalid 'for' condition", detail, condition.position);
    }
  }
  throw new EvaluationError("Invalid 'for' condition", problem, condition.position);
}

function keyOf(key: Expression, evaluate: Evaluate, names: Names): Value {
  const value = evaluate(key, names);
  const summary = "Invalid object key";
  if (value.kind === "null") {
    throw new EvaluationError(
      summary,
      "Key expression in 'for' expression must not produce a null value.",
      key.position,
    );
  }
  try {
    return convert(value, STRING);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new EvaluationError(
      summary,
      `The key expression produced an invalid result: ${error.message}.`,
      key.position,
    );
  }
}

type Pairs = ReadonlyArray<readonly [string, Value]>;

function grouped(pairs: Pairs): Value {
  const groups = Map.groupBy(pairs, ([key]) => key);
  return objectOf([...groups].map(([key, group]) => [key, tuple(group.map(([, value]) => value))]));
}

/** What is marked is not shown in the message. */
function unique(pairs: Pairs, key: Expression, isShown: boolean): Value {
  const seen = new Set<string>();
  for (const [name] of pairs) {
    if (seen.has(name)) {
      const shown = isShown ? JSON.stringify(name) : "that is sensitive";
      const detail = `Two different items produced the key ${shown} in this 'for' expression. If duplicates are expected, use the ellipsis (...) after the value expression to enable grouping by key.`;
      throw new EvaluationError("Duplicate object key", detail, key.position);
    }
    seen.add(name);
  }
  return objectOf(pairs);
}

/** What a template's `for` directive adds to the text. */
export function textOfItems(items: Value): Value {
  const parts = items.kind === "sequence" ? items.items : [];
  const texts = parts.map((part) => convert(part, STRING));
  const joined = texts.map((part) => (part.kind === "string" ? part.text : "")).join("");
  return marked(text(joined), items.marks, ...texts.map((part) => part.marks));
}
