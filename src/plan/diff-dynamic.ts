import { combineAll, type Mark, type Node } from "./node.ts";
import {
  allKeys,
  asCreated,
  asDeleted,
  elementPair,
  hides,
  memberPair,
  onlyRelevant,
  type Pair,
  unchangedValue,
} from "./pair.ts";
import { align, alignLines, shareALine } from "./sequence.ts";
import { asArray, kindOf, parseEmbeddedJson, type Value } from "./value.ts";

/** Compares values whose type is not declared (outputs, dynamic attributes, JSON in strings) by the shape they have. */
export function diffDynamic(pair: Pair): Node {
  return sensitiveNode(pair, diffDynamic) ?? unknownDynamic(pair) ?? diffShapes(pair);
}

/**
 * A node that hides the value, where a mask covers it on either side; `diff` tells what happens to what is hidden. A
 * value that only stops or starts to be sensitive counts as updated, as in the CLI.
 */
export function sensitiveNode(
  pair: Pair,
  diff: (pair: Pair) => Node,
  kind: "sensitive" | "sensitive-block" = "sensitive",
): Node | undefined {
  const before = hides(pair.beforeMask, pair.before);
  const after = hides(pair.afterMask, pair.after);
  if (!before && !after) return undefined;
  const inner = diff({ ...pair, beforeMask: false, afterMask: false }).mark;
  const isAbsent = pair.before === null && pair.after === null && !pair.hasBefore && !pair.hasAfter;
  const mark = inner === "none" && before !== after && !isAbsent ? "update" : inner;
  return { mark, forces: false, body: { kind, inner, before, after } };
}

function unknownDynamic(pair: Pair): Node | undefined {
  if (pair.unknown !== true) return undefined;
  if (pair.before === null) return { mark: "create", forces: false, body: { kind: "unknown" } };
  const before = diffDynamic(asDeleted(pair));
  return { mark: "update", forces: false, body: { kind: "unknown", before } };
}

function diffShapes(pair: Pair): Node {
  const before = kindOf(pair.before);
  const after = kindOf(pair.after);
  const isOneSided = (after === "null" && !pair.hasAfter) || (before === "null" && !pair.hasBefore);
  if (before !== after && !isOneSided) {
    const body = {
      kind: "switch",
      before: diffShape(asDeleted(pair)),
      after: diffShape(asCreated(pair)),
    } as const;
    return { mark: "update", forces: false, body };
  }
  return diffShape(pair);
}

function diffShape(pair: Pair): Node {
  const kind = kindOf(pair.before) === "null" ? kindOf(pair.after) : kindOf(pair.before);
  if (kind === "array") return diffArray(pair);
  if (kind === "object") return diffObject(pair);
  return diffScalar(pair, scalarMark(pair));
}

function diffArray(pair: Pair): Node {
  const together = (a: Value, b: Value) =>
    (kindOf(a) === "object" && kindOf(b) === "object") || shareALine(a, b);
  const steps = align(asArray(pair.before), asArray(pair.after), together);
  const elements = steps.map((step) => diffDynamic({ ...elementPair(pair, step), relevant: "all" }));
  const mark = combineAll(containerMark(pair), elements);
  return { mark, forces: false, body: { kind: "list", elements, context: true } };
}

function diffObject(pair: Pair): Node {
  const entries = allKeys(pair).map((key) => ({
    key,
    node: diffDynamic(onlyRelevant(memberPair(pair, key))),
  }));
  const nodes = entries.map((entry) => entry.node);
  const mark = combineAll(containerMark(pair), nodes);
  return { mark, forces: false, body: { kind: "object", entries, nested: false } };
}

/** What happens to a collection itself; whether it is updated only its children tell. */
export function containerMark(pair: Pair): Mark {
  if (pair.before === null && pair.after !== null) return "create";
  return pair.before !== null && pair.after === null ? "delete" : "none";
}

/** What happens to a value without parts; null counts as absent unless it stands in a list or a map. */
export function scalarMark(pair: Pair): Mark {
  const isBefore = pair.before !== null || pair.hasBefore;
  const isAfter = pair.after !== null || pair.hasAfter;
  if (isBefore !== isAfter) return isAfter ? "create" : "delete";
  return unchangedValue(pair) ? "none" : "update";
}

/** A number, a boolean, or a string: plain, of several lines, or holding JSON. */
export function diffScalar(pair: Pair, mark: Mark, forces = false): Node {
  const { before, after } = pair;
  const scalar: Node = { mark, forces, body: { kind: "scalar", before, after } };
  const shown = mark === "update" ? [before, after] : [mark === "delete" ? before : after];
  const strings = shown.filter((value) => typeof value === "string");
  if (strings.length === 0) return scalar;
  const contents = strings.map(parseEmbeddedJson);
  if (contents.some((content) => content !== undefined)) {
    return contents.length === shown.length && contents.every((content) => content !== undefined)
      ? jsonNode(contents, mark, forces)
      : stringOrJson(pair, mark, forces);
  }
  if (!strings.some((value) => value.includes("\n"))) return scalar;
  return { mark, forces, body: { kind: "heredoc", lines: heredocLines(shown, mark) } };
}

function jsonNode(contents: Value[], mark: Mark, forces: boolean): Node {
  const [first = null, second = first] = contents;
  const content = diffDynamic({
    before: mark === "create" ? null : first,
    after: mark === "delete" ? null : second,
    hasBefore: mark !== "create",
    hasAfter: mark !== "delete",
    unknown: false,
    beforeMask: false,
    afterMask: false,
    replace: [],
    relevant: "all",
  });
  const whitespaceOnly = mark === "update" && content.mark === "none";
  return { mark, forces, body: { kind: "json", content, whitespaceOnly } };
}

/** JSON on one side, something else on the other. */
function stringOrJson(pair: Pair, mark: Mark, forces: boolean): Node {
  const before = diffScalar(asDeleted(pair), "delete");
  const after = diffScalar(asCreated(pair), "create");
  return { mark, forces, body: { kind: "switch", before, after } };
}

function heredocLines(shown: Value[], mark: Mark): { mark: Mark; text: string }[] {
  const [before = [], after = before] = shown.map(linesOf);
  if (mark !== "update") return before.map((text) => ({ mark: "none", text }));
  return alignLines(before, after).map((step): { mark: Mark; text: string } => {
    if (step.before === undefined) return { mark: "create", text: after[step.after ?? -1] ?? "" };
    return { mark: step.after === undefined ? "delete" : "none", text: before[step.before] ?? "" };
  });
}

/** Lines as the CLI compares them: blank space around the whole is dropped where it has several lines; null is a line. */
function linesOf(value: Value): string[] {
  if (typeof value !== "string") return ["null"];
  return value.includes("\n") ? value.trim().split("\n") : [value];
}
