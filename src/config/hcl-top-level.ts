import type { Node } from "web-tree-sitter";
import type { Failure, SourcePosition } from "../failure.ts";
import type { ParseHcl } from "./hcl.ts";
import { significant } from "./hcl-literals.ts";
import { syntaxFailure } from "./syntax.ts";

/** A file with errors is parsed again from each block in question, up to so many of them and of their possible ends. */
const MAX_OPENINGS = 200;
const MAX_ATTEMPTS = 5;

/** A file's text and a parser for it. */
export type Source = { text: string; file: string; parse: ParseHcl };

/** Top-level blocks of some types that are valid HCL, the nodes where others seem to be, and the file's first syntax error. */
type FoundBlocks = { sound: Node[]; suspects: Node[]; syntaxError?: Failure };

/** Finds the top-level blocks of some types in a file that may have syntax errors anywhere. */
export function blocksOfTypes(source: Source, types: readonly string[]): FoundBlocks {
  const root = source.parse().rootNode;
  if (!root.hasError) return { sound: topLevelBlocks(root, types), suspects: [] };
  return { ...recoverBlocks(root, source, types), syntaxError: syntaxErrorIn(root, source.file) };
}

function topLevelBlocks(root: Node, types: readonly string[]): Node[] {
  const body = root.namedChildren.find((child) => child.type === "body");
  return body === undefined ? [] : significant(body).filter((block) => types.includes(blockType(block)));
}

/**
 * After an error the parser often takes the rest of the file for text. So each line that begins with the type of a block is
 * parsed anew from there: what the grammar then finds sound is the block; what is not has the error in itself.
 */
function recoverBlocks(root: Node, source: Source, types: readonly string[]): FoundBlocks {
  const opening = new RegExp(`(?<=^[ \\t]*)(?:${types.join("|")})\\b[^\\n{=]*\\{`, "gm");
  const openings = [...source.text.matchAll(opening)]
    .map((match) => match.index)
    .filter((index) => root.descendantForIndex(index)?.type !== "comment");
  if (openings.length > MAX_OPENINGS) return { sound: [], suspects: [root] };
  const found: FoundBlocks = { sound: [], suspects: [] };
  for (const start of openings) {
    const { block, suspect } = recoverBlock(root, source, { start, types });
    if (block === undefined) found.suspects.push(suspect);
    else found.sound.push(block);
  }
  return found;
}

function recoverBlock(
  root: Node,
  source: Source,
  { start, types }: { start: number; types: readonly string[] },
): { block?: Node; suspect: Node } {
  let suspect = root;
  for (const end of possibleEnds(source.text, start)) {
    const part = source.parse({ start, end }).rootNode;
    const block = topLevelBlocks(part, types).find((found) => found.startIndex === start);
    if (block !== undefined && !block.hasError) return { block, suspect };
    suspect = block ?? part;
  }
  return { suspect };
}

/** Where the block that starts here may end: the next closing braces that stand no deeper than it, or the file's end. */
function possibleEnds(text: string, start: number): number[] {
  const indent = start - (text.lastIndexOf("\n", start) + 1);
  const braces = text.slice(start).matchAll(new RegExp(`^[ \\t]{0,${indent}}\\}`, "gm"));
  const ends = [...braces.take(MAX_ATTEMPTS)].map((match) => start + match.index + match[0].length);
  return [...ends, text.length];
}

export function blockType(node: Node): string {
  return node.type === "block" ? (node.firstNamedChild?.text ?? "") : "";
}

export function syntaxErrorIn(node: Node, file: string): Failure {
  const open = node
    .descendantsOfType(["string_lit", "quoted_template"])
    .find((text) => text.text.includes("\n"));
  if (open !== undefined)
    return syntaxFailure("this string is not closed on its line.", positionOf(open, file));
  return syntaxFailure("this is not valid HCL.", positionOf(firstError(node), file));
}

/** The innermost first node that the parser could not fit in, or had to make up. */
function firstError(node: Node): Node {
  let innermost = node;
  for (;;) {
    const child = innermost.children.find((candidate) => candidate.hasError);
    if (child === undefined) return innermost;
    innermost = child;
  }
}

export function positionOf(node: Node, file: string): SourcePosition {
  const { startPosition, endPosition } = node;
  return {
    file,
    line: startPosition.row + 1,
    column: startPosition.column + 1,
    endLine: endPosition.row + 1,
  };
}
