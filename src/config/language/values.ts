import { compareNumbers, type ExactNumber, wholeNumber } from "./number.ts";

/** A type, or a type constraint: `any` stands for a type that is not told, as that of a bare `null`. */
export type Type =
  | { kind: "string" | "number" | "bool" | "any" }
  | { kind: "list"; element: Type }
  | { kind: "set"; element: Type }
  | { kind: "map"; element: Type }
  | { kind: "tuple"; elements: readonly Type[] }
  | { kind: "object"; attributes: ReadonlyMap<string, Type>; optional: ReadonlySet<string> };

/** What is known of a value besides what it is; it passes on to everything made of it. */
export type Mark = "sensitive" | "ephemeral";
type Marks = ReadonlySet<Mark>;

/** A value as OpenTofu has it, with its exact type. Lists, sets and tuples are sequences; maps and objects are mappings, ordered by key. */
export type Value = { marks: Marks } & (
  | { kind: "null"; type: Type }
  | { kind: "string"; type: Type; text: string }
  | { kind: "number"; type: Type; number: ExactNumber }
  | { kind: "bool"; type: Type; truth: boolean }
  | { kind: "sequence"; type: SequenceType; items: readonly Value[] }
  | { kind: "mapping"; type: MappingType; entries: ReadonlyMap<string, Value> }
);

export type SequenceType = Extract<Type, { kind: "tuple" }> | { kind: "list" | "set"; element: Type };
export type MappingType = Extract<Type, { kind: "object" }> | { kind: "map"; element: Type };

export const STRING: Type = { kind: "string" };
export const NUMBER: Type = { kind: "number" };
export const BOOL: Type = { kind: "bool" };
export const ANY: Type = { kind: "any" };
const UNMARKED: Marks = new Set<Mark>();
const NONE: ReadonlySet<string> = new Set<string>();

/** Strings are Unicode in normal form C. */
export function text(written: string): Value {
  return { kind: "string", type: STRING, text: written.normalize("NFC"), marks: UNMARKED };
}

export function number(exact: ExactNumber): Value {
  return { kind: "number", type: NUMBER, number: exact, marks: UNMARKED };
}

export function integer(value: number | bigint): Value {
  return number(wholeNumber(value));
}

export function bool(truth: boolean): Value {
  return { kind: "bool", type: BOOL, truth, marks: UNMARKED };
}

export function nullOf(type: Type): Value {
  return { kind: "null", type, marks: UNMARKED };
}

export function tuple(items: readonly Value[]): Value {
  const type: SequenceType = { kind: "tuple", elements: items.map((item) => item.type) };
  return { kind: "sequence", type, items, marks: UNMARKED };
}

/** All items must be of the element type. */
export function list(element: Type, items: readonly Value[]): Value {
  return { kind: "sequence", type: { kind: "list", element }, items, marks: UNMARKED };
}

/** All items must be of the element type; each counts once, and they come in order. The marks of the items become those of the set. */
export function set(element: Type, items: readonly Value[]): Value {
  const marks = items.map(allMarks);
  const distinct: Value[] = [];
  for (const item of items.map(withoutMarks)) {
    if (!distinct.some((earlier) => same(earlier, item))) distinct.push(item);
  }
  const sorted = distinct.toSorted(compareMembers);
  return marked(
    { kind: "sequence", type: { kind: "set", element }, items: sorted, marks: UNMARKED },
    ...marks,
  );
}

export function objectOf(entries: Iterable<readonly [string, Value]>): Value {
  const sorted = sortedEntries(entries);
  const attributes = new Map([...sorted].map(([name, value]) => [name, value.type]));
  return { kind: "mapping", type: objectType(attributes), entries: sorted, marks: UNMARKED };
}

/** All values must be of the element type. */
export function mapOf(element: Type, entries: Iterable<readonly [string, Value]>): Value {
  return {
    kind: "mapping",
    type: { kind: "map", element },
    entries: sortedEntries(entries),
    marks: UNMARKED,
  };
}

export function objectType(attributes: ReadonlyMap<string, Type>, optional = NONE): MappingType {
  return { kind: "object", attributes, optional };
}

function sortedEntries(entries: Iterable<readonly [string, Value]>): Map<string, Value> {
  return new Map([...new Map(entries)].toSorted(([left], [right]) => compareText(left, right)));
}

/** By code point, as the bytes of UTF-8 compare. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  const [one, other] = [[...left], [...right]];
  const at = one.findIndex((character, index) => character !== other[index]);
  return (one[at]?.codePointAt(0) ?? -1) - (at < 0 ? 0 : (other[at]?.codePointAt(0) ?? -1));
}

/** The order in which a set has its members: null last, what is compound by how it is written. */
function compareMembers(left: Value, right: Value): number {
  if (left.kind === "null" || right.kind === "null")
    return Number(left.kind === "null") - Number(right.kind === "null");
  if (left.kind === "string" && right.kind === "string") return compareText(left.text, right.text);
  if (left.kind === "number" && right.kind === "number") return compareNumbers(left.number, right.number);
  if (left.kind === "bool" && right.kind === "bool") return Number(left.truth) - Number(right.truth);
  return 0;
}

/** The value with further marks. */
export function marked(value: Value, ...further: readonly Marks[]): Value {
  const marks = further.filter((set) => set.size > 0);
  return marks.length === 0
    ? value
    : {
        ...value,
        marks: new Set([value, ...further.map((set) => ({ marks: set }))].flatMap((each) => [...each.marks])),
      };
}

/** The marks of a value and of everything in it. */
export function allMarks(value: Value): Marks {
  const inner = childrenOf(value)
    .map(allMarks)
    .filter((marks) => marks.size > 0);
  return inner.length === 0
    ? value.marks
    : new Set([...value.marks, ...inner.flatMap((marks) => [...marks])]);
}

/** The value, and everything in it, without marks. */
export function withoutMarks(value: Value): Value {
  if (allMarks(value).size === 0) return value;
  if (value.kind === "sequence") return { ...value, items: value.items.map(withoutMarks), marks: UNMARKED };
  if (value.kind !== "mapping") return { ...value, marks: UNMARKED };
  const entries = new Map([...value.entries].map(([key, item]) => [key, withoutMarks(item)]));
  return { ...value, entries, marks: UNMARKED };
}

/** The items or entries' values of a value, in order. */
export function childrenOf(value: Value): readonly Value[] {
  if (value.kind === "sequence") return value.items;
  return value.kind === "mapping" ? [...value.entries.values()] : [];
}

/** True where two types are the same, optional attributes included. */
export function sameType(left: Type, right: Type): boolean {
  if (left === right) return true;
  if ("element" in left)
    return "element" in right && left.kind === right.kind && sameType(left.element, right.element);
  if (left.kind === "tuple") {
    if (right.kind !== "tuple" || left.elements.length !== right.elements.length) return false;
    return left.elements.every((element, index) => sameType(element, right.elements[index] ?? ANY));
  }
  if (left.kind !== "object") return left.kind === right.kind;
  if (right.kind !== "object" || left.attributes.size !== right.attributes.size) return false;
  return [...left.attributes].every(([name, type]) => {
    const other = right.attributes.get(name);
    return (
      other !== undefined && sameType(type, other) && left.optional.has(name) === right.optional.has(name)
    );
  });
}

/** True where two values are the same in type and content; marks do not count. */
export function same(left: Value, right: Value): boolean {
  if (!sameType(left.type, right.type)) return false;
  if (left.kind === "string") return right.kind === "string" && left.text === right.text;
  if (left.kind === "number")
    return right.kind === "number" && compareNumbers(left.number, right.number) === 0;
  if (left.kind === "bool") return right.kind === "bool" && left.truth === right.truth;
  if (left.kind === "null") return right.kind === "null";
  if (left.kind === "mapping") {
    if (right.kind !== "mapping" || left.entries.size !== right.entries.size) return false;
    return [...left.entries].every(([key, value]) => {
      const other = right.entries.get(key);
      return other !== undefined && same(value, other);
    });
  }
  if (right.kind !== "sequence" || left.items.length !== right.items.length) return false;
  if (left.type.kind === "set")
    return left.items.every((item) => right.items.some((other) => same(item, other)));
  return left.items.every((item, index) => same(item, right.items[index] ?? nullOf(ANY)));
}
