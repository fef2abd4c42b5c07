import { evaluate, type Scope } from "../../../src/config/language/evaluate.ts";
import { EvaluationError } from "../../../src/config/language/evaluation-error.ts";
import { functionsIn } from "../../../src/config/language/functions/table.ts";
import { loadExpressionParser } from "../../../src/config/language/parse-expression.ts";
import type { Value } from "../../../src/config/language/values.ts";
import { Failure } from "../../../src/failure.ts";

const parser = await loadExpressionParser();

/** The value of an expression in the language, with these names and all functions. */
export function evaluated(expression: string, names: Record<string, Value> = {}): Value {
  const scope: Scope = {
    lookUp: (root, name) => names[`${root}.${name}`],
    call: functionsIn({ directory: import.meta.dirname, workspaceRoot: import.meta.dirname }),
  };
  return evaluate(parser.expression(expression, { file: "expression" }), scope);
}

/** The same, or undefined where it has none. */
export function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EvaluationError || error instanceof Failure) return undefined;
    throw error;
  }
}
