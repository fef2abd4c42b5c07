import {
  ANY_CHARACTER,
  ANYTHING,
  DIRECTORIES,
  NO_GAP,
  readPattern,
  SLASH,
  type States,
  WITHIN_NAME,
} from "./glob-pattern.ts";

/** A set of states, 32 in a number. */
type StateSet = Int32Array;
/** Where a symbol leads on: pairs of the number's index in a set and the states in it that have the symbol. */
type Moves = number[];

type Automaton = {
  /** How many symbols there are: the state in which all have matched, and the least length of a match. */
  length: number;
  /** A text that every match holds. */
  needle: string;
  within: StateSet;
  directories: StateSet;
  anything: StateSet;
  anyCharacter: Moves;
  literals: Map<number, Moves>;
};

/** The states reached; `seen` are those that skip directories and were reached at some time. */
type Run = { on: StateSet; next: StateSet; seen: StateSet };

/**
 * Compiles a pattern without regular expressions in it (see readPattern) to a test for whole paths. All states are
 * followed at once, 32 in one step, so the time is bounded by the length of the pattern times the length of the path
 * whatever they hold (a backtracking matcher is exponential on `*a*a*a*b`).
 * @returns undefined when the pattern has to be run as a regular expression
 */
export function compileGlob(pattern: string): ((path: string) => boolean) | undefined {
  const states = readPattern(pattern);
  if (states === undefined) return undefined;
  const automaton = build(states);
  const size = automaton.within.length;
  const run = { on: new Int32Array(size), next: new Int32Array(size), seen: new Int32Array(size) };
  return (path) =>
    path.includes(automaton.needle) && path.length >= automaton.length && matches(automaton, run, path);
}

function build(states: States): Automaton {
  const { symbols, loops } = states;
  const moves = new Map<number, Moves>();
  symbols.forEach((symbol, state) => {
    moves.set(symbol, withState(moves.get(symbol) ?? [], state));
  });
  return {
    length: symbols.length,
    needle: longestLiteral(states),
    within: statesWith(loops, WITHIN_NAME),
    directories: statesWith(loops, DIRECTORIES),
    anything: statesWith(loops, ANYTHING),
    anyCharacter: moves.get(ANY_CHARACTER) ?? [],
    literals: moves,
  };
}

function withState(moves: Moves, state: number): Moves {
  const index = state >>> 5;
  const bit = 1 << (state & 31);
  if (moves.at(-2) === index) moves[moves.length - 1] = (moves.at(-1) ?? 0) | bit;
  else moves.push(index, bit);
  return moves;
}

function statesWith(loops: number[], wanted: number): StateSet {
  const set = new Int32Array((loops.length + 31) >>> 5);
  loops.forEach((loop, state) => {
    if (loop === wanted) set[state >>> 5] = (set[state >>> 5] ?? 0) | (1 << (state & 31));
  });
  return set;
}

/** The longest run of characters that every match holds: a path without it is turned down at once. */
function longestLiteral({ symbols, loops }: States): string {
  let longest = "";
  let run = "";
  symbols.forEach((symbol, state) => {
    if (loops[state] !== NO_GAP) run = "";
    run = symbol >= 0 ? run + String.fromCodePoint(symbol) : "";
    if (run.length > longest.length) longest = run;
  });
  return longest;
}

function matches(automaton: Automaton, run: Run, path: string): boolean {
  run.seen.fill(0);
  run.on.fill(0);
  run.on[0] = 1;
  for (let at = 0; at < path.length; ) {
    const character = path.codePointAt(at) ?? 0;
    at += character > 0xffff ? 2 : 1;
    if (!advance(automaton, run, character)) return false;
    const { on, next } = run;
    run.on = next;
    run.next = on;
  }
  return ((run.on[automaton.length >>> 5] ?? 0) & (1 << (automaton.length & 31))) !== 0;
}

/** Takes every state over one character; false when none is left. */
function advance(automaton: Automaton, run: Run, character: number): boolean {
  const isSlash = character === SLASH;
  const left = stay(automaton, run, isSlash);
  const literal = automaton.literals.get(character);
  const moved = literal === undefined ? 0 : move(literal, run.on, run.next);
  const movedAny = isSlash ? 0 : move(automaton.anyCharacter, run.on, run.next);
  return (left | moved | movedAny) !== 0;
}

/** The states that skip the character: within a name all but `/`; directories end with one; anything is anything. */
function stay(automaton: Automaton, run: Run, isSlash: boolean): number {
  const { within, directories, anything } = automaton;
  const { on, next, seen } = run;
  let left = 0;
  for (let index = 0; index < on.length; index += 1) {
    const before = on[index] as number;
    const met = (seen[index] as number) | (before & (directories[index] as number));
    seen[index] = met;
    const skipping = isSlash ? met : before & (within[index] as number);
    const now = skipping | (before & (anything[index] as number));
    next[index] = now;
    left |= now | met;
  }
  return left;
}

/** Leads those of the states in `from` that the moves name to the state after them; tells whether there were any. */
function move(moves: Moves, from: StateSet, to: StateSet): number {
  let any = 0;
  for (let pair = 0; pair < moves.length; pair += 2) {
    const index = moves[pair] as number;
    const leaving = (from[index] as number) & (moves[pair + 1] as number);
    if (leaving === 0) continue;
    any = 1;
    to[index] = (to[index] as number) | (leaving << 1);
    if (leaving < 0) to[index + 1] = (to[index + 1] as number) | 1;
  }
  return any;
}
