import fc from "fast-check";
import { parseNumber } from "../../../src/config/language/number.ts";
import {
  ANY,
  bool,
  nullOf,
  number,
  objectOf,
  text,
  tuple,
  type Value,
} from "../../../src/config/language/values.ts";

const ZERO = number({ mantissa: 0n, exponent: 0, precision: 512 });

const decimal = fc.tuple(
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  fc.integer({ min: -20, max: 20 }),
);
const name = fc.oneof(
  fc.constantFrom("a", "b c", "null", "for", "é", "", "a-b", "1", "$" + "{x}"),
  fc.string({ maxLength: 5 }),
);
const clean = name.filter((written) => written.isWellFormed() && !written.includes("\ufffd"));

/** Values as expressions have them: tuples and objects of any depth. */
export const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value; leaf: Value }>((tie) => ({
  leaf: fc.oneof(
    clean.map(text),
    fc.boolean().map(bool),
    fc.constant(nullOf(ANY)),
    decimal.map(([digits, power]) => {
      const parsed = parseNumber(`${digits}e${power}`);
      return parsed === undefined ? ZERO : number(parsed);
    }),
  ),
  value: fc.oneof(
    { maxDepth: 3 },
    tie("leaf"),
    fc.array(tie("value"), { maxLength: 4 }).map(tuple),
    fc.array(fc.tuple(clean, tie("value")), { maxLength: 4 }).map(objectOf),
  ),
})).value;
