import { readdir, readFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { Failure, type SourcePosition } from "../../failure.ts";
import type { ModuleDirectory } from "../directory.ts";
import { parseJson } from "../json-nodes.ts";
import { configurationFailure } from "../syntax.ts";
import { jsonArguments } from "./json-declarations.ts";
import { type Argument, nativeArguments } from "./native-declarations.ts";

/** The variable files that count without being named, in the order in which they count (opentofu internal/command/meta_vars.go). */
export async function automaticVariableFiles({ directory }: ModuleDirectory): Promise<string[]> {
  const names = await readdir(directory).catch((): string[] => []);
  const always = ["terraform.tfvars", "terraform.tfvars.json"].filter((name) => names.includes(name));
  return [...always, ...names.filter((name) => /\.auto\.tfvars(?:\.json)?$/.test(name)).sort()];
}

/**
 * The assignments of a variable file, by its path relative to the module's directory.
 * Throws a Failure (`input` where it cannot be read, else with file and line) where it is no such file.
 */
export async function readVariableFile(path: string, module: ModuleDirectory): Promise<Argument[]> {
  const absolute = isAbsolute(path) ? path : join(module.directory, path);
  const file = relative(module.workspaceRoot, resolve(absolute)).split(sep).join("/");
  const text = new TextDecoder().decode(await readBytes(absolute, file));
  const isJson = path.endsWith(".json") || (!path.endsWith(".tfvars") && text.trimStart().startsWith("{"));
  if (isJson) return distinct(jsonArguments(parseJson(text, file)).map(refuseBlock));
  const { values, blocks } = await nativeArguments(text, file);
  const [block] = blocks;
  if (block !== undefined) throw declarationInFile(block.position, block.labels[0]);
  return distinct(values);
}

async function readBytes(path: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    const problem = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new Failure(
      "input",
      `Failed to read variables file: ${file} ${problem}. Paths of the input var-files are relative to working-directory.`,
      { cause },
    );
  }
}

function refuseBlock(argument: Argument): Argument {
  if (
    argument.name === "variable" &&
    argument.source.syntax === "json" &&
    argument.source.node.kind === "object"
  )
    throw declarationInFile(argument.position, argument.source.node.properties[0]?.name);
  return argument;
}

function declarationInFile(position: SourcePosition, name = "name"): Failure {
  return configurationFailure({
    summary: "Variable declaration in .tfvars file",
    detail:
      "A .tfvars file is used to assign values to variables that have already been declared in .tf files, not to declare new variables.",
    position,
    remedy: `Write ${name} = <value> instead of the block.`,
  });
}

function distinct(values: Argument[]): Argument[] {
  const seen = new Set<string>();
  for (const [index, { name, position }] of values.entries()) {
    const previous = values[index - 1];
    const isOnSameLine =
      previous?.position.endLine !== undefined && previous.position.endLine === position.line;
    if (isOnSameLine && previous.source.syntax === "native")
      throw configurationFailure({
        summary: "Missing newline after argument",
        detail: "An argument definition must end with a newline.",
        position,
      });
    if (seen.has(name)) {
      const detail = `The argument "${name}" was already set. Each argument may be set only once.`;
      throw configurationFailure({
        summary: "Attribute redefined",
        detail,
        position,
        remedy: "Remove one of the two.",
      });
    }
    seen.add(name);
  }
  return values;
}
