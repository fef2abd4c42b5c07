import { ANY, objectType, type Type } from "./values.ts";

/** A type in words, as OpenTofu's messages have it: `list of string`. */
export function typeName(type: Type): string {
  if ("element" in type)
    return `${type.kind} of ${type.element.kind === "any" ? "any single type" : typeName(type.element)}`;
  return type.kind === "any" ? "any type" : type.kind;
}

/** The type that values of a constraint have: nothing in it is optional. */
export function withoutOptional(type: Type): Type {
  if ("element" in type) return { kind: type.kind, element: withoutOptional(type.element) };
  if (type.kind === "tuple") return { kind: "tuple", elements: type.elements.map(withoutOptional) };
  if (type.kind !== "object") return type;
  return objectType(
    new Map([...type.attributes].map(([name, attribute]) => [name, withoutOptional(attribute)])),
  );
}

/** The constraint with what it leaves open taken from a type, as far as that tells it. */
export function filledIn(given: Type, constraint: Type): Type {
  if (constraint.kind === "any") return given;
  if ("element" in constraint) {
    const element = "element" in given ? filledIn(given.element, constraint.element) : constraint.element;
    return { kind: constraint.kind, element };
  }
  if (constraint.kind === "tuple") {
    const from = given.kind === "tuple" ? given.elements : [];
    return {
      kind: "tuple",
      elements: constraint.elements.map((type, index) => filledIn(from[index] ?? ANY, type)),
    };
  }
  if (constraint.kind !== "object") return constraint;
  const from = given.kind === "object" ? given.attributes : new Map<string, Type>();
  return objectType(
    new Map([...constraint.attributes].map(([name, type]) => [name, filledIn(from.get(name) ?? ANY, type)])),
  );
}

export function isPrimitive(type: Type): boolean {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}
