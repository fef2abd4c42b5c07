import type { Node } from "web-tree-sitter";
import type { Expression, ObjectEntry } from "./expression.ts";
import { invalid, positionOf, type Reading, requireOneLine, significant } from "./reading.ts";

export function readCall(node: Node, reading: Reading): Expression {
  const inside = { ...reading, bracketed: true };
  const [name, args] = significant(node);
  const given = args === undefined ? [] : significant(args);
  return {
    kind: "call",
    name: name?.text ?? "",
    args: given.filter((arg) => arg.type === "expression").map((arg) => reading.read(arg, inside)),
    expand: given.some((arg) => arg.type === "ellipsis"),
    position: positionOf(node, reading),
  };
}

export function readTuple(node: Node, reading: Reading): Expression {
  const items = significant(node).filter((child) => child.type === "expression");
  const inside = { ...reading, bracketed: true };
  return {
    kind: "tuple",
    items: items.map((item) => reading.read(item, inside)),
    position: positionOf(node, reading),
  };
}

export function readObject(node: Node, reading: Reading): Expression {
  const inside = { ...reading, bracketed: false };
  const parts = node.children.filter((child) => child.type === "object_elem" || child.type === ",");
  for (const [index, part] of parts.entries()) {
    const previous = parts[index - 1];
    const isUnseparated = part.type === "object_elem" && previous?.type === "object_elem";
    if (isUnseparated && previous.endPosition.row === part.startPosition.row)
      throw invalid(part, reading, "a comma or a line break is missing before this attribute");
  }
  const elements = parts.filter((part) => part.type === "object_elem");
  return {
    kind: "object",
    entries: elements.map((element) => readEntry(element, inside)),
    position: positionOf(node, reading),
  };
}

export function readEntry(element: Node, reading: Reading): ObjectEntry {
  requireOneLine(
    element.children.filter((child) => child.type !== "comment"),
    reading,
  );
  const [key, value] = [element.childForFieldName("key"), element.childForFieldName("val")];
  if (key === null || value === null) throw invalid(element, reading);
  return { key: reading.read(key, reading), value: reading.read(value, reading) };
}

export function readFor(node: Node, reading: Reading): Expression {
  const inside = { ...reading, bracketed: true };
  const [intro, ...rest] = significant(node).filter((child) => !/_(start|end)$/.test(child.type));
  const condition = rest.find((child) => child.type === "for_cond");
  const [first, second] = rest
    .filter((child) => child.type === "expression")
    .map((child) => reading.read(child, inside));
  if (intro === undefined || first === undefined) throw invalid(node, reading);
  const test = condition === undefined ? undefined : significant(condition)[0];
  return {
    kind: "for",
    ...readForIntro(intro, inside),
    ...(second === undefined ? { value: first } : { key: first, value: second }),
    ...(test === undefined ? {} : { condition: reading.read(test, inside) }),
    group: rest.some((child) => child.type === "ellipsis"),
    position: positionOf(node, reading),
  };
}

/** `for key, value in collection`, of an expression or a template. */
export function readForIntro(
  intro: Node,
  reading: Reading,
): { keyName?: string; valueName: string; collection: Expression } {
  const names = significant(intro)
    .filter((child) => child.type === "identifier")
    .map((child) => child.text);
  const collection = significant(intro).find((child) => child.type === "expression");
  const valueName = names.at(-1);
  if (collection === undefined || valueName === undefined) throw invalid(intro, reading);
  const [keyName] = names.slice(0, -1);
  return {
    ...(keyName === undefined ? {} : { keyName }),
    valueName,
    collection: reading.read(collection, reading),
  };
}
