import { resolve } from "node:path";
import { Failure } from "../failure.ts";
import { ARGUMENTS } from "./backend-block.ts";
import { type ConfigurationFile, type ModuleDirectory, readText, shownPath } from "./directory.ts";
import type { Attribute, Block, BlockBody } from "./syntax.ts";

/** What one `-backend-config` option gives: one argument, or the content of a file. */
export type BackendConfigItem = { name: string; text: string } | BlockBody;

/**
 * Reads the lines of the input `backend-config`, each `key=value` or the path of a file in native or, with the ending
 * `.json`, in JSON syntax, relative to the root module (opentofu internal/command/init.go, backendConfigOverrideBody).
 * @throws Failure for a key that is no argument, and for files that cannot be read.
 */
export async function readBackendConfig(
  lines: readonly string[],
  module: ModuleDirectory,
): Promise<BackendConfigItem[]> {
  const items: BackendConfigItem[] = [];
  for (const line of lines) {
    const equals = line.indexOf("=");
    items.push(equals === -1 ? await readFileItem(line, module) : argumentItem(line, equals));
  }
  return items;
}

function argumentItem(line: string, equals: number): BackendConfigItem {
  const [name, text] = [line.slice(0, equals), line.slice(equals + 1)];
  if (ARGUMENTS.some((known) => known === name)) return { name, text: unquoted(name, text) };
  const remedy = remedyFor(name);
  throw new Failure(
    "input",
    `Invalid backend configuration argument (input backend-config): The backend configuration argument ${JSON.stringify(name)} ` +
      `given on the command line is not expected for the selected backend type. ${remedy}`,
  );
}

function remedyFor(name: string): string {
  if (name === "workspaces")
    return 'Give it in a file: a line with its path, and in it workspaces { name = "…" }.';
  if (name.startsWith("-")) return "Write the file's path, or key=value, without the option's name.";
  return `Write key=value without spaces around the key; keys are ${ARGUMENTS.join(", ")}.`;
}

/** No shell takes quotes away here, and no value of these arguments has any. */
function unquoted(name: string, text: string): string {
  if (!/^(["']).*\1$/.test(text)) return text;
  throw new Failure(
    "input",
    `The value of ${name} in the input backend-config is in quotes. Write it without them, as in ${name}=…`,
  );
}

async function readFileItem(line: string, module: ModuleDirectory): Promise<BlockBody> {
  const path = resolve(module.directory, line);
  const file: ConfigurationFile = {
    path,
    file: shownPath(path, module.workspaceRoot),
    syntax: line.endsWith(".json") ? "json" : "native",
  };
  const text = await readText(file).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    const hint = "The input backend-config names it, relative to working-directory.";
    throw new Failure("input", `${error.message} ${hint}`, { cause: error });
  });
  return file.syntax === "native"
    ? (await import("./hcl-blocks.ts")).parseNativeBody(text, file.file)
    : (await import("./json-configuration.ts")).parseJsonBody(text, file.file);
}

/**
 * The block with the items laid over it, one after the other: an argument replaces the one of its name, and `workspaces`
 * blocks replace all that were there (opentofu internal/configs/hcl2shim/merge_body.go). What does not belong into the
 * block itself is then passed over, as the CLI does.
 * @throws Failure for a `cloud` block, which takes no such options.
 */
export function withBackendConfig(block: Block, items: readonly BackendConfigItem[]): Block {
  if (items.length === 0) return block;
  if (block.type === "cloud") throw notForCloud();
  const known: readonly string[] = ARGUMENTS;
  const base: BlockBody = {
    attributes: block.attributes.filter(({ name }) => known.includes(name)),
    blocks: block.blocks.filter(({ type }) => type === "workspaces"),
  };
  const body = items.map((item) => bodyOf(item, block)).reduce(overlay, base);
  return { ...block, ...body };
}

function overlay(base: BlockBody, over: BlockBody): BlockBody {
  const names = new Set(over.attributes.map(({ name }) => name));
  return {
    attributes: [...base.attributes.filter(({ name }) => !names.has(name)), ...over.attributes],
    blocks: over.blocks.length > 0 ? over.blocks : base.blocks,
  };
}

function bodyOf(item: BackendConfigItem, { position }: Block): BlockBody {
  if ("attributes" in item) return item;
  const attribute: Attribute = {
    name: item.name,
    value: { kind: "text", text: item.text },
    position,
    from: `${item.name} in the input backend-config`,
  };
  return { attributes: [attribute], blocks: [] };
}

function notForCloud(): Failure {
  return new Failure(
    "input",
    "Invalid command-line option (input backend-config): The -backend-config=... command line option is only for state backends, " +
      "and is not applicable to cloud backend-based configurations. Remove the input; the inputs hostname, organization and " +
      "workspace count before the cloud block, and TF_CLOUD_HOSTNAME, TF_CLOUD_ORGANIZATION and TF_WORKSPACE fill it.",
  );
}
