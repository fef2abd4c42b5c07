import type { Node } from "web-tree-sitter";
import type { Failure, SourcePosition } from "../../failure.ts";
import { type ParseHcl, withHclParser } from "../hcl.ts";
import { childrenOfBody } from "../hcl-blocks.ts";
import { significant, stringLiteral } from "../hcl-literals.ts";
import { blocksOfTypes, blockType, positionOf, syntaxErrorIn } from "../hcl-top-level.ts";
import type { ExpressionSource } from "../syntax.ts";

/** `name = expression`, not evaluated. */
export type Argument = { name: string; source: ExpressionSource; position: SourcePosition };

/** A `variable` or `locals` block; what is nested in it is left out. */
export type DeclarationBlock = {
  type: "variable" | "locals";
  labels: string[];
  arguments: Argument[];
  position: SourcePosition;
};

/** What one file declares, and why something may be missing: its first syntax error. */
export type FileDeclarations = { blocks: DeclarationBlock[]; syntaxError?: Failure };

/** The variables and local values that a file in native syntax declares; syntax errors are returned, not thrown. */
export async function nativeDeclarations(text: string, file: string): Promise<FileDeclarations> {
  return withHclParser(text, (parse) => {
    const { sound, suspects, syntaxError } = blocksOfTypes({ text, file, parse }, ["variable", "locals"]);
    const blocks = sound.map((block) => readDeclaration(block, file));
    if (syntaxError === undefined) return { blocks };
    const [suspect] = suspects;
    return { blocks, syntaxError: suspect === undefined ? syntaxError : syntaxErrorIn(suspect, file) };
  });
}

function readDeclaration(block: Node, file: string): DeclarationBlock {
  const labels = significant(block).filter((child) => child.type === "string_lit");
  const [, ...names] = significant(block).filter((child) => child.type === "identifier");
  return {
    type: blockType(block) === "variable" ? "variable" : "locals",
    labels: [...names.map((name) => name.text), ...labels.map(stringLiteral)],
    arguments: argumentsOf(childrenOfBody(block, "attribute"), file),
    position: positionOf(block, file),
  };
}

function argumentsOf(attributes: Node[], file: string): Argument[] {
  return attributes.flatMap((attribute) => {
    const [identifier, expression] = significant(attribute);
    if (identifier === undefined || expression === undefined) return [];
    const source = { syntax: "native", text: expression.text } as const;
    return [{ name: identifier.text, source, position: positionOf(attribute, file) }];
  });
}

/** The attributes and the blocks' types of a file that should hold nothing but attributes. Throws a Failure for a syntax error. */
export async function nativeArguments(
  text: string,
  file: string,
): Promise<{ values: Argument[]; blocks: DeclarationBlock[] }> {
  return withHclParser(text, (parse) => {
    const root = soundRoot(parse, file);
    const body = root.namedChildren.find((child) => child.type === "body");
    const items = body === undefined ? [] : significant(body);
    return {
      values: argumentsOf(
        items.filter((item) => item.type === "attribute"),
        file,
      ),
      blocks: items.filter((item) => item.type === "block").map((block) => readDeclaration(block, file)),
    };
  });
}

function soundRoot(parse: ParseHcl, file: string): Node {
  const root = parse().rootNode;
  if (root.hasError) throw syntaxErrorIn(root, file);
  return root;
}
