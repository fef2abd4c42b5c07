const openHeredoc = /<<-EOT(?: # forces replacement)?$/;
const marked = /^( *)([-+~])(?= |$)/;

/**
 * Moves the marks of a rendered plan to column 0, where a ```diff fence colours them: `+`, `-`, and `!` for `~`. The
 * column that a mark leaves is blank, so the text does not move. Inside a heredoc only the marks of the renderer count,
 * not what a line of the string happens to begin with.
 */
export function toDiff(lines: string[]): string[] {
  let bodyColumn: number | undefined;
  return lines.map((line) => {
    if (bodyColumn !== undefined && !closes(line, bodyColumn)) return bodyLine(line, bodyColumn);
    bodyColumn = openHeredoc.test(line) ? columnOf(line) : undefined;
    return markedLine(line);
  });
}

/** Nesting goes in steps of four columns, and names stand two columns after their mark. */
function columnOf(line: string): number {
  const first = line.search(/[^ ]/);
  const isMarked = marked.test(line);
  return Math.floor((first + (isMarked ? 2 : 0)) / 4) * 4;
}

function closes(line: string, column: number): boolean {
  return line.startsWith(`${" ".repeat(column)}EOT`);
}

/** The mark of a line of the string stands two columns before its text, and that four after the closing word. */
function bodyLine(line: string, column: number): string {
  const at = column + 2;
  const isBlankBefore = line.slice(0, at).trim() === "";
  const mark = line[at];
  return isBlankBefore && (mark === "+" || mark === "-") && line[at + 1] === " " ? moveMark(line, at) : line;
}

function markedLine(line: string): string {
  const found = marked.exec(line);
  return found === null ? line : moveMark(line, found[1]?.length ?? 0);
}

function moveMark(line: string, at: number): string {
  const mark = line[at] === "~" ? "!" : (line[at] ?? " ");
  return at === 0 ? mark + line.slice(1) : `${mark}${line.slice(1, at)} ${line.slice(at + 1)}`;
}
