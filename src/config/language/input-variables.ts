import { Failure } from "../../failure.ts";
import { configurationFailure, place } from "../syntax.ts";
import { ConversionError } from "./convert.ts";
import type { Declarations } from "./declarations.ts";
import { conform } from "./defaults.ts";
import { evaluatePlain } from "./evaluate-plain.ts";
import type { GivenValue } from "./given-values.ts";
import type { ExpressionParser } from "./parse-expression.ts";
import { marked, text, type Value } from "./values.ts";
import { readVariable, type Variable } from "./variable.ts";

/** The variable of a name, undefined where the module declares none. Throws what may hide it, or a Failure for a faulty block. */
export function declaredVariable(
  name: string,
  declarations: Declarations,
  parser: ExpressionParser,
): Variable | undefined {
  const declaration = declarations.variables.get(name);
  if (declaration !== undefined) return readVariable(declaration, parser);
  const [hidden] = declarations.syntaxErrors;
  if (hidden !== undefined) throw hidden;
  return undefined;
}

/**
 * What is given, as a value of the type that its own notation has: text stays text where the variable's type is a plain one,
 * or unknown; else it is an expression (opentofu internal/configs/named_values.go, VariableParsingMode).
 * Throws a Failure that names where it was given.
 */
export function rawValue(given: GivenValue, variable: Variable | undefined, parser: ExpressionParser): Value {
  if ("source" in given) return evaluatePlain(parser.source(given.source, given.position, "plain"));
  if (variable === undefined || variable.parsing === "text") return text(given.text);
  try {
    return evaluatePlain(parser.expression(given.text, { file: given.from }));
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const wanted = `The variable's type is not a plain one, so its value is an expression, as in ${given.name}=["a", "b"]; a string in it needs double quotes.`;
    // What does not parse may be quoted as the problem.
    const problem = variable.sensitive || variable.ephemeral ? "Invalid syntax." : problemOf(cause);
    throw new Failure(
      "input",
      `The value of ${given.from} for var.${given.name} is not valid: ${problem} ${wanted}`,
      { cause },
    );
  }
}

function problemOf({ message }: Failure): string {
  return message.replace(/^(.*?) \([^)]*\): /, "$1: ");
}

/**
 * The value that a variable has: the given one, or else its default, as its declared type has it, with its marks.
 * Throws a Failure where it has none, or one that does not fit.
 */
export function variableValue(
  variable: Variable,
  given: GivenValue | undefined,
  parser: ExpressionParser,
): Value {
  const value =
    given === undefined ? variable.default : fitting(rawValue(given, variable, parser), variable, given);
  if (value === undefined) {
    throw configurationFailure({
      summary: "No value for required variable",
      detail: `The root module input variable "${variable.name}" is not set, and has no default value.`,
      position: variable.position,
      remedy: `Set it in the input variables or var-files, or in the environment as TF_VAR_${variable.name}.`,
    });
  }
  const marks: Array<"sensitive" | "ephemeral"> = [];
  if (variable.sensitive) marks.push("sensitive");
  if (variable.ephemeral) marks.push("ephemeral");
  return marked(value, new Set(marks));
}

/** The value in the declared type; the message never shows the value, which may be a secret. */
export function fitting(value: Value, variable: Variable, given: GivenValue): Value {
  const problem = `The given value (${given.from}) is not suitable for var.${variable.name} declared at ${place(variable.position)}`;
  try {
    const converted = conform(value, variable.constraint);
    if (converted.kind !== "null" || variable.nullable) return converted;
    if (variable.default !== undefined) return variable.default;
    throw new ConversionError("", "required variable may not be set to null");
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    const message = `${problem}: ${error.message}.`;
    if ("position" in given)
      throw configurationFailure({
        summary: "Invalid value for input variable",
        detail: message,
        position: given.position,
      });
    throw new Failure("input", `Invalid value for input variable: ${message}`);
  }
}
