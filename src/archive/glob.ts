const LITERAL_ONLY = -1;
export const ANY_CHARACTER = -2;
const EMPTY = -3;

export const NO_GAP = 0;
export const WITHIN_NAME = 1;
export const DIRECTORIES = 2;
const NAME_THEN_DIRECTORIES = 3;
const ANYTHING = 4;

export const SLASH = 47;

/**
 * A pattern of a `.terraformignore` rule that needs no regular expression. State `i` means that the first `i` symbols
 * have matched; `symbols[i]` leads from state `i` to `i + 1` (a code point, any character but `/`, or nothing);
 * `loops[i]` says what may be skipped while in state `i`; `required[i]` is how many characters are needed from there on.
 */
export type Glob = {
  symbols: Int32Array;
  loops: Uint8Array;
  required: Int32Array;
  empties: number[];
  needle: string;
};

type Token = { kind: "symbol"; value: number } | { kind: "gap"; value: number };

/**
 * Compiles a pattern in which only `*`, `?`, `**` and backslashes before punctuation are special, with the meaning that
 * go-slug gives them (internal/ignorefiles/terraformignore.go): `*` and `?` stay within a name, a `**` at the end is
 * anything, elsewhere it is any number of directories and swallows the slash after it.
 * @returns undefined when the pattern holds more than that and has to be run as a regular expression
 */
export function compileGlob(pattern: string): Glob | undefined {
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

/** What two gaps in a row amount to, which leaves at most one gap in a state. */
function joinGaps(first: number, second: number): number {
  if (first === NO_GAP || first === second) return second;
  if (second === DIRECTORIES && (first === WITHIN_NAME || first === NAME_THEN_DIRECTORIES)) {
    return NAME_THEN_DIRECTORIES;
  }
  return ANYTHING;
}

function assemble(tokens: Token[]): Glob {
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
  return finish(splitNameThenDirectories({ symbols, loops }));
}

/** A name's rest and then directories are two states with nothing between, so that each state skips one kind of thing. */
function splitNameThenDirectories(states: { symbols: number[]; loops: number[] }): {
  symbols: number[];
  loops: number[];
} {
  const symbols: number[] = [];
  const loops: number[] = [];
  states.loops.forEach((loop, index) => {
    if (loop === NAME_THEN_DIRECTORIES) {
      loops.push(WITHIN_NAME, DIRECTORIES);
      symbols.push(EMPTY);
    } else {
      loops.push(loop);
    }
    const symbol = states.symbols[index];
    if (symbol !== undefined) symbols.push(symbol);
  });
  return { symbols, loops };
}

function finish(states: { symbols: number[]; loops: number[] }): Glob {
  const { symbols, loops } = states;
  const required = new Int32Array(symbols.length + 1);
  for (let state = symbols.length - 1; state >= 0; state -= 1) {
    required[state] = (required[state + 1] ?? 0) + (symbols[state] === EMPTY ? 0 : 1);
  }
  return {
    symbols: Int32Array.from(symbols),
    loops: Uint8Array.from(loops),
    required,
    empties: symbols.flatMap((symbol, state) => (symbol === EMPTY ? [state] : [])),
    needle: longestLiteral(symbols, loops),
  };
}

/** The longest run of characters that every match holds: a path without it is turned down at once. */
function longestLiteral(symbols: number[], loops: number[]): string {
  let longest = "";
  let run = "";
  symbols.forEach((symbol, state) => {
    if (loops[state] !== NO_GAP) run = "";
    run = symbol > LITERAL_ONLY ? run + String.fromCodePoint(symbol) : "";
    if (run.length > longest.length) longest = run;
  });
  return longest;
}
