import { configurationFailure } from "../syntax.ts";
import { evaluate } from "./evaluate.ts";
import { EvaluationError } from "./evaluation-error.ts";
import type { Expression } from "./expression.ts";
import type { Value } from "./values.ts";

/**
 * The value of an expression that may refer to nothing and call nothing: defaults, and the values of variable files.
 * Throws a Failure in OpenTofu's words, with its place.
 */
export function evaluatePlain(expression: Expression): Value {
  try {
    return evaluate(expression, { lookUp: () => undefined });
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    const position = error.position ?? expression.position;
    throw configurationFailure({ summary: error.summary, detail: error.message, position });
  }
}
