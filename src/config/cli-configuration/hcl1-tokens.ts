/** A token of HCL 1: a punctuation sign, an identifier, a decoded string, a number or boolean, or the end. */
export type Token =
  | { kind: "sign"; text: "{" | "}" | "[" | "]" | "," | "="; line: number }
  | { kind: "identifier" | "string"; text: string; line: number }
  | { kind: "scalar" | "end"; line: number };

/** Text that is not HCL 1; the message has no place, `line` has. */
export class Hcl1Error extends Error {
  override readonly name = "Hcl1Error";
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

type Scanner = { text: string; at: number; line: number };

const SPACE = /(?:[ \t\r\n]+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const IDENTIFIER = /[\p{L}_][\p{L}\p{Nd}_.-]*/uy;
const NUMBER = /-?(?:0[xX][0-9a-fA-F]+|[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)|\.[0-9]+/y;
const SIGN = /[{}[\],=]/y;
const HEREDOC = /<<(-?)([\p{L}_\p{Nd}]+)\r?\n/uy;
const ESCAPE = /\\(?:[abfnrtv\\"]|[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/y;
const CONTROLS: Readonly<Record<string, string>> = {
  ...{ a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" },
};

/**
 * The tokens of a text in HCL 1, the syntax of the CLI's own configuration (hashicorp/hcl v1, hcl/scanner). Strings are
 * decoded; `${…}` in them stays as it is written. Throws Hcl1Error.
 */
export function tokensOf(text: string): Token[] {
  const scanner: Scanner = { text: text.replaceAll("\r\n", "\n"), at: 0, line: 1 };
  const tokens: Token[] = [];
  for (;;) {
    take(scanner, SPACE);
    const token = nextToken(scanner);
    tokens.push(token);
    if (token.kind === "end") return tokens;
  }
}

function nextToken(scanner: Scanner): Token {
  const { line } = scanner;
  const first = scanner.text[scanner.at];
  if (first === undefined) return { kind: "end", line };
  if (first === '"') return { kind: "string", text: readString(scanner), line };
  if (first === "<") return { kind: "string", text: readHeredoc(scanner), line };
  const sign = take(scanner, SIGN);
  if (isSign(sign)) return { kind: "sign", text: sign, line };
  const identifier = take(scanner, IDENTIFIER);
  if (identifier === "true" || identifier === "false") return { kind: "scalar", line };
  if (identifier !== "") return { kind: "identifier", text: identifier, line };
  if (take(scanner, NUMBER) !== "") return { kind: "scalar", line };
  throw new Hcl1Error(first === "/" ? "a comment is not closed" : "a character is not allowed here", line);
}

function isSign(text: string): text is Extract<Token, { kind: "sign" }>["text"] {
  return text !== "" && "{}[],=".includes(text);
}

/** A quoted string; what is between `${` and its closing brace may hold quotes and line breaks. */
function readString(scanner: Scanner): string {
  const { line } = scanner;
  let read = "";
  let braces = 0;
  for (scanner.at += 1; ; ) {
    const character = scanner.text[scanner.at];
    if (character === undefined || (character === "\n" && braces === 0))
      throw new Hcl1Error("a string is not closed", line);
    if (braces === 0 && character === "\\") read += readEscape(scanner);
    else {
      scanner.at += 1;
      if (braces === 0 && character === '"') return read;
      if (character === "\n") scanner.line += 1;
      if (character === "{" && (braces > 0 || read.endsWith("$"))) braces += 1;
      if (character === "}" && braces > 0) braces -= 1;
      read += character;
    }
  }
}

function readEscape(scanner: Scanner): string {
  const [selector = "", ...digits] = take(scanner, ESCAPE).slice(1);
  const code = digits.join("");
  if (selector === "") throw new Hcl1Error("a string has an invalid escape sequence", scanner.line);
  if (code === "") return CONTROLS[selector] ?? selector;
  const point = /[0-7]/.test(selector) ? Number.parseInt(selector + code, 8) : Number.parseInt(code, 16);
  if (point > 0x10ffff) throw new Hcl1Error("a string has an invalid escape sequence", scanner.line);
  return String.fromCodePoint(point);
}

function readHeredoc(scanner: Scanner): string {
  const { line } = scanner;
  const [, indented, anchor] = /^<<(-?)(.+)\n$/.exec(take(scanner, HEREDOC)) ?? [];
  if (anchor === undefined) throw new Hcl1Error("a heredoc does not begin with << and a word", line);
  const lines: string[] = [];
  for (;;) {
    const end = scanner.text.indexOf("\n", scanner.at);
    if (end === -1) throw new Hcl1Error("a heredoc is not closed", line);
    const read = scanner.text.slice(scanner.at, end);
    scanner.at = end + 1;
    scanner.line += 1;
    if (read.trimEnd().endsWith(anchor) && read.trim() === anchor) {
      const prefix = indented === "-" ? (/^\s*/.exec(read)?.[0] ?? "") : "";
      const isIndented = lines.every((each) => each.startsWith(prefix));
      return lines.map((each) => `${isIndented ? each.slice(prefix.length) : each}\n`).join("");
    }
    lines.push(read);
  }
}

/** Moves past what a sticky pattern matches here, and returns it; empty if it does not match. */
function take(scanner: Scanner, pattern: RegExp): string {
  pattern.lastIndex = scanner.at;
  const matched = pattern.exec(scanner.text)?.[0] ?? "";
  scanner.at += matched.length;
  scanner.line += matched.split("\n").length - 1;
  return matched;
}
