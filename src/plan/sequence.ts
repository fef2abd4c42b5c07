import { equal, fingerprint, type Value } from "./value.ts";

/** One step of a walk over two sequences: a pair, or an element that only one of them has. */
export type Step = { before?: number; after?: number };

/** Largest table of the exact algorithm; beyond it, common elements are found by anchors in n·log n. */
const maxCells = 160_000;

type BelongTogether = (a: Value, b: Value) => boolean;

/** Aligns the lines of two strings by a longest common subsequence, the same that the CLI finds among equally long ones. */
export function alignLines(before: string[], after: string[]): Step[] {
  return alignCommon(before, after, () => false);
}

/**
 * Aligns two lists. Those of the same length that are no reordering are compared place by place, so that a changed
 * element is one line (terraform internal/command/jsonformat/collections/slice.go). Others are aligned as lines are;
 * where both sides have a new element at the same place and `belongTogether` says so, they are one changed element
 * instead of one removed and one added.
 */
export function align(before: Value[], after: Value[], belongTogether: BelongTogether): Step[] {
  if (before.length === after.length && !isReordering(before, after)) {
    return before.map((_, index) => ({ before: index, after: index }));
  }
  return alignCommon(before, after, belongTogether);
}

function isReordering(before: Value[], after: Value[]): boolean {
  const { beforeIds, afterIds } = identify(before, after);
  const known = new Set(afterIds);
  return beforeIds.every((id) => known.has(id));
}

function alignCommon(before: Value[], after: Value[], belongTogether: BelongTogether): Step[] {
  const { beforeIds, afterIds } = identify(before, after);
  const common = commonIds(beforeIds, afterIds);
  const steps: Step[] = [];
  let i = 0;
  let j = 0;
  const together = () =>
    i < before.length && j < after.length && belongTogether(before[i] ?? null, after[j] ?? null);
  for (let next = 0; next <= common.length; next += 1) {
    const wanted = common[next];
    while (i < before.length && beforeIds[i] !== wanted) {
      if (together() && afterIds[j] !== wanted) steps.push({ before: i++, after: j++ });
      else steps.push({ before: i++ });
    }
    while (j < after.length && afterIds[j] !== wanted) steps.push({ after: j++ });
    if (wanted !== undefined) steps.push({ before: i++, after: j++ });
  }
  return steps;
}

/** Steps of two sets: equal elements are pairs, in the order of `before`; the others are removed or added. */
export function matchSets(before: Value[], after: Value[], same: (i: number, j: number) => boolean): Step[] {
  const { beforeIds, afterIds } = identify(before, after);
  const waiting = new Map<number | undefined, number[]>();
  for (const [j, id] of afterIds.entries()) {
    const places = waiting.get(id) ?? [];
    places.push(j);
    waiting.set(id, places);
  }
  const taken = new Set<number>();
  const steps: Step[] = beforeIds.map((id, i) => {
    const j = waiting.get(id)?.find((candidate) => !taken.has(candidate) && same(i, candidate));
    if (j === undefined) return { before: i };
    taken.add(j);
    return { before: i, after: j };
  });
  for (const j of after.keys()) if (!taken.has(j)) steps.push({ after: j });
  return steps;
}

/** Small numbers that are equal exactly where the elements are. */
function identify(before: Value[], after: Value[]): { beforeIds: number[]; afterIds: number[] } {
  const ids = new Map<string, number>();
  const identity = (value: Value): number => {
    const key = fingerprint(value);
    const known = ids.get(key) ?? ids.size;
    ids.set(key, known);
    return known;
  };
  return { beforeIds: before.map(identity), afterIds: after.map(identity) };
}

function commonIds(before: number[], after: number[]): number[] {
  if (before.length * after.length <= maxCells) return longestCommon(before, after);
  let head = 0;
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head += 1;
  let tail = 0;
  const room = Math.min(before.length, after.length) - head;
  while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const left = before.slice(head, before.length - tail);
  const right = after.slice(head, after.length - tail);
  const middle = left.length * right.length <= maxCells ? longestCommon(left, right) : anchors(left, right);
  return [...before.slice(0, head), ...middle, ...before.slice(before.length - tail)];
}

/** The classic table, walked from its end: an equal pair is taken, else the longer side, `after` first on a tie. */
function longestCommon(before: number[], after: number[]): number[] {
  const width = before.length + 1;
  const lengths = new Uint16Array(width * (after.length + 1));
  for (let j = 1; j <= after.length; j += 1) {
    for (let i = 1; i < width; i += 1) {
      const cell = width * j + i;
      lengths[cell] =
        before[i - 1] === after[j - 1]
          ? (lengths[cell - width - 1] ?? 0) + 1
          : Math.max(lengths[cell - 1] ?? 0, lengths[cell - width] ?? 0);
    }
  }
  const common: number[] = [];
  let i = before.length;
  let j = after.length;
  while (i > 0 && j > 0) {
    const id = before[i - 1];
    if (id !== undefined && id === after[j - 1]) {
      common.push(id);
      i -= 1;
      j -= 1;
    } else if ((lengths[width * j + i - 1] ?? 0) > (lengths[width * (j - 1) + i] ?? 0)) i -= 1;
    else j -= 1;
  }
  return common.reverse();
}

/** Elements that are unique on both sides and in the same order: the longest increasing run of their positions. */
function anchors(before: number[], after: number[]): number[] {
  const inBefore = uniquePositions(before);
  const inAfter = uniquePositions(after);
  const shared = before.filter((id) => inBefore.has(id) && inAfter.has(id));
  const position = (index: number | undefined) => inAfter.get(shared[index ?? -1] ?? -1) ?? -1;
  const ends: number[] = [];
  const previous: (number | undefined)[] = [];
  for (const index of shared.keys()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (position(ends[middle]) < position(index)) low = middle + 1;
      else high = middle;
    }
    previous[index] = ends[low - 1];
    ends[low] = index;
  }
  const run: number[] = [];
  for (let index = ends.at(-1); index !== undefined; index = previous[index]) run.push(shared[index] ?? -1);
  return run.reverse();
}

function uniquePositions(ids: number[]): Map<number, number> {
  const positions = new Map<number, number>();
  const repeated = new Set<number>();
  for (const [index, id] of ids.entries()) {
    if (positions.has(id)) repeated.add(id);
    positions.set(id, index);
  }
  for (const id of repeated) positions.delete(id);
  return positions;
}

/** Two strings of which one has several lines and that share a line: better shown as one changed string. */
export function shareALine(a: Value, b: Value): boolean {
  if (typeof a !== "string" || typeof b !== "string") return false;
  if (equal(a, b) || !(a.includes("\n") || b.includes("\n"))) return false;
  const lines = new Set(a.split("\n"));
  return b.split("\n").some((line) => lines.has(line));
}
