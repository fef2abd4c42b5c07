import {
  compareNumbers,
  type ExactNumber,
  floatNumber,
  negate,
  toFloat,
  toInteger,
  truncated,
  wholeNumber,
} from "../number.ts";
import { ANY, integer, NUMBER, number, type Value } from "../values.ts";
import { countOf, type FunctionTable, required, textOf } from "./arguments.ts";
import { FunctionError, type LanguageFunction } from "./signature.ts";

const ZERO = wholeNumber(0);

function exact(value: Value | undefined): ExactNumber {
  return value?.kind === "number" ? value.number : ZERO;
}

function ofNumber(change: (value: ExactNumber) => ExactNumber): LanguageFunction {
  return { parameters: [required("num", NUMBER)], apply: ([value]) => number(change(exact(value))) };
}

function ofFloats(compute: (left: number, right: number) => number): LanguageFunction {
  const parameters = [required("num", NUMBER), required("other", NUMBER)];
  return {
    parameters,
    apply: ([left, right]) => {
      const computed = floatNumber(compute(toFloat(exact(left)), toFloat(exact(right))));
      if (computed === undefined) throw new FunctionError("the result is not a finite number");
      return number(computed);
    },
  };
}

function extreme(isBetter: (difference: number) => boolean): LanguageFunction {
  return {
    parameters: [],
    rest: required("numbers", NUMBER),
    apply: ([first, ...others]) => {
      if (first === undefined) throw new FunctionError("must pass at least one number");
      return others.reduce(
        (best, other) => (isBetter(compareNumbers(exact(other), exact(best))) ? other : best),
        first,
      );
    },
  };
}

/** Functions of numbers (go-cty, stdlib/number.go). */
export const NUMBER_FUNCTIONS: FunctionTable = {
  abs: ofNumber((value) => (value.mantissa < 0n ? negate(value) : value)),
  ceil: ofNumber((value) => rounded(value, 1n)),
  floor: ofNumber((value) => rounded(value, -1n)),
  log: ofFloats((value, base) => Math.log(value) / Math.log(base)),
  max: extreme((difference) => difference > 0),
  min: extreme((difference) => difference < 0),
  parseint: {
    parameters: [required("number", ANY), required("base", NUMBER)],
    apply: ([value, base]) => integer(parseInteger(value, countOf(base, "base"))),
  },
  pow: ofFloats((value, power) => value ** power),
  signum: {
    parameters: [required("num", NUMBER)],
    apply: ([value]) => integer(signOf(exact(value))),
  },
};

/** Of whole numbers of 64 bits only. */
function signOf(value: ExactNumber): number {
  const whole = toInteger(value);
  if (whole === undefined || BigInt.asIntN(64, whole) !== whole)
    throw new FunctionError("value must be a whole number");
  return compareNumbers(value, ZERO);
}

/** To the next whole number in a direction. */
function rounded(value: ExactNumber, direction: 1n | -1n): ExactNumber {
  if (toInteger(value) !== undefined) return value;
  const towardsZero = truncated(value);
  const isAway = value.mantissa < 0n === direction < 0n;
  return wholeNumber(isAway ? towardsZero + direction : towardsZero);
}

/** Digits above 9 are letters, of either case up to base 36; above that capitals count for more than small ones. */
function parseInteger(value: Value | undefined, base: number): bigint {
  if (value?.kind !== "string") throw new FunctionError("first argument must be a string");
  if (base < 2 || base > 62)
    throw new FunctionError("base must be a whole number between 2 and 62 inclusive");
  const written = textOf(value);
  const digits = written.replace(/^[+-]/, "");
  const values = [...(base <= 36 ? digits.toLowerCase() : digits)].map((digit) => DIGITS.indexOf(digit));
  if (values.length === 0 || values.some((digit) => digit < 0 || digit >= base)) {
    throw new FunctionError(`cannot parse ${JSON.stringify(written)} as a base ${base} integer`);
  }
  const magnitude = values.reduce((sum, digit) => sum * BigInt(base) + BigInt(digit), 0n);
  return written.startsWith("-") ? -magnitude : magnitude;
}

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
