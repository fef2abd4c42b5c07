import { ConversionError, convert } from "./convert.ts";
import { unify } from "./unify.ts";
import { list, mapOf, marked, objectOf, set, type Type, tuple, type Value } from "./values.ts";

/** The default values of optional attributes, anywhere within a type constraint. */
export type Defaults = {
  kind: Type["kind"];
  /** Of an object's own attributes. */
  values: ReadonlyMap<string, Value>;
  /** Within an object's attributes, by name, or a tuple's elements, by index; of collections, under the empty name. */
  children: ReadonlyMap<string, Defaults>;
};

/** A declared type: what values are converted to once the defaults are filled in. */
export type Constraint = { type: Type; defaults?: Defaults };

/**
 * The value as a value of a constraint. Throws ConversionError where it does not fit.
 */
export function conform(value: Value, { type, defaults }: Constraint): Value {
  const complete = defaults === undefined || value.kind === "null" ? value : withDefaults(value, defaults);
  return convert(complete, type);
}

/** Fills in what is absent or null; a type may then differ, and is not checked here (hcl's typeexpr package). */
export function withDefaults(value: Value, defaults: Defaults): Value {
  if (value.kind === "sequence") {
    const items = value.items.map((item, index) => within(item, childOf(defaults, index)));
    return marked(sequenceLike(value.type.kind, items, value), value.marks);
  }
  if (value.kind !== "mapping") return value;
  const entries = new Map(
    [...value.entries].map(([key, item]) => [key, within(item, childOf(defaults, key))]),
  );
  for (const [name, otherwise] of defaults.values) {
    const given = entries.get(name);
    if (given === undefined || given.kind === "null")
      entries.set(name, within(otherwise, defaults.children.get(name)));
  }
  return marked(mappingLike(value, entries), value.marks);
}

function within(value: Value, defaults: Defaults | undefined): Value {
  return defaults === undefined ? value : withDefaults(value, defaults);
}

function childOf({ kind, children }: Defaults, key: string | number): Defaults | undefined {
  const isOwn = kind === (typeof key === "number" ? "tuple" : "object");
  return children.get(isOwn ? String(key) : "");
}

function sequenceLike(kind: "list" | "set" | "tuple", items: readonly Value[], original: Value): Value {
  if (kind === "tuple") return tuple(items);
  if (items.length === 0) return original;
  const common = inCommon(items);
  if (common === undefined) return tuple(items);
  return kind === "list" ? list(common.type, common.items) : set(common.type, common.items);
}

function mappingLike(original: Value, entries: ReadonlyMap<string, Value>): Value {
  if (original.type.kind === "object") return objectOf(entries);
  if (entries.size === 0) return original;
  const common = inCommon([...entries.values()]);
  if (common === undefined) return objectOf(entries);
  return mapOf(
    common.type,
    [...entries.keys()].map((key, index) => [key, common.items[index] ?? original]),
  );
}

function inCommon(items: readonly Value[]): { type: Type; items: readonly Value[] } | undefined {
  const type = unify(
    items.map((item) => item.type),
    true,
  );
  if (type === undefined) return undefined;
  try {
    return { type, items: items.map((item) => convert(item, type)) };
  } catch (error) {
    if (error instanceof ConversionError) return undefined;
    throw error;
  }
}
