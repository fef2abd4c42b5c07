export const ANY_CHARACTER = -1;

export const NO_GAP = 0;
export const WITHIN_NAME = 1;
export const DIRECTORIES = 2;
export const ANYTHING = 3;

export const SLASH = 47;

/**
 * A pattern as an automaton: state `i` means that its first `i` symbols have matched. A symbol leads from one state to
 * the next (a code point, or any character but `/`), a loop says what may be skipped in a state.
 */
export type States = { symbols: number[]; loops: number[] };

type Token = { kind: "symbol"; value: number } | { kind: "gap"; value: number };

/**
 * Reads a pattern in which only `*`, `?`, `**` and backslashes before punctuation are special, with the meaning that
 * go-slug gives them (internal/ignorefiles/terraformignore.go): `*` and `?` stay within a name, a `**` at the end is
 * anything, elsewhere it is any number of directories and swallows the slash after it.
 * @returns undefined when the pattern holds more than that and has to be run as a regular expression
 */
export function readPattern(pattern: string): States | undefined {
  const tokens = tokenize(Array.from(pattern, (character) => character.codePointAt(0) ?? 0));
  return tokens === undefined ? undefined : assemble(tokens);
}

function tokenize(characters: number[]): Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  while (at < characters.length) {
    const { token, next } = readToken(characters, at);
    if (token === undefined) return undefined;
    tokens.push(token);
    at = next;
  }
  return tokens;
}

function readToken(characters: number[], at: number): { token: Token | undefined; next: number } {
  const character = characters[at] ?? 0;
  if (character === 42) return readStars(characters, at);
  if (character === 63) return { token: { kind: "symbol", value: ANY_CHARACTER }, next: at + 1 };
  if (character === 92) return readEscape(characters, at);
  if ("+(){}[]^|".includes(String.fromCodePoint(character))) return { token: undefined, next: at };
  return { token: { kind: "symbol", value: character }, next: at + 1 };
}

function readStars(characters: number[], at: number): { token: Token; next: number } {
  if (characters[at + 1] !== 42) return { token: { kind: "gap", value: WITHIN_NAME }, next: at + 1 };
  const next = characters[at + 2] === SLASH ? at + 3 : at + 2;
  return { token: { kind: "gap", value: next >= characters.length ? ANYTHING : DIRECTORIES }, next };
}

/** A backslash makes punctuation literal; before a letter or digit it is a regular expression's (`\d`), at the end too. */
function readEscape(characters: number[], at: number): { token: Token | undefined; next: number } {
  const escaped = characters[at + 1];
  const literal =
    escaped !== undefined && escaped < 128 && !/[0-9A-Za-z]/.test(String.fromCodePoint(escaped));
  return { token: literal ? { kind: "symbol", value: escaped } : undefined, next: at + 2 };
}

/**
 * What two gaps in a row amount to, which leaves at most one gap in a state. A `*` is never the first of two (with the
 * next it would be a `**`), so two that differ are directories and then a name or all the rest.
 */
function joinGaps(first: number, second: number): number {
  return first === NO_GAP || first === second ? second : ANYTHING;
}

function assemble(tokens: Token[]): States {
  const symbols: number[] = [];
  const loops: number[] = [NO_GAP];
  for (const token of tokens) {
    if (token.kind === "symbol") {
      symbols.push(token.value);
      loops.push(NO_GAP);
    } else {
      loops[symbols.length] = joinGaps(loops[symbols.length] ?? NO_GAP, token.value);
    }
  }
  return { symbols, loops };
}
