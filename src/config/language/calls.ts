import { attempt } from "./conditional.ts";
import type { Evaluate, Scope } from "./evaluate.ts";
import { EvaluationError } from "./evaluation-error.ts";
import type { Expression } from "./expression.ts";
import { allMarks, bool, marked, type Value } from "./values.ts";

type Call = Extract<Expression, { kind: "call" }>;

/** A function call; `try` and `can` are no functions but decide what becomes of errors. */
export function callFunction({ name, args, expand }: Call, inner: Evaluate, { call }: Scope): Value {
  if (call === undefined)
    throw new EvaluationError("Function calls not allowed", "Functions may not be called here.");
  if (name === "try") return firstWithout(args, inner);
  if (name === "can") return canEvaluate(args, inner);
  const values = args.map((argument) => inner(argument));
  const last = values.at(-1);
  if (!expand || last === undefined) return call(name, values);
  if (last.kind !== "sequence") {
    const detail = "The expanding argument (indicated by ...) must be of a tuple, list, or set type.";
    throw new EvaluationError("Invalid expanding argument value", detail);
  }
  return marked(call(name, [...values.slice(0, -1), ...last.items]), last.marks);
}

function firstWithout(args: readonly Expression[], inner: Evaluate): Value {
  const errors: string[] = [];
  for (const argument of args) {
    const outcome = attempt(() => inner(argument));
    if ("value" in outcome) return outcome.value;
    errors.push(outcome.error.message);
  }
  if (args.length === 0)
    throw new EvaluationError(
      "Error in function call",
      'Call to function "try" failed: at least one argument is required.',
    );
  throw new EvaluationError(
    "Error in function call",
    `Call to function "try" failed: no expression succeeded: ${errors.join(" ")}`,
  );
}

function canEvaluate(args: readonly Expression[], inner: Evaluate): Value {
  const [argument] = args;
  if (argument === undefined || args.length > 1) {
    throw new EvaluationError("Invalid function call", 'Function "can" expects exactly 1 argument.');
  }
  const outcome = attempt(() => inner(argument));
  const can = "value" in outcome;
  const literal = bool(can);
  return can ? marked(literal, allMarks(outcome.value)) : literal;
}
