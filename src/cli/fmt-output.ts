/** A file that `fmt` would change, and the first line that it would, where it was asked for the difference. */
export type Unformatted = { file: string; line?: number };

/**
 * What `fmt -check` lists: a file a line, and with `-diff` after each of them the difference, as diff -u writes it
 * (opentofu internal/command/fmt.go).
 */
export function readFmtOutput(lines: string[]): Unformatted[] {
  const found: Unformatted[] = [];
  let hunk: number | undefined;
  let inDifference = false;
  for (const line of lines) {
    const [, start] = /^@@ -(\d+)/.exec(line) ?? [];
    if (start !== undefined) [hunk, inDifference] = [Number(start), true];
    else if (line.startsWith("--- old/")) [inDifference, hunk] = [true, undefined];
    else if (inDifference && /^[ +\\-]|^$/.test(line)) hunk = advance(found.at(-1), line, hunk);
    else if (line !== "") {
      found.push({ file: line });
      [inDifference, hunk] = [false, undefined];
    }
  }
  return found;
}

function advance(file: Unformatted | undefined, line: string, at: number | undefined): number | undefined {
  if (at === undefined || file === undefined) return at;
  if (/^[+-]/.test(line) && file.line === undefined) file.line = Math.max(1, at);
  return line.startsWith("+") ? at : at + 1;
}
