import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import { bool, STRING, text } from "../values.ts";
import { type FunctionTable, required, textOf } from "./arguments.ts";
import { FunctionError, type LanguageFunction } from "./signature.ts";

function ofPath(change: (path: string) => string): LanguageFunction {
  return { parameters: [required("path", STRING)], apply: ([path]) => text(change(textOf(path))) };
}

/** Functions of files and paths, relative to a directory, the root module's (opentofu internal/lang/funcs/filesystem.go). */
export function fileFunctions(directory: string): FunctionTable {
  const locate = (path: string): string => resolve(directory, withHome(path));
  return {
    abspath: ofPath((path) => resolve(directory, path).split(sep).join("/")),
    basename: ofPath((path) => (path === "" ? "." : basename(path) || "/")),
    dirname: ofPath((path) =>
      path.endsWith("/") ? join(path, ".").replace(/(?<=.)\/$/, "") : dirname(path),
    ),
    file: ofPath((path) => fileText(locate(path), path)),
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
