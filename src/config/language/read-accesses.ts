import type { Node } from "web-tree-sitter";
import type { Expression } from "./expression.ts";
import { parseNumber } from "./number.ts";
import { invalid, positionOf, type Reading, significant } from "./reading.ts";
import { number } from "./values.ts";

/** The name that stands for the item of a splat; no identifier looks like it. */
const ITEM = "[*]";
const POSTFIX: ReadonlySet<string> = new Set(["get_attr", "index", "splat"]);

/** The attributes, indexes and splats after a term. */
export function readAccesses(start: Expression, accesses: readonly Node[], reading: Reading): Expression {
  let expression = start;
  for (const node of accesses) {
    const [kind] = significant(node);
    if (!POSTFIX.has(node.type) || kind === undefined) throw invalid(node, reading);
    expression =
      node.type === "splat" ? readSplat(expression, kind, reading) : readAccess(expression, node, reading);
  }
  return expression;
}

function readAccess(of: Expression, node: Node, reading: Reading): Expression {
  const position = positionOf(node, reading);
  const [kind] = significant(node);
  if (kind === undefined) throw invalid(node, reading);
  if (node.type === "get_attr") return { kind: "attribute", of, name: kind.text, position };
  if (kind.type === "legacy_index") {
    const index = parseNumber(kind.text.replace(/^\.\s*/, ""));
    if (index === undefined) throw invalid(kind, reading);
    return { kind: "index", of, key: { kind: "literal", value: number(index), position }, position };
  }
  const [key] = significant(kind);
  if (key === undefined) throw invalid(kind, reading);
  return { kind: "index", of, key: reading.read(key, { ...reading, bracketed: true }), position };
}

/** `[*]` goes on to the end, `.*` only over attributes: an index after them is one of the whole result. */
function readSplat(of: Expression, splat: Node, reading: Reading): Expression {
  const steps = significant(splat);
  const isFull = splat.type === "full_splat";
  const end = isFull
    ? -1
    : steps.findIndex((step) => step.type === "index" && significant(step)[0]?.type === "new_index");
  const inside = end < 0 ? steps : steps.slice(0, end);
  const position = positionOf(splat, reading);
  const each = readAccesses({ kind: "name", name: ITEM, position }, inside, reading);
  return readAccesses(
    { kind: "splat", of, name: ITEM, each, position },
    end < 0 ? [] : steps.slice(end),
    reading,
  );
}
