import { configurationFailure } from "../syntax.ts";
import { ConversionError, convert } from "./convert.ts";
import type { Constraint, Defaults } from "./defaults.ts";
import { type Expression, keywordOf } from "./expression.ts";
import { ANY, BOOL, NUMBER, objectType, STRING, type Type, type Value } from "./values.ts";

const PRIMITIVES: Readonly<Record<string, Type>> = { string: STRING, number: NUMBER, bool: BOOL, any: ANY };
const COLLECTIONS = ["list", "set", "map"] as const;

/** Evaluates the default value of an optional attribute, which may refer to nothing. */
type EvaluateDefault = (expression: Expression) => Value;

/**
 * The constraint that a `type` argument declares (hashicorp/hcl, ext/typeexpr); bare `list` and `map` are those of `any`.
 * Throws a Failure in OpenTofu's words for what is no type.
 */
export function readConstraint(expression: Expression, evaluateDefault: EvaluateDefault): Constraint {
  const keyword = keywordOf(expression);
  if (keyword === "list" || keyword === "map") return { type: { kind: keyword, element: ANY } };
  return constraintOf(expression, evaluateDefault);
}

function constraintOf(expression: Expression, evaluateDefault: EvaluateDefault): Constraint {
  const keyword = keywordOf(expression);
  const primitive = keyword === undefined ? undefined : PRIMITIVES[keyword];
  if (primitive !== undefined) return { type: primitive };
  if (keyword !== undefined)
    throw invalid(`The keyword "${keyword}" is not a valid type specification.`, expression);
  if (expression.kind !== "call") {
    const detail =
      "A type specification is either a primitive type keyword (bool, number, string) or a complex type constructor call, like list(string).";
    throw invalid(detail, expression);
  }
  const { name, args } = expression;
  const [argument] = args;
  if (argument === undefined || args.length > 1)
    throw invalid(`The ${name} type constructor requires one argument.`, expression);
  const collection = COLLECTIONS.find((kind) => kind === name);
  if (collection !== undefined) return collectionOf(collection, constraintOf(argument, evaluateDefault));
  if (name === "object") return objectConstraint(argument, evaluateDefault);
  if (name === "tuple") return tupleConstraint(argument, evaluateDefault);
  if (name === "optional")
    throw invalid('Keyword "optional" is valid only as a modifier for object type attributes.', expression);
  throw invalid(`Keyword "${name}" is not a valid type constructor.`, expression);
}

function invalid(detail: string, { position }: Expression): Error {
  return configurationFailure({ summary: "Invalid type specification", detail, position });
}

function collectionOf(kind: (typeof COLLECTIONS)[number], { type, defaults }: Constraint): Constraint {
  return withDefaults({ kind, element: type }, new Map(), defaults === undefined ? [] : [["", defaults]]);
}

function withDefaults(
  type: Type,
  values: ReadonlyMap<string, Value>,
  children: Iterable<readonly [string, Defaults]>,
): Constraint {
  const nested = new Map(children);
  if (values.size === 0 && nested.size === 0) return { type };
  return { type, defaults: { kind: type.kind, values, children: nested } };
}

function tupleConstraint(argument: Expression, evaluateDefault: EvaluateDefault): Constraint {
  if (argument.kind !== "tuple")
    throw invalid("Tuple type constructor requires a list of element types.", argument);
  const elements = argument.items.map((item) => constraintOf(item, evaluateDefault));
  const children = elements.flatMap(({ defaults }, index) =>
    defaults === undefined ? [] : [[String(index), defaults] as const],
  );
  return withDefaults({ kind: "tuple", elements: elements.map(({ type }) => type) }, new Map(), children);
}

function objectConstraint(argument: Expression, evaluateDefault: EvaluateDefault): Constraint {
  if (argument.kind !== "object") {
    throw invalid(
      "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types.",
      argument,
    );
  }
  const attributes = new Map<string, Type>();
  const optional = new Set<string>();
  const values = new Map<string, Value>();
  const children = new Map<string, Defaults>();
  for (const { key, value } of argument.entries) {
    const name = attributeName(key, attributes);
    const attribute = attributeOf(value, evaluateDefault);
    attributes.set(name, attribute.type);
    if (attribute.isOptional) optional.add(name);
    if (attribute.value !== undefined) values.set(name, attribute.value);
    if (attribute.defaults !== undefined) children.set(name, attribute.defaults);
  }
  return withDefaults(objectType(attributes, optional), values, children);
}

function attributeName(key: Expression, earlier: ReadonlyMap<string, Type>): string {
  const name = keywordOf(key);
  if (name === undefined && !(key.kind === "literal" && key.value.kind === "string"))
    throw invalid("Object constructor map keys must be attribute names.", key);
  const found = name ?? (key.kind === "literal" && key.value.kind === "string" ? key.value.text : "");
  if (earlier.has(found)) throw invalid("Object constructor map keys must be unique.", key);
  return found;
}

function attributeOf(
  expression: Expression,
  evaluateDefault: EvaluateDefault,
): Constraint & { isOptional: boolean; value?: Value } {
  if (expression.kind !== "call" || expression.name !== "optional") {
    return { ...constraintOf(expression, evaluateDefault), isOptional: false };
  }
  const [type, otherwise] = expression.args;
  if (type === undefined)
    throw invalid("Optional attribute modifier requires the attribute type as its argument.", expression);
  if (expression.args.length > 2) {
    throw invalid(
      "Optional attribute modifier expects at most two arguments: the attribute type, and a default value.",
      expression,
    );
  }
  const constraint = constraintOf(type, evaluateDefault);
  if (otherwise === undefined) return { ...constraint, isOptional: true };
  return {
    ...constraint,
    isOptional: true,
    value: converted(evaluateDefault(otherwise), constraint.type, otherwise),
  };
}

function converted(value: Value, type: Type, { position }: Expression): Value {
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    const detail = `This default value is not compatible with the attribute's type constraint: ${error.message}.`;
    throw configurationFailure({ summary: "Invalid default value for optional attribute", detail, position });
  }
}
