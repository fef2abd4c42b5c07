import { ANY, objectType, sameType, type Type } from "./values.ts";

/**
 * True where values of one type may become values of another; `unsafe` allows what depends on the value (a string that may be
 * a number), as a declared type does and a common type of several values does not (go-cty's convert package).
 */
export function isConvertible(from: Type, to: Type, unsafe: boolean): boolean {
  if (to.kind === "any" || sameType(from, to)) return true;
  if (from.kind === "any") return unsafe;
  switch (to.kind) {
    case "string":
    case "number":
    case "bool":
      return primitiveConvertible(from, to, unsafe);
    case "list":
    case "set":
      if (from.kind === "tuple") return elementsConvertible(from, to.element, unsafe);
      if (from.kind === "list" && to.kind === "set" && !unsafe) return false;
      return (from.kind === "list" || from.kind === "set") && isConvertible(from.element, to.element, unsafe);
    case "map":
      if (from.kind === "object") return elementsConvertible(from, to.element, unsafe);
      return from.kind === "map" && isConvertible(from.element, to.element, unsafe);
    case "tuple":
      return tupleConvertible(from, to, unsafe);
    case "object":
      return objectConvertible(from, to, unsafe);
  }
}

function primitiveConvertible(from: Type, to: Type, unsafe: boolean): boolean {
  if (to.kind === "string") return from.kind === "number" || from.kind === "bool";
  return unsafe && from.kind === "string";
}

type Structure = Extract<Type, { kind: "tuple" | "object" }>;

function elementsConvertible(from: Structure, to: Type, unsafe: boolean): boolean {
  const common = to.kind === "any" ? commonElement(from, unsafe) : to;
  return common !== undefined && innerTypes(from).every((element) => isConvertible(element, common, unsafe));
}

/** The type that the elements of a collection of `any` get; undefined where they have none in common. */
export function commonElement(from: Structure, unsafe: boolean): Type | undefined {
  const elements = innerTypes(from);
  if (elements.length === 0) return ANY;
  const common = unify(elements, unsafe);
  const isMixed = common?.kind === "any" && elements.some((element) => element.kind !== "any");
  return isMixed && from.kind === "tuple" ? undefined : common;
}

function tupleConvertible(from: Type, to: Extract<Type, { kind: "tuple" }>, unsafe: boolean): boolean {
  if (from.kind !== "tuple" || from.elements.length !== to.elements.length) return false;
  return to.elements.every((type, index) => isConvertible(from.elements[index] ?? ANY, type, unsafe));
}

function objectConvertible(from: Type, to: Extract<Type, { kind: "object" }>, unsafe: boolean): boolean {
  if (from.kind === "map") {
    if (!unsafe) return false;
    return [...to.attributes].every(
      ([name, type]) => to.optional.has(name) || isConvertible(from.element, type, unsafe),
    );
  }
  if (from.kind !== "object") return false;
  return [...to.attributes].every(([name, type]) => {
    const given = from.attributes.get(name);
    return given === undefined ? to.optional.has(name) : isConvertible(given, type, unsafe);
  });
}

/** The type that values of all these types can be brought to; undefined where there is none. */
export function unify(types: readonly Type[], unsafe: boolean): Type | undefined {
  const [first] = types;
  if (first === undefined) return undefined;
  if (types.every((type) => sameType(type, first))) return first;
  const structural = unifyKinds(types, unsafe);
  if (structural !== "unlike") return structural;
  return byPreference(types).find((want) => types.every((type) => isConvertible(type, want, unsafe)));
}

/** Types of one kind become a new one of it, or a collection; `unlike` where this says nothing. */
function unifyKinds(types: readonly Type[], unsafe: boolean): Type | undefined | "unlike" {
  const known = types.filter((type) => type.kind !== "any");
  const isOpen = known.length < types.length;
  const kinds = new Set(known.map((type) => type.kind));
  const [kind] = kinds;
  if (kinds.size === 1 && (kind === "list" || kind === "set" || kind === "map")) {
    return isOpen
      ? ANY
      : collection(
          kind,
          types.flatMap((type) => ("element" in type ? [type.element] : [])),
          unsafe,
        );
  }
  if (kinds.size === 1 && kind === "object") return isOpen ? ANY : unifyObjects(types, unsafe);
  if (kinds.size === 1 && kind === "tuple") return isOpen ? ANY : unifyTuples(types, unsafe);
  const disguised = kinds.size === 2 ? asCollections(types, kinds, unsafe) : undefined;
  if (disguised !== undefined) return disguised;
  return kinds.has("object") && kinds.has("tuple") ? undefined : "unlike";
}

/** Objects beside maps count as maps, tuples beside lists as lists, if that works. */
function asCollections(
  types: readonly Type[],
  kinds: ReadonlySet<string>,
  unsafe: boolean,
): Type | undefined {
  const [from, to] =
    kinds.has("map") && kinds.has("object") ? (["object", "map"] as const) : (["tuple", "list"] as const);
  if (!kinds.has(from) || !kinds.has(to)) return undefined;
  const inner = types.filter((type) => type.kind === from).flatMap(innerTypes);
  const element = unify(inner, unsafe);
  if (element === undefined) return undefined;
  const unified = unify(
    types.map((type) => (type.kind === from ? { kind: to, element } : type)),
    unsafe,
  );
  return unified?.kind === to ? unified : undefined;
}

function innerTypes(type: Type): readonly Type[] {
  if (type.kind === "tuple") return type.elements;
  return type.kind === "object" ? [...type.attributes.values()] : [];
}

function collection(
  kind: "list" | "set" | "map",
  elements: readonly Type[],
  unsafe: boolean,
): Type | undefined {
  const element = unify(elements, unsafe);
  return element === undefined ? undefined : { kind, element };
}

function unifyObjects(types: readonly Type[], unsafe: boolean): Type | undefined {
  const objects = types.filter((type) => type.kind === "object");
  const names = [...(objects[0]?.attributes.keys() ?? [])];
  const alike = objects.every(
    ({ attributes }) => attributes.size === names.length && names.every((name) => attributes.has(name)),
  );
  if (!alike) return collection("map", objects.flatMap(innerTypes), unsafe);
  const attributes = new Map<string, Type>();
  for (const name of names) {
    const common = unify(
      objects.map((object) => object.attributes.get(name) ?? ANY),
      unsafe,
    );
    if (common === undefined) return undefined;
    attributes.set(name, common);
  }
  return objectType(attributes);
}

function unifyTuples(types: readonly Type[], unsafe: boolean): Type | undefined {
  const tuples = types.filter((type) => type.kind === "tuple");
  const length = tuples[0]?.elements.length ?? 0;
  if (tuples.some((type) => type.elements.length !== length))
    return collection("list", tuples.flatMap(innerTypes), unsafe);
  const elements: Type[] = [];
  for (let index = 0; index < length; index += 1) {
    const common = unify(
      tuples.map((type) => type.elements[index] ?? ANY),
      unsafe,
    );
    if (common === undefined) return undefined;
    elements.push(common);
  }
  return { kind: "tuple", elements };
}

/** The most general types first: string before other primitives, collections before structures, `any` last. */
function byPreference(types: readonly Type[]): Type[] {
  const rank = (type: Type): number =>
    ({ set: 0, list: 1, map: 1, tuple: 2, object: 2, string: 3, number: 4, bool: 4, any: 5 })[type.kind];
  return types.toSorted((left, right) => rank(left) - rank(right));
}
