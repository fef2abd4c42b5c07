import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Language, Parser, Point, Range, Tree } from "web-tree-sitter";
import { Failure } from "../failure.ts";

type Grammar = { language: Language; createParser: () => Parser };

/** Parses the text, or only what comes from an index on; positions are those in the whole text. */
export type ParseHcl = (from?: number) => Tree;

let loading: Promise<Grammar> | undefined;

/**
 * Gives `read` a parser for a text in HCL native syntax. Parser and trees are freed afterwards, so no node may leave
 * `read`. The grammar (WebAssembly, about 20 ms) is loaded at the first call. Throws a Failure where it is missing.
 */
export async function withHclParser<Result>(
  text: string,
  read: (parse: ParseHcl) => Result,
): Promise<Result> {
  loading ??= loadGrammar();
  const { language, createParser } = await loading;
  const parser = createParser().setLanguage(language);
  const trees: Tree[] = [];
  try {
    return read((from) => {
      const tree = parser.parse(
        text,
        null,
        from === undefined ? {} : { includedRanges: [rangeFrom(text, from)] },
      );
      if (tree === null)
        throw new Failure("internal", "The HCL parser gave no tree. Report this as a defect of the action.");
      trees.push(tree);
      return tree;
    });
  } finally {
    for (const tree of trees) tree.delete();
    parser.delete();
  }
}

function rangeFrom(text: string, startIndex: number): Range {
  return {
    startIndex,
    startPosition: pointAt(text, startIndex),
    endIndex: text.length,
    endPosition: pointAt(text, text.length),
  };
}

function pointAt(text: string, index: number): Point {
  const before = text.slice(0, index).split("\n");
  return { row: before.length - 1, column: before.at(-1)?.length ?? 0 };
}

async function loadGrammar(): Promise<Grammar> {
  const [{ Language, Parser }, engine, grammar] = await Promise.all([
    import("web-tree-sitter"),
    readWasm("web-tree-sitter.wasm", "web-tree-sitter"),
    readWasm("tree-sitter-hcl.wasm", "@tree-sitter-grammars/tree-sitter-hcl"),
  ]);
  await Parser.init({ wasmBinary: engine });
  const language = await Language.load(grammar);
  return { language, createParser: () => new Parser() };
}

/** Reads the file from beside the running module, where the build puts it, or else from the installed package. */
async function readWasm(name: string, packageName: string): Promise<Uint8Array<ArrayBuffer>> {
  const here = fileURLToPath(import.meta.url);
  try {
    return new Uint8Array(await readFile(join(dirname(here), name)));
  } catch {
    // not a bundle: the sources run from a checkout with node_modules
  }
  try {
    return new Uint8Array(await readFile(createRequire(here).resolve(`${packageName}/${name}`)));
  } catch (cause) {
    throw new Failure(
      "internal",
      `The HCL grammar ${name} is missing beside the action's files; use a released version.`,
      {
        cause,
      },
    );
  }
}
