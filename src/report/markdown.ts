import { plainText } from "../foreign-text.ts";

/** Longest run of backticks that is kept: a fence has to be longer, so a hostile run would eat the whole length. */
const LONGEST_RUN = 40;
const BACKTICKS = new RegExp(`\`{${LONGEST_RUN + 1},}`, "g");

/**
 * Foreign text fit for a fence or a code span: no escape sequences, no control, bidirectional or invisible characters
 * but tab and newline, no half surrogate pairs, no run of more than 40 backticks (a longer one is cut with a mark).
 */
export function cleanText(text: string): string {
  return plainText(text)
    .toWellFormed()
    .replaceAll(BACKTICKS, `${"`".repeat(LONGEST_RUN)}…`);
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

/**
 * A fenced code block around foreign text. The fence is longer than any run of backticks in it, so nothing inside can
 * close it (CommonMark §4.5). `info` is one of ours, since GitHub draws `mermaid`, `math` and maps from such blocks.
 */
export function fence(text: string, info: "diff" | "text"): string {
  const clean = cleanText(text);
  const mark = "`".repeat(Math.max(3, longestRun(clean) + 1));
  return `${mark}${info}\n${clean}${clean.endsWith("\n") ? "" : "\n"}${mark}`;
}

/**
 * Foreign text as an inline code span on one line, delimited by more backticks than any run in it (CommonMark §6.1).
 * Not for table cells: a pipe ends those even inside of a code span. `limit` is the greatest length of the text in
 * UTF-16 units; what is longer is cut with `…`.
 */
export function codeSpan(text: string, limit = 200): string {
  const line = cleanText(text).replaceAll(/\s+/g, " ");
  const short = line.length > limit ? `${cutText(line, limit - 1)}…` : line;
  const mark = "`".repeat(longestRun(short) + 1);
  if (short.trim() === "") return "` `";
  const pad = /^[` ]|[` ]$/.test(short) ? " " : "";
  return `${mark}${pad}${short}${pad}${mark}`;
}

/** A folded section. `summary` is our own words only, HTML would act there; `body` is Markdown of this module. */
export function details(summary: string, body: string, open = false): string {
  return `<details${open ? " open" : ""}><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/**
 * A link with our own words as its text, or the bare words when the address is not plain http(s): one with a user name,
 * white space, more than 500 characters or anything that the parser of URLs would have to repair is not followed.
 */
export function link(words: string, address: string | undefined): string {
  const href = address === undefined ? undefined : safeAddress(address);
  return href === undefined ? words : `[${words}](<${href}>)`;
}

function safeAddress(address: string): string | undefined {
  if (!/^https?:\/\/[\w.:[\]-]+(\/[\w.~:/?#[\]@!$&'()*+,;=%-]*)?$/.test(address)) return undefined;
  const href = address.replaceAll("&", "&amp;");
  return href.length <= 500 && URL.canParse(address) ? href : undefined;
}

/** The first `limit` UTF-16 units of a text, one less where the cut would split a surrogate pair. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, Math.max(0, limit));
  return /[\ud800-\udbff]$/.test(head) ? head.slice(0, -1) : head;
}

/**
 * Breaks prose into lines of at most `width` characters where it has spaces, since a fence does not wrap. Indented lines
 * are code or quotations and stay as they are.
 */
export function wrapText(text: string, width: number): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, width))
    .join("\n");
}

function wrapLine(line: string, width: number): string {
  if (line.length <= width || /^\s/.test(line)) return line;
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > width) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current].join("\n");
}

/** A name on one line of a list in a fence: with line breaks in it, it could forge a line of its own. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\u0085\u2028\u2029]+/g, " ");
}
