import { readFile, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { splitLines } from "../../foreign-text.ts";
import type { Diagnostic } from "../../plan/model.ts";
import type { Step } from "../step.ts";

/** Both absolute: the root module, and the job's workspace. */
export type OwnFiles = { directory: string; workspaceRoot: string };

export const ownFiles = ({ inputs, context }: Pick<Step, "inputs" | "context">): OwnFiles => ({
  directory: inputs.directory,
  workspaceRoot: context.workspaceRoot,
});

const FILE_BYTES = 4 * 1024 * 1024;

/**
 * The diagnostics with the lines that they are about in the files as they are here. OTF takes the backend block out of the
 * files that it plans (otf, internal/runner), so that all lines below it count less there. The code that is shown
 * beside a diagnostic tells which line is meant; where several are the same, the file is named without a line. What stands
 * nowhere in the file is of another file than this one, made by the server or by an earlier step: its line stays.
 */
export function onOwnLines(own: OwnFiles, diagnostics: Diagnostic[]): Promise<Diagnostic[]> {
  return Promise.all(diagnostics.map((diagnostic) => onOwnLine(own, diagnostic)));
}

async function onOwnLine(own: OwnFiles, diagnostic: Diagnostic): Promise<Diagnostic> {
  const { file, line, endLine, ...rest } = diagnostic;
  const code = shownCode(diagnostic);
  if (file === undefined || line === undefined || code === undefined) return diagnostic;
  const lines = await linesOf(own, file);
  if (lines === undefined || isSame(lines[line - 1], code)) return diagnostic;
  const places = lines.flatMap((text, index) => (isSame(text, code) ? [index + 1] : []));
  const [place] = places;
  if (place === undefined) return diagnostic;
  if (places.length > 1) return { ...rest, file };
  return {
    ...rest,
    ...{ file, line: place },
    ...(endLine !== undefined && { endLine: endLine + place - line }),
  };
}

/** The text of the line that a diagnostic is about, as the CLI shows it: `  12: resource "a" "b" {`. */
function shownCode({ snippet, line }: Diagnostic): string | undefined {
  return snippet
    ?.split("\n")
    .map((text) => /^ *(\d+): (.*)$/.exec(text))
    .find((match) => match?.[1] === String(line))?.[2];
}

const isSame = (own: string | undefined, shown: string): boolean => own?.trim() === shown.trim();

/** Nothing is read outside of the job's workspace. */
async function linesOf({ directory, workspaceRoot }: OwnFiles, file: string): Promise<string[] | undefined> {
  const path = join(directory, file);
  const inside = relative(workspaceRoot, path);
  if (isAbsolute(file) || isAbsolute(inside) || inside.split(sep)[0] === "..") return undefined;
  try {
    const found = await stat(path);
    return found.isFile() && found.size <= FILE_BYTES ? splitLines(await readFile(path, "utf8")) : undefined;
  } catch {
    return undefined;
  }
}
