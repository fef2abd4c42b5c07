import { readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { bool, STRING, text } from "../values.ts";
import { type FunctionTable, required, textOf } from "./arguments.ts";
import { FunctionError, type LanguageFunction } from "./signature.ts";

function ofPath(change: (path: string) => string): LanguageFunction {
  return { parameters: [required("path", STRING)], apply: ([path]) => text(change(textOf(path))) };
}

/** Where files may be read: in the job's workspace, paths relative to the root module. */
export type FilePlace = { directory: string; workspaceRoot: string };

/** Bytes of a file whose text is a setting, or has one in it. */
const MOST_BYTES = 1024 * 1024;

/** Functions of files and paths (opentofu internal/lang/funcs/filesystem.go). */
export function fileFunctions(place: FilePlace): FunctionTable {
  const { directory } = place;
  const locate = (path: string): string => resolve(directory, withHome(path));
  return {
    abspath: ofPath((path) => resolve(directory, path).split(sep).join("/")),
    basename: ofPath((path) => (path === "" ? "." : basename(path) || "/")),
    dirname: ofPath((path) =>
      path.endsWith("/") ? join(path, ".").replace(/(?<=.)\/$/, "") : dirname(path),
    ),
    file: ofPath((path) => fileText(readable(locate(path), path, place), path)),
    fileexists: {
      parameters: [required("path", STRING)],
      apply: ([path]) => bool(isFile(locate(textOf(path)), textOf(path))),
    },
    pathexpand: ofPath(withHome),
  };
}

function withHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

/**
 * The file's own path. Whoever writes a configuration must not get at what only the job knows: its environment has tokens, and so may
 * the folder of Git. A value that is no name is quoted in errors.
 */
function readable(absolute: string, path: string, { directory, workspaceRoot }: FilePlace): string {
  const real = realPath(absolute);
  // The error is that of reading it.
  if (real === undefined) return absolute;
  const inside = [workspaceRoot, directory]
    .map((folder) => relative(realPath(folder) ?? folder, real))
    .filter((way) => way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
  if (inside.length === 0 || inside.some((way) => way.split(sep).includes(".git")))
    throw new FunctionError(`"${path}" is not among the files of the job's workspace`);
  if (isFile(real, path) && statSync(real).size > MOST_BYTES)
    throw new FunctionError(`"${path}" is larger than 1 MiB`);
  return real;
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function fileText(absolute: string, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(absolute));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "it is not valid UTF-8";
    throw new FunctionError(
      code === "ENOENT" ? `no file exists at "${path}"` : `"${path}" cannot be read (${code})`,
    );
  }
}

function isFile(absolute: string, path: string): boolean {
  const found = statSync(absolute, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return found !== undefined;
  throw new FunctionError(`"${path}" is not a regular file`);
}
