import { isUtf8 } from "node:buffer";
import { Failure } from "../failure.ts";
import { compileGlob } from "./glob.ts";
import { compileRegularExpression, toRegularExpression } from "./regexp.ts";

/** go-slug reads lines with Go's bufio.Scanner, whose limit this is. */
const MAX_LINE_BYTES = 64 * 1024;
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_RULES = 1000;
/** Regular expressions cost more per character than wildcards do, so they are kept short. */
const MAX_REGULAR_EXPRESSION = 1024;

/** One rule: the text as written, its line in the file (undefined: a default), and what it says about a path. */
export type Rule = {
  text: string;
  line: number | undefined;
  negated: boolean;
  negationsAfter: boolean;
  matches: (path: string) => boolean;
};

/** What the rules say of one path: the last rule that matches decides; nothing below a `dominating` one can come back. */
export type Verdict =
  | { excluded: true; dominating: boolean; rule: Rule }
  | { excluded: false; rule: Rule | undefined };

const DEFAULTS = [".terraform/", "!.terraform/modules/", ".git/"];

/**
 * Reads the content of a `.terraformignore` as go-slug does (internal/ignorefiles/terraformignore.go), after its default
 * rules. Where go-slug panics, drops the rule or goes on with the defaults alone, this refuses the file.
 * @param file how messages call the file
 * @throws {Failure} `archive`, with file, line and rule
 */
export async function parseRules(content: Uint8Array | undefined, file: string): Promise<Rule[]> {
  const lines = content === undefined ? [] : splitLines(content, file);
  const written = [
    ...DEFAULTS.map((text) => ({ text, line: undefined })),
    ...lines.flatMap(({ bytes, line }) => {
      const text = ruleText(bytes, { file, line });
      return text === undefined ? [] : [{ text, line }];
    }),
  ];
  if (written.length - DEFAULTS.length > MAX_RULES) {
    throw new Failure("archive", `${file} has more than ${MAX_RULES} rules; merge some of them.`);
  }
  const rules: CompiledRule[] = [];
  for (const { text, line } of written) rules.push(await compileRule(text, { file, line }));
  return markNegations(rules);
}

function splitLines(content: Uint8Array, file: string): { bytes: Uint8Array; line: number }[] {
  if (content.length > MAX_FILE_BYTES) {
    throw new Failure(
      "archive",
      `${file} is larger than ${MAX_FILE_BYTES / 1024} KiB; write fewer or shorter rules.`,
    );
  }
  const lines: { bytes: Uint8Array; line: number }[] = [];
  let start = 0;
  while (start < content.length) {
    const newline = content.indexOf(10, start);
    const end = newline < 0 ? content.length : newline;
    lines.push({
      bytes: content.subarray(start, content[end - 1] === 13 ? end - 1 : end),
      line: lines.length + 1,
    });
    start = end + 1;
  }
  return lines;
}

type Place = { file: string; line: number | undefined };

function refuse({ file, line, text }: Place & { text: string }, problem: string, cause?: unknown): Failure {
  const shown = JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
  const position = { file, ...(line === undefined ? {} : { line }) };
  return new Failure("archive", `${file}, line ${line}: the rule ${shown} ${problem}`, { cause, position });
}

/** A line without the blanks around it, as Go's strings.TrimSpace cuts them; undefined for comments and empty lines. */
function ruleText(bytes: Uint8Array, place: Place): string | undefined {
  if (bytes.length === 0) return undefined;
  const line = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const text = line.replace(/^[\p{White_Space}]+|[\p{White_Space}]+$/gu, "");
  if (text.startsWith("#")) return undefined;
  if (bytes.length >= MAX_LINE_BYTES)
    throw refuse({ ...place, text }, `is longer than ${MAX_LINE_BYTES / 1024} KiB; shorten it.`);
  if (!isUtf8(bytes)) throw refuse({ ...place, text }, "is not UTF-8; save the file as UTF-8.");
  if (text === "")
    throw refuse(
      { ...place, text: line },
      "is only blanks, on which other clients crash; remove the blanks.",
    );
  if (text === "!")
    throw refuse({ ...place, text }, "negates nothing, on which other clients crash; remove the line.");
  return text;
}

type CompiledRule = Omit<Rule, "negationsAfter">;

async function compileRule(text: string, place: Place): Promise<CompiledRule> {
  const negated = text.startsWith("!");
  const pattern = toPattern(negated ? text.slice(1) : text);
  const rule = { text, line: place.line, negated };
  const glob = compileGlob(pattern);
  if (glob !== undefined) return { ...rule, matches: glob };
  if (pattern.length > MAX_REGULAR_EXPRESSION) {
    const problem = `is a regular expression (one of + ( ) { } [ ] ^ | or a backslash makes it one) of more than ${MAX_REGULAR_EXPRESSION} characters; shorten it.`;
    throw refuse({ ...place, text }, problem);
  }
  try {
    return { ...rule, matches: await compileRegularExpression(toRegularExpression(pattern)) };
  } catch (error) {
    const problem =
      "is not a valid pattern: + ( ) { } [ ] ^ | have their meaning in regular expressions; put a backslash before one that is meant literally.";
    throw refuse({ ...place, text }, problem, error);
  }
}

/** Turns the text of a rule into a pattern for whole paths: a slash at the end takes in what is below, one at the start anchors. */
function toPattern(text: string): string {
  const withDescendants = text.endsWith("/") ? `${text}**` : text;
  const pattern = withDescendants.startsWith("/") ? withDescendants.slice(1) : `**/${withDescendants}`;
  // Go's scanner, which go-slug reads the pattern with, drops a byte order mark at the start.
  return pattern.startsWith("\uFEFF") ? pattern.slice(1) : pattern;
}

function markNegations(rules: CompiledRule[]): Rule[] {
  const lastNegation = rules.findLastIndex((rule) => rule.negated);
  return rules.map((rule, index) => ({ ...rule, negationsAfter: index < lastNegation }));
}

/**
 * What the rules say of a path relative to the packed directory, with `/`; a directory is asked twice, without and with
 * a slash at its end.
 */
export function evaluate(rules: readonly Rule[], path: string): Verdict {
  const rule = rules.findLast((candidate) => candidate.matches(path));
  if (rule === undefined || rule.negated) return { excluded: false, rule };
  return { excluded: true, dominating: !rule.negationsAfter, rule };
}
