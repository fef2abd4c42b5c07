import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import type { Language, Parser, Point, Range, Tree } from "web-tree-sitter";
import { Failure } from "../failure.ts";

type Grammar = { language: Language; createParser: () => Parser };

/** Parses the text, or only a part of it; positions are those in the whole text. */
export type ParseHcl = (part?: { start: number; end: number }) => Tree;

/** Gives `read` a parser for a text; parser and trees are freed afterwards, so no node may leave `read`. */
export type ReadHcl = <Result>(text: string, read: (parse: ParseHcl) => Result) => Result;

let loading: Promise<Grammar> | undefined;

/** Loads the grammar for HCL native syntax (WebAssembly, about 20 ms) at the first call. Throws a Failure where it is missing. */
export async function loadHclParser(): Promise<ReadHcl> {
  loading ??= loadGrammar();
  const grammar = await loading;
  return (text, read) => readWith(grammar, text, read);
}

/** Reads one text in HCL native syntax, see `loadHclParser`. */
export async function withHclParser<Result>(
  text: string,
  read: (parse: ParseHcl) => Result,
): Promise<Result> {
  return (await loadHclParser())(text, read);
}

function readWith<Result>(
  { language, createParser }: Grammar,
  text: string,
  read: (parse: ParseHcl) => Result,
): Result {
  const parser = createParser().setLanguage(language);
  const trees: Tree[] = [];
  try {
    return read((part) => {
      const tree = parser.parse(
        text,
        null,
        part === undefined ? {} : { includedRanges: [rangeOf(text, part)] },
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

function rangeOf(text: string, { start, end }: { start: number; end: number }): Range {
  return {
    startIndex: start,
    startPosition: pointAt(text, start),
    endIndex: end,
    endPosition: pointAt(text, end),
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
  await withoutNodeDetection(() => Parser.init({ wasmBinary: engine }));
  const language = await Language.load(grammar);
  return { language, createParser: () => new Parser() };
}

/**
 * The engine's start code asks Node for `require` in a way that ncc's bundles break (createRequire is then not a function). It
 * needs nothing from Node when it is given its bytes, so for the synchronous moment in which it looks where it runs, this looks
 * like an Electron renderer to it.
 */
function withoutNodeDetection<Result>(start: () => Result): Result {
  Object.defineProperty(process, "type", { value: "renderer", configurable: true });
  try {
    return start();
  } finally {
    Reflect.deleteProperty(process, "type");
  }
}

/** Reads a file from beside the running bundle, where the build puts it compressed, or else from the installed package. */
async function readWasm(name: string, packageName: string): Promise<Uint8Array<ArrayBuffer>> {
  const here = fileURLToPath(import.meta.url);
  const packed = await readFile(join(dirname(here), `${name}.br`)).catch(() => undefined);
  try {
    if (packed !== undefined) return new Uint8Array(await promisify(brotliDecompress)(packed));
    return new Uint8Array(await readFile(createRequire(here).resolve(`${packageName}/${name}`)));
  } catch (cause) {
    const message = `The HCL grammar ${name} is missing beside the action's files. Use a released version of the action.`;
    throw new Failure("internal", message, { cause });
  }
}
