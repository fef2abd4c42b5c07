/** Longest line of foreign text that is printed; the rest of it is only in the log file. */
export const LINE_LIMIT = 8192;

const ESC = "\u001b";
/** Escape sequences that a terminal obeys: CSI, OSC and the other string sequences (ECMA-48), two-byte ones last. */
const ESCAPES = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)?|[ -/]*[0-~])`,
  "g",
);
const COLOUR = new RegExp(`^${ESC}\\[[0-9;]*m$`);
/**
 * Characters that hide, reorder or erase text: controls but tab (and the ESC of the colours kept above), format
 * characters, and everything that a comparison by culture passes over, as the runner's own search for commands does.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu;

/** Splits text where the runner's reader ends a line: `\r\n`, `\n` or a lone `\r`. */
export function splitLines(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/**
 * One line of foreign text without anything that a terminal, a log viewer or a reader's eye would obey: colours stay,
 * every other escape sequence, control, bidirectional or zero-width character goes, and what is longer than
 * LINE_LIMIT code points is cut with a mark. The line must have been split (splitLines) before.
 */
export function inertLine(line: string): string {
  if (/^[\t -~]*$/.test(line) && line.length <= LINE_LIMIT) return line;
  const kept = line.replace(ESCAPES, (sequence) => (COLOUR.test(sequence) ? sequence : ""));
  const clean = kept.replace(INVISIBLE, (character, at: number) => {
    if (character === "\t") return character;
    return character === ESC && /^\[[0-9;]*m/.test(kept.slice(at + 1, at + 32)) ? character : "";
  });
  return cut(clean);
}

function cut(line: string): string {
  if (line.length <= LINE_LIMIT) return line;
  const head = line.slice(0, LINE_LIMIT);
  const whole = /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
  return `${whole} … (${line.length - whole.length} more)`;
}

/** Foreign text of one or more lines without colours and invisible characters, for messages, Markdown and files. */
export function plainText(text: string): string {
  return splitLines(text)
    .map((line) => line.replace(ESCAPES, "").replace(INVISIBLE, (c) => (c === "\t" ? c : "")))
    .join("\n");
}

/**
 * A line of foreign text as it may stand in the job log. The runner takes a line for a command when it begins with
 * `::` after white space, or holds `##[` anywhere (actions/runner, ActionCommand.cs); the gutter rules out the first,
 * the backslash the second.
 */
export function logLine(line: string): string {
  return `| ${inertLine(line).replaceAll(new RegExp(`##(?=${ESC}?\\[)`, "g"), "##\\")}`;
}
