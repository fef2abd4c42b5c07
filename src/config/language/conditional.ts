import { convert } from "./convert.ts";
import { converting } from "./converting.ts";
import type { Evaluate } from "./evaluate.ts";
import { EvaluationError } from "./evaluation-error.ts";
import type { Expression } from "./expression.ts";
import { typeName } from "./types.ts";
import { unify } from "./unify.ts";
import { BOOL, marked, NUMBER, STRING, type Type, type Value } from "./values.ts";

type Conditional = Extract<Expression, { kind: "conditional" }>;

/** Only the chosen branch may fail, but both must have a type in common. */
export function conditional({ condition, yes, no }: Conditional, inner: Evaluate): Value {
  const [whenTrue, whenFalse] = [attempt(() => inner(yes)), attempt(() => inner(no))];
  const type = conditionalType(typeOf(whenTrue, yes), typeOf(whenFalse, no));
  const chosenBy = inner(condition);
  if (chosenBy.kind === "null") {
    const detail = "The condition value is null. Conditions must either be true or false.";
    throw new EvaluationError("Null condition", detail, condition.position);
  }
  const detail = (): string => "The condition expression must be of type bool.";
  const truth = converting(() => convert(chosenBy, BOOL), {
    summary: "Incorrect condition type",
    detail,
    position: condition.position,
  });
  const [chosen, other] =
    truth.kind === "bool" && truth.truth ? [whenTrue, whenFalse] : [whenFalse, whenTrue];
  if ("error" in chosen) throw chosen.error;
  const marks = [chosenBy.marks, "error" in other ? new Set<never>() : other.value.marks];
  const words = {
    summary: "Inconsistent conditional result types",
    detail: (problem: string) =>
      `The ${chosen === whenTrue ? "true" : "false"} result value has the wrong type: ${problem}.`,
  };
  return marked(
    type === undefined ? chosen.value : converting(() => convert(chosen.value, type), words),
    ...marks,
  );
}

/** What came of an expression that may fail. */
export type Attempt = { value: Value } | { error: EvaluationError };

/** Evaluates what may fail without ending the whole evaluation. */
export function attempt(run: () => Value): Attempt {
  try {
    return { value: run() };
  } catch (error) {
    if (error instanceof EvaluationError) return { error };
    throw error;
  }
}

/** The type of a branch; of one that failed, as far as its form tells it. */
function typeOf(outcome: Attempt, expression: Expression): Type | undefined {
  if ("value" in outcome) return outcome.value.type;
  if (expression.kind === "parentheses") return typeOf(outcome, expression.inner);
  if (expression.kind === "template" || expression.kind === "join") return STRING;
  if (expression.kind === "unary") return expression.operator === "!" ? BOOL : NUMBER;
  if (expression.kind !== "binary") return undefined;
  return /^[-+*/%]$/.test(expression.operator) ? NUMBER : BOOL;
}

function conditionalType(one: Type | undefined, other: Type | undefined): Type | undefined {
  if (one === undefined || other === undefined) return undefined;
  if (one.kind === "any") return other;
  if (other.kind === "any") return one;
  const common = unify([one, other], true);
  if (common !== undefined) return common;
  const detail = `The true and false result expressions must have consistent types. The 'true' value is ${typeName(one)}, but the 'false' value is ${typeName(other)}.`;
  throw new EvaluationError("Inconsistent conditional result types", detail);
}
