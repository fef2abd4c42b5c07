import { formatNumber, parseNumber } from "./number.ts";
import { filledIn, isPrimitive, typeName, withoutOptional } from "./types.ts";
import { commonElement, isConvertible, unify } from "./unify.ts";
import {
  ANY,
  bool,
  list,
  type MappingType,
  mapOf,
  marked,
  nullOf,
  number,
  objectOf,
  type SequenceType,
  sameType,
  set,
  type Type,
  text,
  tuple,
  type Value,
} from "./values.ts";

/** Why a value does not fit a type; the path within the value is at the front of the message: `[0].name: a number is required`. */
export class ConversionError extends Error {
  override readonly name = "ConversionError";

  constructor(path: string, problem: string) {
    super(path === "" ? problem : `${path}: ${problem}`);
  }
}

/**
 * The value as a value of a type, by the rules of go-cty: text of a number or boolean becomes one and the other way round, tuples
 * become lists and sets, objects and maps each other, attributes that the type does not have are left out.
 * Throws ConversionError where that is not possible.
 */
export function convert(value: Value, to: Type, path = ""): Value {
  if (to.kind === "any") return value;
  if (!isConvertible(value.type, to, true)) throw new ConversionError(path, mismatch(value.type, to));
  if (value.kind === "null") return marked(nullOf(filledIn(value.type, withoutOptional(to))), value.marks);
  return sameType(value.type, to) ? value : marked(converted(value, to, path), value.marks);
}

function converted(value: Value, to: Type, path: string): Value {
  if (value.kind === "sequence" && to.kind === "tuple") {
    return tuple(
      value.items.map((item, index) => convert(item, to.elements[index] ?? ANY, `${path}[${index}]`)),
    );
  }
  if (value.kind === "sequence" && (to.kind === "list" || to.kind === "set"))
    return toSequence(value, to, path);
  if (value.kind === "mapping" && to.kind === "map") return toMap(value, to.element, path);
  if (value.kind === "mapping" && to.kind === "object") return toObject(value, to, path);
  if (to.kind === "string" && value.kind === "number") return text(formatNumber(value.number));
  if (to.kind === "string" && value.kind === "bool") return text(String(value.truth));
  if (to.kind === "number" && value.kind === "string") return toNumber(value.text, path);
  if (to.kind === "bool" && value.kind === "string") return toBool(value.text, path);
  throw new ConversionError(path, mismatch(value.type, to));
}

function toNumber(written: string, path: string): Value {
  const parsed = parseNumber(written);
  if (parsed === undefined) throw new ConversionError(path, "a number is required");
  return number(parsed);
}

function toBool(written: string, path: string): Value {
  if (["true", "1"].includes(written)) return bool(true);
  if (["false", "0"].includes(written)) return bool(false);
  const lower = written.toLowerCase();
  const hint = ["true", "false"].includes(lower) ? `; to convert from string, use lowercase "${lower}"` : "";
  throw new ConversionError(path, `a bool is required${hint}`);
}

type Sequence = Extract<Value, { kind: "sequence" }>;
type Mapping = Extract<Value, { kind: "mapping" }>;

function toSequence(value: Sequence, to: { kind: "list" | "set"; element: Type }, path: string): Value {
  const wanted = elementFor(value.type, to.element);
  const items = value.items.map((item, index) => convert(item, wanted, `${path}[${index}]`));
  if (items.length === 0) return to.kind === "list" ? list(wanted, []) : set(wanted, []);
  const [element, same] = alike(items, { path, kind: to.kind });
  return to.kind === "list" ? list(element, same) : set(element, same);
}

function toMap(value: Mapping, wanted: Type, path: string): Value {
  const element = elementFor(value.type, wanted);
  const entries = [...value.entries].map(
    ([key, item]) => [key, convert(item, element, `${path}[${JSON.stringify(key)}]`)] as const,
  );
  if (entries.length === 0) return mapOf(element, []);
  const [common, values] = alike(
    entries.map(([, item]) => item),
    { path, kind: "map" },
  );
  return mapOf(
    common,
    entries.map(([key], index) => [key, values[index] ?? nullOf(common)]),
  );
}

/** The element type to convert to; what `any` stands for is found out from the elements. */
function elementFor(from: SequenceType | MappingType, wanted: Type): Type {
  if (wanted.kind !== "any") return wanted;
  if ("element" in from) return from.element;
  return commonElement(from, true) ?? ANY;
}

/** Brings converted elements whose types still differ (below an `any`) to one type; a bare null takes that of the others. */
function alike(items: readonly Value[], where: { path: string; kind: string }): [Type, readonly Value[]] {
  const known = items.filter((item) => item.type.kind !== "any");
  const common = unify(
    (known.length === 0 ? items : known).map((item) => item.type),
    true,
  );
  if (common === undefined)
    throw new ConversionError(where.path, `all ${where.kind} elements must have the same type`);
  const converted = items.map((item, index) => convert(item, common, `${where.path}[${index}]`));
  const [first] = converted;
  if (first !== undefined && converted.every((item) => sameType(item.type, first.type)))
    return [first.type, converted];
  throw new ConversionError(where.path, `all ${where.kind} elements must have the same type`);
}

function toObject(value: Mapping, to: Extract<Type, { kind: "object" }>, path: string): Value {
  const entries = [...to.attributes].map(([name, type]) => {
    const given = value.entries.get(name);
    const at = value.type.kind === "map" ? `${path}[${JSON.stringify(name)}]` : `${path}.${name}`;
    if (given !== undefined) return [name, convert(given, type, at)] as const;
    if (to.optional.has(name)) return [name, nullOf(withoutOptional(type))] as const;
    throw new ConversionError(path, `map has no element for required attribute "${name}"`);
  });
  return objectOf(entries);
}

function mismatch(from: Type, to: Type): string {
  const inner = innerMismatch(from, to);
  if (inner !== undefined) return inner;
  const mention = isPrimitive(from) !== isPrimitive(to) || to.kind === "string" || isPrimitive(to);
  return mention && from.kind !== "any"
    ? `${typeName(to)} required, but have ${typeName(from)}`
    : `${typeName(to)} required`;
}

/** Where inside of two similar types the first difference is. */
function innerMismatch(from: Type, to: Type): string | undefined {
  if (from.kind === "object" && to.kind === "object") return objectMismatch(from, to);
  if (!("element" in to)) return undefined;
  const structural = to.kind === "map" ? from.kind === "object" : from.kind === "tuple";
  if (structural && to.element.kind === "any") return `all ${to.kind} elements must have the same type`;
  const elements: Array<[number | string, Type]> =
    from.kind === "tuple" && structural
      ? [...from.elements.entries()]
      : from.kind === "object" && structural
        ? [...from.attributes]
        : [];
  const bad = elements.find(([, type]) => !isConvertible(type, to.element, true));
  if (bad !== undefined) return `element ${JSON.stringify(bad[0])}: ${mismatch(bad[1], to.element)}`;
  const kindred = "element" in from && (from.kind === to.kind || (from.kind !== "map" && to.kind !== "map"));
  return kindred ? `incorrect ${to.kind} element type: ${mismatch(from.element, to.element)}` : undefined;
}

function objectMismatch(
  from: Extract<Type, { kind: "object" }>,
  to: Extract<Type, { kind: "object" }>,
): string | undefined {
  const missing = [...to.attributes.keys()].filter(
    (name) => !from.attributes.has(name) && !to.optional.has(name),
  );
  if (missing.length > 0) {
    const names = missing.sort().map((name) => `"${name}"`);
    const listed = names.length === 1 ? names[0] : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
    return names.length === 1 ? `attribute ${listed} is required` : `attributes ${listed} are required`;
  }
  for (const [name, type] of to.attributes) {
    const given = from.attributes.get(name);
    if (given !== undefined && !isConvertible(given, type, true))
      return `attribute "${name}": ${mismatch(given, type)}`;
  }
  return undefined;
}
