import { ConversionError, convert } from "./convert.ts";
import { EvaluationError } from "./evaluation-error.ts";
import { toInteger } from "./number.ts";
import { isPrimitive, typeName } from "./types.ts";
import {
  ANY,
  bool,
  integer,
  list,
  marked,
  NUMBER,
  nullOf,
  STRING,
  sameType,
  type Type,
  text,
  tuple,
  type Value,
} from "./values.ts";

const UNSUPPORTED = "Unsupported attribute";

/** `value.name` (hashicorp/hcl, ops.go). */
export function attributeOf(value: Value, name: string): Value {
  if (value.kind === "null") {
    throw new EvaluationError(
      "Attempt to get attribute from null value",
      "This value is null, so it does not have any attributes.",
    );
  }
  if (value.kind === "mapping") {
    const entry = value.entries.get(name);
    if (entry !== undefined) return marked(entry, value.marks);
    if (value.type.kind === "map") {
      throw new EvaluationError(
        "Missing map element",
        `This map does not have an element with the key ${JSON.stringify(name)}.`,
      );
    }
    throw new EvaluationError(
      UNSUPPORTED,
      `This object does not have an attribute named ${JSON.stringify(name)}.`,
    );
  }
  if (value.kind === "sequence") {
    const hint =
      " To access an attribute of its elements, choose one with an index, or all of them with [*].";
    throw new EvaluationError(UNSUPPORTED, `This value does not have any attributes.${hint}`);
  }
  throw new EvaluationError(
    UNSUPPORTED,
    `Can't access attributes on a primitive-typed value (${typeName(value.type)}).`,
  );
}

/** `value[key]`; objects also take the text of a number. */
export function elementAt(value: Value, key: Value): Value {
  if (value.kind === "null") {
    throw new EvaluationError(
      "Attempt to index null value",
      "This value is null, so it does not have any indices.",
    );
  }
  if (key.kind === "null") throw invalidIndex("Can't use a null value as an indexing key.");
  if (value.kind === "sequence" && value.type.kind !== "set") {
    return marked(itemAt(value.items, asKey(key, NUMBER)), value.marks, key.marks);
  }
  if (value.kind === "mapping") {
    const wanted = asKey(key, STRING);
    const entry = wanted.kind === "string" ? value.entries.get(wanted.text) : undefined;
    if (entry === undefined)
      throw invalidIndex("The given key does not identify an element in this collection value.");
    return marked(entry, value.marks, value.type.kind === "map" ? key.marks : new Set<never>());
  }
  if (value.kind === "sequence") {
    throw invalidIndex(
      "Elements of a set are identified only by their value and don't have any separate index or key to select with.",
    );
  }
  throw invalidIndex("This value does not have any indices.");
}

function itemAt(items: readonly Value[], key: Value): Value {
  const index = key.kind === "number" ? toInteger(key.number) : undefined;
  const start = "The given key does not identify an element in this collection value:";
  if (index === undefined) throw invalidIndex(`${start} indexing a sequence requires a whole number.`);
  if (index < 0n) throw invalidIndex(`${start} a negative number is not a valid index for a sequence.`);
  const item = items[Number(index)];
  if (item === undefined)
    throw invalidIndex(`${start} the given index is greater than or equal to the length of the collection.`);
  return item;
}

function asKey(key: Value, type: typeof NUMBER): Value {
  try {
    return convert(key, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw invalidIndex(
      `The given key does not identify an element in this collection value: ${error.message}.`,
    );
  }
}

function invalidIndex(detail: string): EvaluationError {
  return new EvaluationError("Invalid index", detail);
}

/** `value[*]…`: of each item; what is no sequence counts as one item, and null as none. */
export function splatOf(value: Value, each: (item: Value) => Value): Value {
  const isSequence = value.type.kind === "tuple" || value.type.kind === "list" || value.type.kind === "set";
  if (value.kind === "null") {
    if (!isSequence) return marked(tuple([]), value.marks);
    const detail = "Splat expressions (with the * symbol) cannot be applied to null sequences.";
    throw new EvaluationError("Splat of null value", detail);
  }
  if (value.kind !== "sequence") return marked(tuple([each(value)]), value.marks);
  const items = value.items.map(each);
  if (value.type.kind === "tuple") return marked(tuple(items), value.marks);
  const [first] = items;
  if (first === undefined) return marked(list(emptyElement(value, each), []), value.marks);
  if (!items.every((item) => sameType(item.type, first.type))) {
    const detail =
      "The second level of splat expression produced elements of different types, so it isn't possible to construct a valid list to represent the top-level result.";
    throw new EvaluationError("Invalid nested splat expressions", detail);
  }
  return marked(list(first.type, items), value.marks);
}

/** What `each` would give for an item of an empty list; what no item of the type could have is an error even so. */
function emptyElement(value: Value, each: (item: Value) => Value): Type {
  if (value.kind !== "sequence" || value.type.kind === "tuple") return ANY;
  const { element } = value.type;
  try {
    return each(sampleOf(element)).type;
  } catch (error) {
    if (error instanceof EvaluationError && error.summary !== UNSUPPORTED && !isPrimitive(element))
      return ANY;
    throw error;
  }
}

/** A value of a type, only to find out what type something made of it has. */
function sampleOf(type: Type): Value {
  if (type.kind === "string") return text("");
  if (type.kind === "number") return integer(0);
  if (type.kind === "bool") return bool(false);
  if (type.kind === "list") return list(type.element, [sampleOf(type.element)]);
  if (type.kind !== "object") return nullOf(type);
  const entries = new Map([...type.attributes].map(([name, inner]) => [name, sampleOf(inner)]));
  return { kind: "mapping", type, marks: new Set(), entries };
}
