import { configurationFailure } from "../syntax.ts";
import { ConversionError, convert } from "./convert.ts";
import type { Declaration } from "./declarations.ts";
import { type Constraint, conform } from "./defaults.ts";
import { evaluatePlain } from "./evaluate-plain.ts";
import type { Argument } from "./native-declarations.ts";
import type { ExpressionParser } from "./parse-expression.ts";
import { readConstraint } from "./type-constraint.ts";
import { ANY, BOOL, type Type, type Value } from "./values.ts";

/** A variable of the root module as its block declares it. */
export type Variable = {
  name: string;
  position: Declaration["position"];
  constraint: Constraint;
  /** How a text given for it is understood: taken as it is, or as an expression of the language. */
  parsing: "text" | "expression";
  default?: Value;
  nullable: boolean;
  sensitive: boolean;
  ephemeral: boolean;
};

/**
 * What a `variable` block says (opentofu internal/configs/named_values.go). Its description, validations and deprecation do not
 * count here: the server sees to them.
 * Throws a Failure with file and line for a type, default or flag that is none.
 */
export function readVariable(declaration: Declaration, parser: ExpressionParser): Variable {
  const { name, position } = declaration;
  const constraint = constraintOf(declaration.arguments.get("type"), parser);
  const nullable = flag(declaration.arguments.get("nullable"), true, parser);
  const given = declaration.arguments.get("default");
  return {
    name,
    position,
    constraint: constraint ?? { type: ANY },
    // A variable without a type takes any text as it is; one of the type any does not.
    parsing: constraint === undefined || isPlain(constraint.type) ? "text" : "expression",
    ...(given === undefined ? {} : { default: defaultOf(given, { constraint, nullable }, parser) }),
    nullable,
    sensitive: flag(declaration.arguments.get("sensitive"), false, parser),
    ephemeral: flag(declaration.arguments.get("ephemeral"), false, parser),
  };
}

function isPlain(type: Type): boolean {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}

function constraintOf(argument: Argument | undefined, parser: ExpressionParser): Constraint | undefined {
  if (argument === undefined) return undefined;
  const { source, position } = argument;
  if (source.syntax === "native" && source.text.startsWith('"')) throw quotedType(argument);
  const isText = source.syntax === "json" && source.node.kind === "string";
  const expression = isText
    ? parser.expression(source.node.kind === "string" ? source.node.text : "", position)
    : parser.source(source, position, "plain");
  return readConstraint(expression, evaluatePlain);
}

function quotedType({ position, source }: Argument): Error {
  const written = source.syntax === "native" ? source.text : "";
  const type = { '"list"': "list(string)", '"map"': "map(string)" }[written] ?? written.slice(1, -1);
  return configurationFailure({
    summary: "Invalid quoted type constraints",
    detail: "Type constraints in quotes were those of version 0.11 and earlier.",
    position,
    remedy: `Write ${type} without quotes.`,
  });
}

function flag(argument: Argument | undefined, otherwise: boolean, parser: ExpressionParser): boolean {
  if (argument === undefined) return otherwise;
  const { source, position, name } = argument;
  const value = evaluatePlain(parser.source(source, position, "plain"));
  const converted = tryConvert(value, BOOL);
  if (converted?.kind === "bool") return converted.truth;
  throw configurationFailure({
    summary: "Unsuitable value type",
    detail: `The argument "${name}" must be true or false.`,
    position,
  });
}

function tryConvert(value: Value, type: Type): Value | undefined {
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof ConversionError) return undefined;
    throw error;
  }
}

type Expected = { constraint: Constraint | undefined; nullable: boolean };

function defaultOf(
  { source, position }: Argument,
  { constraint, nullable }: Expected,
  parser: ExpressionParser,
): Value {
  const written = evaluatePlain(parser.source(source, position, "plain"));
  const summary = "Invalid default value for variable";
  if (!nullable && written.kind === "null") {
    throw configurationFailure({
      summary,
      detail: "A null default value is not valid when nullable=false.",
      position,
    });
  }
  try {
    return constraint === undefined ? written : conform(written, constraint);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    const detail = `This default value is not compatible with the variable's type constraint: ${error.message}.`;
    throw configurationFailure({ summary, detail, position });
  }
}
