import type { Node } from "web-tree-sitter";
import type { SourcePosition } from "../../failure.ts";
import { positionOf as positionInFile } from "../hcl-top-level.ts";
import { syntaxFailure } from "../syntax.ts";
import type { Expression } from "./expression.ts";

/** Reads an `expression` node; nodes contain each other, so their readers get it handed. */
export type ReadNode = (node: Node, reading: Reading) => Expression;

/**
 * Where nodes are read: in which file, and whether line breaks mean nothing here, as between parentheses and brackets (the
 * grammar would take them anywhere). `at` is the place of all of it where lines and columns of the text say nothing.
 */
export type Reading = { file: string; bracketed: boolean; at?: SourcePosition; read: ReadNode };

export function positionOf(node: Node, { file, at }: Reading): SourcePosition {
  return at ?? positionInFile(node, file);
}

export function invalid(node: Node, reading: Reading, problem = "this is not a valid expression"): Error {
  return syntaxFailure(`${problem}.`, positionOf(node, reading));
}

/** Outside of brackets an expression ends with its line. */
export function requireOneLine(nodes: readonly Node[], reading: Reading): void {
  if (reading.bracketed) return;
  for (const [index, node] of nodes.entries()) {
    const previous = nodes[index - 1];
    if (previous !== undefined && previous.endPosition.row !== node.startPosition.row) {
      throw invalid(
        node,
        reading,
        "an expression ends with its line unless it is in parentheses; this is on the next one",
      );
    }
  }
}

export function significant(node: Node): Node[] {
  return node.namedChildren.filter((child) => child.type !== "comment");
}
