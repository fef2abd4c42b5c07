import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { Failure } from "../failure.ts";
import { configurationFailure } from "./syntax.ts";

/** One configuration file: `path` to read it, `file` for messages (relative to the job's workspace, with `/`). */
export type ConfigurationFile = { path: string; file: string; syntax: "native" | "json" };

/** The files of a root module in the order in which they count: all primary ones, then the override files. */
export type ModuleFiles = { primary: ConfigurationFile[]; override: ConfigurationFile[] };

/** A directory to read and the folder that positions are relative to; both absolute. */
export type ModuleDirectory = { directory: string; workspaceRoot: string };

const EXTENSIONS = [".tf.json", ".tofu.json", ".tf", ".tofu"];
const MAX_BYTES = 2 * 1024 * 1024;

/**
 * Sorts a directory's file names into primary and override files, each in name order, as OpenTofu's loader does
 * (opentofu internal/configs/parser_config_dir.go): hidden files and editors' backups do not count, and `x.tofu` takes
 * the place of `x.tf`, `x.tofu.json` that of `x.tf.json`.
 */
export function selectConfigurationFiles(names: readonly string[]): {
  primary: string[];
  override: string[];
} {
  const present = new Set(names);
  const selected = names
    .filter((name) => extensionOf(name) !== undefined && !isIgnored(name))
    .filter((name) => {
      const tofuName = name.replace(/\.tf(\.json)?$/, ".tofu$1");
      return tofuName === name || !present.has(tofuName);
    })
    .sort();
  return { primary: selected.filter((name) => !isOverride(name)), override: selected.filter(isOverride) };
}

function extensionOf(name: string): string | undefined {
  return EXTENSIONS.find((extension) => name.endsWith(extension));
}

function isIgnored(name: string): boolean {
  return name.startsWith(".") || name.endsWith("~") || (name.startsWith("#") && name.endsWith("#"));
}

function isOverride(name: string): boolean {
  const base = name.slice(0, name.length - (extensionOf(name) ?? "").length);
  return base === "override" || base.endsWith("_override");
}

/**
 * Lists the configuration files of a directory.
 * @throws Failure (reason `input`) if there is no such directory, or none of its files is one.
 */
export async function listConfigurationFiles(module: ModuleDirectory): Promise<ModuleFiles> {
  const shown = shownPath(module.directory, module.workspaceRoot);
  const names = await fileNames(module);
  const { primary, override } = selectConfigurationFiles(names);
  if (primary.length + override.length === 0)
    throw inputFailure(
      `The working-directory "${shown}" holds no configuration files (.tf, .tofu, .tf.json, .tofu.json).`,
    );
  const describe = (name: string): ConfigurationFile => ({
    path: join(module.directory, name),
    file: shownPath(join(module.directory, name), module.workspaceRoot),
    syntax: name.endsWith(".json") ? "json" : "native",
  });
  return { primary: primary.map(describe), override: override.map(describe) };
}

/** The names of the files in a directory. Throws a Failure (reason `input`) if there is no such directory. */
export async function fileNames({ directory, workspaceRoot }: ModuleDirectory): Promise<string[]> {
  const shown = shownPath(directory, workspaceRoot);
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT") throw inputFailure(`The working-directory "${shown}" does not exist.`, cause);
    if (code === "ENOTDIR") throw inputFailure(`The working-directory "${shown}" is not a directory.`, cause);
    throw inputFailure(`The working-directory "${shown}" cannot be read (${String(code)}).`, cause);
  }
}

function inputFailure(problem: string, cause?: unknown): Failure {
  const remedy =
    "Set the input working-directory to the root module's folder, and check out the repository in a step before this one.";
  return new Failure("input", `${problem} ${remedy}`, { cause });
}

/**
 * The text of a file that may hold a `backend` or `cloud` block; undefined if it cannot. Identifiers are never escaped in
 * native syntax; property names may be in JSON.
 * @throws Failure as readText, and for one that is too large to be searched.
 */
export async function readCandidate(file: ConfigurationFile): Promise<string | undefined> {
  return readWhere(
    file,
    (bytes) => bytes.includes("terraform") && (bytes.includes("backend") || bytes.includes("cloud")),
  );
}

/** The text of a file if its bytes may hold what is looked for; names in JSON may be escaped. Throws as readCandidate. */
export async function readWhere(
  file: ConfigurationFile,
  mayHold: (bytes: Buffer) => boolean,
): Promise<string | undefined> {
  const bytes = await readBytes(file);
  if (!mayHold(bytes) && !(file.syntax === "json" && bytes.includes("\\u"))) return undefined;
  return decode(bytes, file);
}

/**
 * The text of a file.
 * @throws Failure if it is not a readable, regular file, is in UTF-16, or is larger than 2 MiB.
 */
export async function readText(file: ConfigurationFile): Promise<string> {
  return decode(await readBytes(file), file);
}

function decode(bytes: Buffer, file: ConfigurationFile): string {
  if (bytes.length > MAX_BYTES) {
    const detail =
      "The file may hold what this action has to read but is larger than 2 MiB. Move the terraform, variable and locals blocks to files of their own.";
    throw fileFailure(file, "File too large", detail);
  }
  return new TextDecoder().decode(bytes);
}

async function readBytes(file: ConfigurationFile): Promise<Buffer> {
  const bytes = await readRegularFile(file);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw fileFailure(file, "Invalid character encoding", "The file is in UTF-16. Save it as UTF-8.");
  }
  return bytes;
}

async function readRegularFile(file: ConfigurationFile): Promise<Buffer> {
  try {
    if ((await stat(file.path)).isFile()) return await readFile(file.path);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw fileFailure(file, "Failed to read file", `The file could not be read${code}.`);
  }
  throw fileFailure(file, "Failed to read file", "It is not a regular file.");
}

function fileFailure(file: ConfigurationFile, summary: string, detail: string): Failure {
  return configurationFailure({ summary, detail, position: { file: file.file } });
}

/** A path as messages name it: relative to the job's workspace, with `/`; absolute where it lies outside. */
export function shownPath(path: string, root: string): string {
  const shown = relative(root, path).split(sep).join("/");
  return shown.startsWith("../") ? path : shown || ".";
}
