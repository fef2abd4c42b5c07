import type { Node } from "web-tree-sitter";
import type { Failure, SourcePosition } from "../failure.ts";
import { type ParseHcl, withHclParser } from "./hcl.ts";
import { LiteralError, literalValue, significant, stringLiteral } from "./hcl-literals.ts";
import {
  type Attribute,
  type Block,
  type BlockBody,
  configurationFailure,
  isLiteral,
  type ParsedFile,
  place,
  syntaxFailure,
} from "./syntax.ts";

/** A backend block holds `workspaces` blocks, which hold none; what is nested deeper is never looked at. */
const MAX_NESTING = 3;

/** A file with errors is parsed again from each `terraform {` in it, up to so many of them and of their possible ends. */
const MAX_ATTEMPTS = 5;

type Source = { text: string; file: string; parse: ParseHcl };

/**
 * Reads the `backend` and `cloud` blocks of the top-level `terraform` blocks in HCL native syntax. `file` is the name for
 * positions. A syntax error elsewhere in the file does not matter (the server reports it) and is only returned.
 * @throws Failure with line and column where such a block itself is not valid HCL.
 */
export async function parseNativeSyntax(text: string, file: string): Promise<ParsedFile> {
  return withHclParser(text, (parse) => {
    const root = parse().rootNode;
    const terraform = root.hasError
      ? recoverTerraformBlocks(root, { text, file, parse })
      : topLevelBlocks(root, "terraform");
    const blocks = terraform
      .flatMap((block) => childrenOfBody(block, "block"))
      .filter((block) => ["backend", "cloud"].includes(blockType(block)))
      .map((block) => readBlock(block, file, MAX_NESTING));
    return root.hasError ? { blocks, syntaxError: syntaxErrorIn(root, file) } : { blocks };
  });
}

/**
 * Reads a whole file in native syntax as the body of a block. `file` is the name for positions.
 * @throws Failure with line and column where it is not valid HCL.
 */
export async function parseNativeBody(text: string, file: string): Promise<BlockBody> {
  return withHclParser(text, (parse) => {
    const root = parse().rootNode;
    if (root.hasError) throw syntaxErrorIn(root, file);
    return readBody(root, file, MAX_NESTING);
  });
}

function topLevelBlocks(root: Node, type: string): Node[] {
  const body = root.namedChildren.find((child) => child.type === "body");
  return body === undefined ? [] : significant(body).filter((block) => blockType(block) === type);
}

/**
 * After an error the parser often takes the rest of the file for text. So each line that begins with `terraform {` is
 * parsed anew from there: what the grammar then finds sound is the block; what is not has the error in itself.
 */
function recoverTerraformBlocks(root: Node, source: Source): Node[] {
  const openings = [...source.text.matchAll(/(?<=^[ \t]*)terraform[ \t]*\{/gm)]
    .map((match) => match.index)
    .filter((index) => root.descendantForIndex(index)?.type !== "comment");
  if (openings.length > MAX_ATTEMPTS) throw syntaxErrorIn(root, source.file);
  return openings.flatMap((start) => {
    let suspect = root;
    for (const end of possibleEnds(source.text, start)) {
      const part = source.parse({ start, end }).rootNode;
      const block = topLevelBlocks(part, "terraform").find((found) => found.startIndex === start);
      if (block !== undefined && !block.hasError) return [block];
      suspect = block ?? part;
    }
    if (/\b(?:backend|cloud)\b/.test(suspect.text)) throw syntaxErrorIn(suspect, source.file);
    return [];
  });
}

/** Where the block that starts here may end: the next closing braces that stand no deeper than it, or the file's end. */
function possibleEnds(text: string, start: number): number[] {
  const indent = start - (text.lastIndexOf("\n", start) + 1);
  const braces = text.slice(start).matchAll(new RegExp(`^[ \\t]{0,${indent}}\\}`, "gm"));
  const ends = [...braces.take(MAX_ATTEMPTS)].map((match) => start + match.index + match[0].length);
  return [...ends, text.length];
}

function blockType(node: Node): string {
  return node.type === "block" ? (node.firstNamedChild?.text ?? "") : "";
}

function childrenOfBody(block: Node, type: "block" | "attribute"): Node[] {
  const body = significant(block).find((child) => child.type === "body");
  return body === undefined ? [] : significant(body).filter((child) => child.type === type);
}

function readBlock(block: Node, file: string, nesting: number): Block {
  const header = significant(block).slice(1);
  const labels = header.filter((child) => child.type === "string_lit" || child.type === "identifier");
  return {
    type: blockType(block),
    labels: labels.map((label) =>
      label.type === "string_lit" ? decoded(label, file, stringLiteral) : label.text,
    ),
    ...readBody(block, file, nesting),
    position: positionOf(block, file),
  };
}

function readBody(block: Node, file: string, nesting: number): BlockBody {
  const nested = nesting > 1 ? childrenOfBody(block, "block") : [];
  return {
    attributes: readAttributes(block, file),
    blocks: nested.map((child) => readBlock(child, file, nesting - 1)),
  };
}

function readAttributes(block: Node, file: string): Attribute[] {
  const attributes = new Map<string, Attribute>();
  for (const node of childrenOfBody(block, "attribute")) {
    const [identifier, expression] = significant(node);
    if (identifier === undefined || expression === undefined) continue;
    const [name, position] = [identifier.text, positionOf(node, file)];
    const earlier = attributes.get(name);
    if (earlier !== undefined) throw redefined(name, earlier.position, position);
    const value = decoded(expression, file, literalValue);
    const source = { syntax: "native", text: expression.text } as const;
    attributes.set(name, { name, value, position, ...(isLiteral(value) ? {} : { source }) });
  }
  return [...attributes.values()];
}

function redefined(name: string, earlier: SourcePosition, position: SourcePosition): Failure {
  return configurationFailure({
    summary: "Attribute redefined",
    detail: `The argument "${name}" was already set at ${place(earlier)}. Each argument may be set only once.`,
    position,
    remedy: "Remove one of the two.",
  });
}

/** Runs a decoder on a node and gives its complaint the node's place. */
function decoded<Result>(node: Node, file: string, decode: (node: Node) => Result): Result {
  try {
    return decode(node);
  } catch (error) {
    if (error instanceof LiteralError) throw syntaxFailure(`${error.message}.`, positionOf(node, file));
    throw error;
  }
}

function syntaxErrorIn(node: Node, file: string): Failure {
  const open = node
    .descendantsOfType(["string_lit", "quoted_template"])
    .find((text) => text.text.includes("\n"));
  if (open !== undefined)
    return syntaxFailure("this string is not closed on its line.", positionOf(open, file));
  return syntaxFailure(
    "this is not valid HCL, so the backend's settings cannot be read.",
    positionOf(firstError(node), file),
  );
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

function positionOf(node: Node, file: string): SourcePosition {
  const { startPosition, endPosition } = node;
  return {
    file,
    line: startPosition.row + 1,
    column: startPosition.column + 1,
    endLine: endPosition.row + 1,
  };
}
