import type { Value } from "./value.ts";

/** What happens to one attribute, element or block. */
export type Mark = "create" | "update" | "delete" | "none";

/** A node of the tree that is printed: what happens here, and what is here. */
export type Node = {
  mark: Mark;
  /** Changing this replaces the whole object. */
  forces: boolean;
  body: Body;
};

export type Body =
  | { kind: "scalar"; before: Value; after: Value }
  | { kind: "heredoc"; lines: { mark: Mark; text: string }[] }
  /** A string that holds JSON: its content, and whether only its whitespace changes. */
  | { kind: "json"; content: Node; whitespaceOnly: boolean }
  | { kind: "sensitive"; inner: Mark; before: boolean; after: boolean }
  | { kind: "sensitive-block"; inner: Mark; before: boolean; after: boolean }
  | { kind: "unknown"; before?: Node }
  | { kind: "write-only" }
  /** Of another type before than after. */
  | { kind: "switch"; before: Node; after: Node }
  /** `context`: the elements next to a changed one are shown too, for order matters. */
  | { kind: "list"; elements: Node[]; context: boolean }
  | { kind: "set"; elements: Node[]; nested: boolean }
  | { kind: "map"; entries: Entry[]; nested: boolean }
  | { kind: "object"; entries: Entry[]; nested: boolean }
  | { kind: "block"; attributes: Entry[]; groups: BlockGroup[] };

export type Entry = { key: string; node: Node };

/** The blocks of one name, with what is said about all of them together. */
export type BlockGroup = {
  name: string;
  /** A label for blocks that are kept in a map. */
  blocks: { label?: string; node: Node }[];
  /** All of them together replace the object. */
  forces: boolean;
};

/** What happens to a container, one child after the other: children that differ from it make it an update. */
export function combine(container: Mark, child: Mark): Mark {
  if (child === "none" || child === container) return container;
  return "update";
}

export function combineAll(container: Mark, children: Node[]): Mark {
  return children.reduce((mark, child) => combine(mark, child.mark), container);
}
