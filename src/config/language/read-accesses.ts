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
  for (const [index, node] of accesses.entries()) {
    const [kind] = significant(node);
    if (!POSTFIX.has(node.type) || kind === undefined) throw invalid(node, reading);
    if (kind.type === "full_splat") {
      return readSplat(expression, [...significant(kind), ...accesses.slice(index + 1)], {
        at: kind,
        reading,
      });
    }
    expression =
      node.type === "splat"
        ? readAttributeSplat(expression, kind, reading)
        : readAccess(expression, node, reading);
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

type At = { at: Node; reading: Reading };

/** Of each item, all that is accessed after `[*]`. */
function readSplat(of: Expression, inside: readonly Node[], { at, reading }: At): Expression {
  const position = positionOf(at, reading);
  const each = readAccesses({ kind: "name", name: ITEM, position }, inside, reading);
  return { kind: "splat", of, name: ITEM, each, position };
}

/** `.*` goes on over attributes only: an index after them is one of the whole result. */
function readAttributeSplat(of: Expression, splat: Node, reading: Reading): Expression {
  const steps = significant(splat);
  const end = steps.findIndex((step) => step.type === "index" && significant(step)[0]?.type === "new_index");
  const count = end < 0 ? steps.length : end;
  const result = readSplat(of, steps.slice(0, count), { at: splat, reading });
  return readAccesses(result, steps.slice(count), reading);
}
