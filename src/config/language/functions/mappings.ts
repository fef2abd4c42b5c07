import { convert } from "../convert.ts";
import { add, compareNumbers, type ExactNumber, wholeNumber } from "../number.ts";
import { areEqual } from "../operators.ts";
import { unify } from "../unify.ts";
import {
  ANY,
  list,
  mapOf,
  NUMBER,
  number,
  objectOf,
  STRING,
  sameType,
  set,
  type Type,
  text,
  tuple,
  type Value,
} from "../values.ts";
import {
  type FunctionTable,
  itemsOf,
  LIST_OF_STRING,
  nullable,
  required,
  textOf,
  textsOf,
} from "./arguments.ts";
import { sequenceItems } from "./collections.ts";
import { FunctionError, type LanguageFunction } from "./signature.ts";

const SET_OF_ANY: Type = { kind: "set", element: ANY };
const MOST = 1024;

type Combine = (left: readonly Value[], right: readonly Value[]) => readonly Value[];

/** Functions of maps and objects, sets, and sequences of numbers (go-cty, stdlib; opentofu internal/lang/funcs/collection.go). */
export const MAPPING_FUNCTIONS: FunctionTable = {
  keys: {
    parameters: [required("inputMap", ANY)],
    apply: ([value]) => {
      const keys = [...entriesOf(value).keys()].map(text);
      return value?.type.kind === "map" ? list(STRING, keys) : tuple(keys);
    },
  },
  lookup: {
    parameters: [required("inputMap", ANY), required("key", STRING)],
    rest: nullable("default", ANY),
    apply: lookup,
  },
  merge: { parameters: [], rest: nullable("maps", ANY), apply: merge },
  range: { parameters: [], rest: required("params", NUMBER), apply: range },
  setintersection: ofSets((left, right) =>
    left.filter((item) => right.some((other) => areEqual(item, other))),
  ),
  setsubtract: ofSets((left, right) => left.filter((item) => !right.some((other) => areEqual(item, other)))),
  setunion: ofSets((left, right) => [...left, ...right]),
  sum: { parameters: [required("list", ANY)], apply: sum },
  values: {
    parameters: [required("mapping", ANY)],
    apply: ([value]) => {
      const values = [...entriesOf(value).values()];
      return value?.type.kind === "map" ? list(value.type.element, values) : tuple(values);
    },
  },
  zipmap: { parameters: [required("keys", LIST_OF_STRING), required("values", ANY)], apply: zipmap },
};

function entriesOf(value: Value | undefined): ReadonlyMap<string, Value> {
  if (value?.kind === "mapping") return value.entries;
  throw new FunctionError("must have map or object type");
}

function lookup([value, key, ...defaults]: readonly Value[]): Value {
  if (defaults.length > 1) throw new FunctionError("lookup() takes two or three arguments");
  const name = textOf(key);
  const [otherwise] = defaults;
  const entries = entriesOf(value);
  const element = value !== undefined && value.type.kind === "map" ? value.type.element : ANY;
  const converted = otherwise === undefined ? undefined : convert(otherwise, element);
  const found = entries.get(name) ?? converted;
  if (found === undefined) throw new FunctionError(`lookup failed to find key ${JSON.stringify(name)}`);
  return found;
}

/** Later entries win. Of one type of map only, the result is one, too; else it is an object. */
function merge(args: readonly Value[]): Value {
  for (const { type } of args) {
    if (type.kind !== "map" && type.kind !== "object" && type.kind !== "any")
      throw new FunctionError("arguments must be maps or objects");
  }
  const given = args.filter((arg) => arg.kind === "mapping");
  const entries = new Map(given.flatMap((arg) => [...arg.entries]));
  const [first] = args;
  if (first?.type.kind !== "map" || !args.every((arg) => sameType(arg.type, first.type)))
    return objectOf(entries);
  return mapOf(first.type.element, entries);
}

function ofSets(combine: Combine): LanguageFunction {
  return {
    parameters: [required("first_set", SET_OF_ANY)],
    rest: required("other_sets", SET_OF_ANY),
    apply: (args) => {
      const open = args.filter((arg) => !(itemsOf(arg).length === 0 && elementOf(arg).kind === "any"));
      const element = open.length === 0 ? ANY : unify(open.map(elementOf), true);
      if (element === undefined) throw new FunctionError("given sets must all have compatible element types");
      const sets = args.map((arg) => itemsOf(convert(arg, { kind: "set", element })));
      return set(element, sets.reduce(combine));
    },
  };
}

function elementOf(value: Value): Type {
  return "element" in value.type ? value.type.element : ANY;
}

function numberOf(value: Value | undefined): ExactNumber {
  const converted = value === undefined || value.kind === "null" ? undefined : convert(value, NUMBER);
  if (converted?.kind === "number") return converted.number;
  throw new FunctionError("argument must be list, set, or tuple of number values");
}

function sum([value]: readonly Value[]): Value {
  const numbers = sequenceItems(value).map(numberOf);
  const [first, ...others] = numbers;
  if (first === undefined) throw new FunctionError("cannot sum an empty list");
  return number(others.reduce(add, first));
}

function range(args: readonly Value[]): Value {
  if (args.length < 1 || args.length > 3) throw new FunctionError("must have one, two, or three arguments");
  const numbers = args.map(numberOf);
  const zero = wholeNumber(0);
  const [start = zero, end = zero, given] = numbers.length === 1 ? [zero, ...numbers] : numbers;
  const step = given ?? wholeNumber(compareNumbers(end, start) < 0 ? -1 : 1);
  const direction = compareNumbers(step, zero);
  if (direction === 0) throw new FunctionError("step must not be zero");
  if (compareNumbers(end, start) * direction < 0)
    throw new FunctionError("the step must lead from start to end");
  const values: Value[] = [];
  for (let current = start; compareNumbers(end, current) * direction > 0; current = add(current, step)) {
    if (values.length >= MOST) throw new FunctionError(`more than ${MOST} values were generated`);
    values.push(number(current));
  }
  return list(NUMBER, values);
}

function zipmap([keys, values]: readonly Value[]): Value {
  const names = textsOf(keys);
  if (values?.kind !== "sequence" || values.type.kind === "set")
    throw new FunctionError("values argument must be a list or tuple value");
  if (names.length !== values.items.length) {
    throw new FunctionError(
      `number of keys (${names.length}) does not match number of values (${values.items.length})`,
    );
  }
  const entries = values.items.map((value, index) => [names[index] ?? "", value] as const);
  return values.type.kind === "list" ? mapOf(values.type.element, entries) : objectOf(entries);
}
