import { ANY_CHARACTER, DIRECTORIES, type Glob, NO_GAP, SLASH, WITHIN_NAME } from "./glob.ts";

const ON = 1;
const SEEN = 2;

/**
 * Whether the whole path matches. All states are followed at once, so the time is bounded by the length of the pattern
 * times the length of the path whatever they hold (a backtracking matcher is exponential on `*a*a*a*b`).
 */
export function matchesGlob(glob: Glob, path: string): boolean {
  if (!path.includes(glob.needle)) return false;
  const characters = codePoints(path);
  const last = glob.symbols.length;
  const active = new Uint8Array(last + 1);
  active[0] = ON;
  let high = crossEmpties(glob, active, 0);
  let low = 0;
  for (let at = 0; at < characters.length; at += 1) {
    const left = characters.length - at;
    while (low <= high && (glob.required[low] ?? 0) > left) low += 1;
    high = crossEmpties(glob, active, advance({ glob, active, low, high, character: characters[at] ?? 0 }));
    if (high < low) return false;
  }
  return ((active[last] ?? 0) & ON) !== 0;
}

function codePoints(path: string): Int32Array {
  const characters = new Int32Array(path.length);
  let length = 0;
  for (let at = 0; at < path.length; length += 1) {
    const character = path.codePointAt(at) ?? 0;
    characters[length] = character;
    at += character > 0xffff ? 2 : 1;
  }
  return characters.subarray(0, length);
}

type Step = { glob: Glob; active: Uint8Array; low: number; high: number; character: number };

/** Takes the states `low…high` over one character, from the last to the first so that none is moved twice. */
function advance(step: Step): number {
  const { glob, active, low, character } = step;
  const { symbols, loops } = glob;
  let { high } = step;
  for (let state = high; state >= low; state -= 1) {
    const before = active[state] as number;
    if (before === 0) continue;
    const symbol = symbols[state] as number;
    active[state] = stay(loops[state] as number, before, character);
    if ((before & ON) !== 0 && (symbol === character || (symbol === ANY_CHARACTER && character !== SLASH))) {
      if (state < symbols.length) active[state + 1] = (active[state + 1] as number) | ON;
      if (state === high && state < symbols.length) high += 1;
    }
  }
  while (high >= low && active[high] === 0) high -= 1;
  return high;
}

function stay(loop: number, before: number, character: number): number {
  if (loop === NO_GAP) return 0;
  if (loop === WITHIN_NAME) return character === SLASH ? 0 : before;
  if (loop === DIRECTORIES) return character === SLASH ? SEEN | ON : SEEN;
  return before;
}

/** Follows the steps that need no character; returns the last state that is active then. */
function crossEmpties(glob: Glob, active: Uint8Array, high: number): number {
  let last = high;
  for (const state of glob.empties) {
    if (state > last) break;
    if (((active[state] ?? 0) & ON) === 0) continue;
    active[state + 1] = (active[state + 1] ?? 0) | ON;
    last = Math.max(last, state + 1);
  }
  return last;
}
