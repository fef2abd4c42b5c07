import { ConversionError, convert } from "../convert.ts";
import { EvaluationError } from "../evaluation-error.ts";
import { allMarks, marked, type Type, type Value, withoutMarks } from "../values.ts";

/** A parameter: what an argument is converted to, and whether it may be null. */
export type Parameter = { name: string; type: Type; nullable?: boolean };

/** A function of the language. Its arguments come converted and without marks; their marks become those of the result. */
export type LanguageFunction = {
  parameters: readonly Parameter[];
  /** What any further arguments are. */
  rest?: Parameter;
  /** `own`: the arguments keep their marks, and the result has only its own. */
  marks?: "own";
  apply: (args: readonly Value[]) => Value;
};

/** What is wrong with an argument or a call; the name of the function is added where it is called. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
}

/** Calls a function as go-cty does. Throws EvaluationError in hcl's words. */
export function callFunction(
  name: string,
  { parameters, rest, marks, apply }: LanguageFunction,
  args: readonly Value[],
): Value {
  if (args.length < parameters.length || (rest === undefined && args.length > parameters.length)) {
    const expected = `${parameters.length}${rest === undefined ? "" : " or more"} argument${parameters.length === 1 ? "" : "s"}`;
    throw new EvaluationError(
      "Invalid function call",
      `Function "${name}" expects ${expected}, and was given ${args.length}.`,
    );
  }
  const values = args.map((argument, index) => argumentFor(parameters[index] ?? rest, argument));
  try {
    return marks === "own" ? apply(values) : marked(apply(values.map(withoutMarks)), ...args.map(allMarks));
  } catch (error) {
    if (!(error instanceof FunctionError || error instanceof ConversionError)) throw error;
    const isShown = args.every((argument) => allMarks(argument).size === 0);
    const problem = isShown ? error.message : "it does not take this sensitive value";
    throw new EvaluationError("Error in function call", `Call to function "${name}" failed: ${problem}.`);
  }
}

function argumentFor(parameter: Parameter | undefined, argument: Value): Value {
  if (parameter === undefined) return argument;
  const invalid = (problem: string): EvaluationError =>
    new EvaluationError(
      "Invalid function argument",
      `Invalid value for "${parameter.name}" parameter: ${problem}.`,
    );
  if (argument.kind === "null" && parameter.nullable !== true) throw invalid("argument must not be null");
  try {
    return convert(argument, parameter.type);
  } catch (error) {
    if (error instanceof ConversionError) throw invalid(error.message);
    throw error;
  }
}
