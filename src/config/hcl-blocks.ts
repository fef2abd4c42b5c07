import type { Node } from "web-tree-sitter";
import type { Failure, SourcePosition } from "../failure.ts";
import { withHclParser } from "./hcl.ts";
import { LiteralError, literalValue, significant, stringLiteral } from "./hcl-literals.ts";
import { blocksOfTypes, blockType, positionOf, syntaxErrorIn } from "./hcl-top-level.ts";
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

/**
 * Reads the `backend` and `cloud` blocks of the top-level `terraform` blocks in HCL native syntax. `file` is the name for
 * positions. A syntax error elsewhere in the file does not matter (the server reports it) and is only returned.
 * @throws Failure with line and column where such a block itself is not valid HCL.
 */
export async function parseNativeSyntax(text: string, file: string): Promise<ParsedFile> {
  return withHclParser(text, (parse) => {
    const { sound, suspects, syntaxError } = blocksOfTypes({ text, file, parse }, ["terraform"]);
    const suspect = suspects.find((node) => /\b(?:backend|cloud)\b/.test(node.text));
    if (suspect !== undefined) throw syntaxErrorIn(suspect, file);
    const blocks = sound
      .flatMap((block) => childrenOfBody(block, "block"))
      .filter((block) => ["backend", "cloud"].includes(blockType(block)))
      .map((block) => readBlock(block, file, MAX_NESTING));
    return syntaxError === undefined ? { blocks } : { blocks, syntaxError };
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

export function childrenOfBody(block: Node, type: "block" | "attribute"): Node[] {
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
