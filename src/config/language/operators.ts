import { ConversionError, convert } from "./convert.ts";
import type { Evaluate } from "./evaluate.ts";
import { EvaluationError } from "./evaluation-error.ts";
import type { Expression } from "./expression.ts";
import { add, compareNumbers, divide, type ExactNumber, multiply, negate, remainder } from "./number.ts";
import { allMarks, BOOL, bool, marked, NUMBER, number, same, type Value, withoutMarks } from "./values.ts";

const ARITHMETIC: Readonly<Record<string, (left: ExactNumber, right: ExactNumber) => ExactNumber>> = {
  "+": add,
  "-": (left, right) => add(left, negate(right)),
  "*": multiply,
  "/": divide,
  "%": remainder,
};
const ORDER: Readonly<Record<string, (difference: number) => boolean>> = {
  "<": (difference) => difference < 0,
  "<=": (difference) => difference <= 0,
  ">": (difference) => difference > 0,
  ">=": (difference) => difference >= 0,
};

type Binary = Extract<Expression, { kind: "binary" }>;

/** `left operator right`; an error of one side counts unless the other decides `&&` or `||` alone. */
export function applyBinary({ operator, left, right }: Binary, evaluate: Evaluate): Value {
  if (operator === "&&" || operator === "||") return logical(operator === "||", [left, right], evaluate);
  const [one, other] = [evaluate(left), evaluate(right)];
  if (operator === "==" || operator === "!=") {
    return marked(
      bool(areEqual(withoutMarks(one), withoutMarks(other)) === (operator === "==")),
      allMarks(one),
      allMarks(other),
    );
  }
  const [first, second] = [numberOf(one, "left", left), numberOf(other, "right", right)];
  const order = ORDER[operator];
  if (order !== undefined) return marked(bool(order(compareNumbers(first, second))), one.marks, other.marks);
  if (operator === "/" && second.mantissa === 0n) {
    throw new EvaluationError("Operation failed", "Error during operation: division by zero.");
  }
  return marked(number(ARITHMETIC[operator]?.(first, second) ?? first), one.marks, other.marks);
}

export function applyUnary(operator: string, operand: Value): Value {
  const type = operator === "!" ? BOOL : NUMBER;
  const value = operandOf(operand, type, "unary");
  if (value.kind === "bool") return marked(bool(!value.truth), operand.marks);
  return value.kind === "number" ? marked(number(negate(value.number)), operand.marks) : value;
}

function numberOf(value: Value, side: string, { position }: Expression): ExactNumber {
  const converted = operandOf(value, NUMBER, side);
  if (converted.kind === "number") return converted.number;
  throw new EvaluationError(
    "Invalid operand",
    `Unsuitable value for ${side} operand: a number is required.`,
    position,
  );
}

function operandOf(value: Value, type: typeof NUMBER, side: string): Value {
  const problem = (detail: string): EvaluationError =>
    new EvaluationError("Invalid operand", `Unsuitable value for ${side} operand: ${detail}.`);
  if (value.kind === "null") throw problem("argument must not be null");
  try {
    return convert(value, type);
  } catch (error) {
    if (error instanceof ConversionError) throw problem(error.message);
    throw error;
  }
}

/** One true side decides `||`, one false side decides `&&`, whatever the other is. */
function logical(deciding: boolean, sides: [Expression, Expression], evaluate: Evaluate): Value {
  const outcomes = sides.map((side, index) => {
    try {
      const value = evaluate(side);
      return { value: operandOf(value, BOOL, index === 0 ? "left" : "right"), marks: value.marks };
    } catch (error) {
      if (error instanceof EvaluationError) return { error };
      throw error;
    }
  });
  const marks = outcomes.flatMap((outcome) =>
    "marks" in outcome && outcome.marks !== undefined ? [outcome.marks] : [],
  );
  const decided = outcomes.some(({ value }) => value?.kind === "bool" && value.truth === deciding);
  const failed = outcomes.find((outcome) => "error" in outcome);
  if (!decided && failed?.error !== undefined) throw failed.error;
  return marked(bool(decided ? deciding : !deciding), ...marks);
}

/** Values of different types are never equal, not even `1` and `"1"`, nor a tuple and a list; null only equals null. */
export function areEqual(left: Value, right: Value): boolean {
  return left.kind === "null" || right.kind === "null" ? left.kind === right.kind : same(left, right);
}
