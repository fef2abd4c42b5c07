import { convert } from "../convert.ts";
import { unify } from "../unify.ts";
import { ANY, list, NUMBER, tuple, type Value } from "../values.ts";
import { countOf, type FunctionTable, itemsOf, LIST_OF_ANY, nullable, required } from "./arguments.ts";
import { indexedItems, sameKind } from "./collections.ts";
import { FunctionError } from "./signature.ts";

/** Functions that make sequences of sequences (go-cty, stdlib/collection.go and sequence.go). */
export const SEQUENCE_FUNCTIONS: FunctionTable = {
  chunklist: {
    parameters: [required("list", LIST_OF_ANY), required("size", NUMBER)],
    apply: ([items, size]) => chunks(items, countOf(size, "size")),
  },
  coalesce: { parameters: [], rest: nullable("vals", ANY), apply: coalesce },
  coalescelist: { parameters: [], rest: nullable("vals", ANY), apply: coalesceList },
  concat: { parameters: [], rest: required("seqs", ANY), apply: concat },
  slice: {
    parameters: [required("list", ANY), required("start_index", NUMBER), required("end_index", NUMBER)],
    apply: ([items, start, end]) => slice(items, countOf(start, "start index"), countOf(end, "end index")),
  },
};

function chunks(value: Value | undefined, size: number): Value {
  if (size < 0) throw new FunctionError("the size argument must be positive");
  const items = itemsOf(value);
  const type = value?.type ?? LIST_OF_ANY;
  const step = size === 0 ? Math.max(items.length, 1) : size;
  const starts = items.flatMap((_, index) => (index % step === 0 ? [index] : []));
  return list(
    type,
    starts.map((start) => sameKind(value, items.slice(start, start + step))),
  );
}

function coalesce(args: readonly Value[]): Value {
  const type = unify(
    args.map((arg) => arg.type),
    true,
  );
  if (type === undefined) throw new FunctionError("all arguments must have the same type");
  const found = args
    .map((arg) => convert(arg, type))
    .find((arg) => arg.kind !== "null" && !(arg.kind === "string" && arg.text === ""));
  if (found === undefined) throw new FunctionError("no non-null, non-empty-string arguments");
  return found;
}

function coalesceList(args: readonly Value[]): Value {
  for (const { type } of args) {
    if (type.kind !== "list" && type.kind !== "tuple")
      throw new FunctionError("coalescelist arguments must be lists or tuples");
  }
  const found = args.find((arg) => itemsOf(arg).length > 0);
  if (found === undefined) throw new FunctionError("no non-null arguments");
  return found;
}

function concat(args: readonly Value[]): Value {
  if (args.length === 0) throw new FunctionError("at least one argument is required");
  const type = args.every((arg) => arg.type.kind === "list")
    ? unify(
        args.map((arg) => arg.type),
        true,
      )
    : undefined;
  if (type?.kind !== "list") return tuple(args.flatMap(indexedItems));
  return list(
    type.element,
    args.flatMap((arg) => itemsOf(convert(arg, type))),
  );
}

function slice(value: Value | undefined, start: number, end: number): Value {
  const items = indexedItems(value);
  if (start < 0 || end < start || end > items.length) {
    throw new FunctionError(
      "start and end index must lie within the list, and the start not be greater than the end",
    );
  }
  return sameKind(value, items.slice(start, end));
}
