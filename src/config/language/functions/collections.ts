import { areEqual } from "../operators.ts";
import { typeName } from "../types.ts";
import {
  ANY,
  BOOL,
  bool,
  compareText,
  integer,
  list,
  NUMBER,
  nullOf,
  STRING,
  text,
  tuple,
  type Value,
} from "../values.ts";
import {
  characters,
  countOf,
  type FunctionTable,
  itemsOf,
  LIST_OF_ANY,
  LIST_OF_STRING,
  nullable,
  required,
  textsOf,
} from "./arguments.ts";
import { FunctionError } from "./signature.ts";

const LIST_OF_BOOL = { kind: "list", element: BOOL } as const;
const isTrue = (value: Value): boolean => value.kind === "bool" && value.truth;

/** Functions of lists, tuples and sets (go-cty, stdlib/collection.go and sequence.go; opentofu internal/lang/funcs/collection.go). */
export const COLLECTION_FUNCTIONS: FunctionTable = {
  alltrue: {
    parameters: [required("list", LIST_OF_BOOL)],
    apply: ([items]) => bool(itemsOf(items).every(isTrue)),
  },
  anytrue: {
    parameters: [required("list", LIST_OF_BOOL)],
    apply: ([items]) => bool(itemsOf(items).some(isTrue)),
  },
  compact: {
    parameters: [required("list", LIST_OF_STRING)],
    apply: ([items]) =>
      list(
        STRING,
        itemsOf(items).filter((item) => item.kind === "string" && item.text !== ""),
      ),
  },
  contains: {
    parameters: [required("list", ANY), nullable("value", ANY)],
    apply: ([items, wanted]) =>
      bool(sequenceItems(items).some((item) => wanted !== undefined && areEqual(item, wanted))),
  },
  distinct: {
    parameters: [required("list", LIST_OF_ANY)],
    apply: ([items]) =>
      sameKind(
        items,
        itemsOf(items).filter(
          (item, index, all) => all.findIndex((other) => areEqual(other, item)) === index,
        ),
      ),
  },
  element: {
    parameters: [required("list", ANY), required("index", NUMBER)],
    apply: ([items, index]) => {
      const all = indexedItems(items);
      if (all.length === 0) throw new FunctionError("cannot use element function with an empty list");
      return all.at(countOf(index, "index") % all.length) ?? nullOf(ANY);
    },
  },
  flatten: {
    parameters: [required("list", ANY)],
    apply: ([items]) => tuple(sequenceItems(items).flatMap(flat)),
  },
  index: {
    parameters: [required("list", ANY), required("value", ANY)],
    apply: ([items, wanted]) => {
      const at = indexedItems(items).findIndex((item) => wanted !== undefined && areEqual(item, wanted));
      if (at < 0) throw new FunctionError("item not found");
      return integer(at);
    },
  },
  length: { parameters: [required("value", ANY)], apply: ([value]) => integer(lengthOf(value)) },
  one: {
    parameters: [required("list", ANY)],
    apply: ([value]) => {
      const [first, second] = sequenceItems(value);
      if (second !== undefined)
        throw new FunctionError("must be a list, set, or tuple value with either zero or one elements");
      return first ?? nullOf(value !== undefined && "element" in value.type ? value.type.element : ANY);
    },
  },
  reverse: {
    parameters: [required("list", ANY)],
    apply: ([value]) => {
      const items = sequenceItems(value).toReversed();
      return value !== undefined && "element" in value.type ? list(value.type.element, items) : tuple(items);
    },
  },
  sort: {
    parameters: [required("list", LIST_OF_STRING)],
    apply: ([items]) => list(STRING, textsOf(items).sort(compareText).map(text)),
  },
};

/** The items of a list, tuple or set; another value is no argument for these functions. */
export function sequenceItems(value: Value | undefined): readonly Value[] {
  if (value?.kind === "sequence") return value.items;
  throw new FunctionError(
    `a list, tuple or set is required, not ${value === undefined ? "nothing" : typeName(value.type)}`,
  );
}

/** The items of what has an order. */
export function indexedItems(value: Value | undefined): readonly Value[] {
  if (value?.type.kind === "set") throw new FunctionError("a list or tuple is required, not a set");
  return sequenceItems(value);
}

/** Items as a list of the same type, or as a tuple where they came from one. */
export function sameKind(original: Value | undefined, items: readonly Value[]): Value {
  return original !== undefined && original.type.kind === "list"
    ? list(original.type.element, items)
    : tuple(items);
}

function flat(value: Value): Value[] {
  return value.kind === "sequence" ? value.items.flatMap(flat) : [value];
}

function lengthOf(value: Value | undefined): number {
  if (value?.kind === "sequence") return value.items.length;
  if (value?.kind === "mapping") return value.entries.size;
  if (value?.kind === "string") return characters(value.text).length;
  throw new FunctionError("argument must be a string, a collection type, or a structural type");
}
