import { containerMark, diffDynamic, diffScalar, scalarMark, sensitiveNode } from "./diff-dynamic.ts";
import type { AttributeSchema, ValueType } from "./model.ts";
import { combine, combineAll, type Entry, type Mark, type Node } from "./node.ts";
import {
  allKeys,
  asDeleted,
  elementPair,
  forcesReplacement,
  hides,
  memberPair,
  onlyRelevant,
  type Pair,
  unchangedValue,
  valueKeys,
} from "./pair.ts";
import { align, matchSets, shareALine } from "./sequence.ts";
import { asArray, kindOf, type Value } from "./value.ts";

type NestedAttributes = NonNullable<AttributeSchema["nested"]>;

/** An attribute whose schema is known. `parent` is what happens to its object, which write-only attributes take over. */
export function diffAttribute(pair: Pair, schema: AttributeSchema, parent: Mark): Node {
  if (schema.writeOnly === true) {
    const mark = parent === "none" && forcesReplacement(pair) ? "update" : parent;
    return { mark, forces: forcesReplacement(pair), body: { kind: "write-only" } };
  }
  const masked = schema.sensitive === true ? { ...pair, beforeMask: true, afterMask: true } : pair;
  return schema.nested === undefined ? diffValue(masked, schema.type) : diffNested(masked, schema.nested);
}

/** A value of a declared type. What does not have that type after all is compared by its shape. */
export function diffValue(pair: Pair, type: ValueType): Node {
  const forces = forcesReplacement(pair);
  const hidden = sensitiveNode(pair, (inner) => diffValue(inner, type));
  if (hidden !== undefined) return { ...hidden, forces };
  if (pair.unknown === true) return unknownNode(pair, (before) => diffValue(before, type));
  if (type.kind === "dynamic" || !fits(pair.before, type) || !fits(pair.after, type)) {
    // The CLI does not say of a dynamic attribute that it forces the replacement; the plan does, and so do we.
    return { ...diffDynamic(pair), forces };
  }
  if (type.kind === "primitive") return diffScalar(pair, scalarMark(pair), forces);
  return { ...diffCollection(pair, type), forces };
}

function fits(value: Value, type: ValueType): boolean {
  const kind = kindOf(value);
  if (kind === "null") return true;
  if (type.kind === "primitive") return kind !== "array" && kind !== "object";
  return kind === (type.kind === "map" || type.kind === "object" ? "object" : "array");
}

type CollectionType = Exclude<ValueType, { kind: "primitive" | "dynamic" }>;

function diffCollection(pair: Pair, type: CollectionType): Node {
  switch (type.kind) {
    case "list":
      return listNode(pair, listSteps(pair, type.element), type.element);
    case "tuple": {
      const elements = type.elements.map((element, index) =>
        diffValue(onlyRelevant(elementPair(pair, { before: index, after: index })), element),
      );
      return withElements(pair, elements, { kind: "list", elements, context: true });
    }
    case "set": {
      const elements = setPairs(pair).map((element) => diffValue(element, type.element));
      return withElements(pair, elements, { kind: "set", elements, nested: false });
    }
    case "map": {
      const entries = allKeys(pair).map((key) => ({
        key,
        node: diffValue(onlyRelevant(memberPair(pair, key)), type.element),
      }));
      return withEntries(pair, entries, { kind: "map", entries, nested: false });
    }
    case "object": {
      const diff = (key: string, attribute: Pair) =>
        diffValue(attribute, type.attributes[key] ?? { kind: "dynamic" });
      const entries = objectEntries(pair, Object.keys(type.attributes), diff);
      return withEntries(pair, entries, { kind: "object", entries, nested: false });
    }
  }
}

function listSteps(pair: Pair, element: ValueType) {
  const together = (a: Value, b: Value) => element.kind === "object" || shareALine(a, b);
  return align(asArray(pair.before), asArray(pair.after), together);
}

function listNode(pair: Pair, steps: { before?: number; after?: number }[], type: ValueType): Node {
  const elements = steps.map((step) => diffValue({ ...elementPair(pair, step), relevant: "all" }, type));
  return withElements(pair, elements, { kind: "list", elements, context: true });
}

function withElements(pair: Pair, elements: Node[], body: Node["body"]): Node {
  return { mark: combineAll(containerMark(pair), elements), forces: forcesReplacement(pair), body };
}

function withEntries(pair: Pair, entries: Entry[], body: Node["body"]): Node {
  const nodes = entries.map((entry) => entry.node);
  return withElements(pair, nodes, body);
}

/** Attributes of an object; those that are null on both sides are not there at all. */
function objectEntries(
  pair: Pair,
  keys: string[],
  diff: (key: string, attribute: Pair, parent: Mark) => Node,
): Entry[] {
  let mark = containerMark(pair);
  return [...keys].sort().flatMap((key) => {
    const attribute = { ...onlyRelevant(memberPair(pair, key)), hasBefore: false, hasAfter: false };
    const node = diff(key, attribute, mark);
    if (node.mark === "none" && attribute.before === null && attribute.after === null) return [];
    mark = combine(mark, node.mark);
    return [{ key, node }];
  });
}

/** The elements of two sets as pairs: equal ones (in value and in sensitivity, and known) are the same element. */
export function setPairs(pair: Pair): Pair[] {
  const same = (i: number, j: number) => {
    const element = elementPair(pair, { before: i, after: j });
    const isBefore = hides(element.beforeMask, element.before);
    const isAfter = hides(element.afterMask, element.after);
    return unchangedValue(element) && isBefore === isAfter && element.unknown !== true;
  };
  const steps = matchSets(asArray(pair.before), asArray(pair.after), same);
  return steps.map((step) => ({ ...elementPair(pair, step), relevant: "all" }));
}

/** Elements at the same index on both sides: nested lists are compared place by place. */
export function indexPairs(pair: Pair): Pair[] {
  const length = Math.max(asArray(pair.before).length, asArray(pair.after).length);
  return Array.from({ length }, (_, index) =>
    onlyRelevant(elementPair(pair, { before: index, after: index })),
  );
}

/** A value known only after the apply; what was there before is shown with it. */
export function unknownNode(pair: Pair, diff: (before: Pair) => Node): Node {
  const forces = forcesReplacement(pair);
  if (pair.before === null) {
    return { mark: pair.hasBefore ? "update" : "create", forces, body: { kind: "unknown" } };
  }
  return {
    mark: "update",
    forces,
    body: { kind: "unknown", before: diff(asDeleted({ ...pair, replace: [] })) },
  };
}

function diffNested(pair: Pair, schema: NestedAttributes): Node {
  const hidden = sensitiveNode(pair, (inner) => diffNested(inner, schema));
  if (hidden !== undefined) return { ...hidden, forces: forcesReplacement(pair) };
  if (pair.unknown !== true) return diffNesting(pair, schema);
  // The attributes inside are unknown then, not deleted.
  const inside = Object.fromEntries(Object.keys(schema.attributes).map((name) => [name, true]));
  return unknownNode(pair, (before) => diffNested({ ...before, unknown: inside }, schema));
}

function diffNesting(pair: Pair, { nesting, attributes }: NestedAttributes): Node {
  const diffOne = (element: Pair) => diffNested(element, { nesting: "single", attributes });
  switch (nesting) {
    case "list": {
      const elements = indexPairs(pair).map(diffOne);
      return withElements(pair, elements, { kind: "list", elements, context: false });
    }
    case "set": {
      const elements = setPairs(pair).map(diffOne);
      return withElements(pair, elements, { kind: "set", elements, nested: true });
    }
    case "map": {
      const entries = valueKeys(pair).map((key) => ({
        key,
        node: diffOne(onlyRelevant(memberPair(pair, key))),
      }));
      return withEntries(pair, entries, { kind: "map", entries, nested: true });
    }
    default: {
      const diff = (key: string, attribute: Pair, parent: Mark) => {
        const inner = attributes[key];
        return inner === undefined ? diffDynamic(attribute) : diffAttribute(attribute, inner, parent);
      };
      const entries = objectEntries(pair, Object.keys(attributes), diff);
      return withEntries(pair, entries, { kind: "object", entries, nested: true });
    }
  }
}
