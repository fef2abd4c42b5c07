import type { JsonValue } from "../json.ts";
import { field, isObject } from "./json-shape.ts";
import type { Change } from "./model.ts";
import { asArray, asObject, equal, kindOf, member, type Value } from "./value.ts";

export type Path = (string | number)[];

/** A place in an object before and after the change, with everything that is said about that place. */
export type Pair = {
  before: Value;
  after: Value;
  /** The side has something here, be it null: an element of a list, a key of a map. Attributes count as absent when null. */
  hasBefore: boolean;
  hasAfter: boolean;
  unknown: JsonValue;
  beforeMask: JsonValue;
  afterMask: JsonValue;
  /** What is left of the paths that force a replacement; an empty one ends here. */
  replace: Path[];
  /** What is left of the paths that make drift worth showing; `all` where everything is. */
  relevant: Path[] | "all";
};

/** The whole object or output of a change. */
export function rootPair(change: Change, relevant: Path[] | "all" = "all"): Pair {
  return {
    before: change.before,
    after: change.after,
    hasBefore: false,
    hasAfter: false,
    unknown: change.afterUnknown,
    beforeMask: change.beforeSensitive,
    afterMask: change.afterSensitive,
    replace: change.replacePaths,
    relevant,
  };
}

/** Whether a mask hides all of a value. One that does not fit the value hides it too: better too little is shown. */
export function hides(mask: JsonValue, value: Value): boolean {
  if (typeof mask === "boolean") return mask;
  if (mask === null) return false;
  if (typeof mask !== "object") return true;
  const kind = kindOf(value);
  if (kind === "null" || kind === (Array.isArray(mask) ? "array" : "object")) return false;
  return marksAnything(mask);
}

function marksAnything(mask: JsonValue): boolean {
  if (typeof mask === "object" && mask !== null) return Object.values(mask).some(marksAnything);
  return mask !== false && mask !== null;
}

/** The attribute or entry `key` of an object or a map. */
export function memberPair(pair: Pair, key: string): Pair {
  return {
    before: member(pair.before, key),
    after: member(pair.after, key),
    hasBefore: Object.hasOwn(asObject(pair.before), key),
    hasAfter: Object.hasOwn(asObject(pair.after), key),
    unknown: maskAt(pair.unknown, key),
    beforeMask: pair.beforeMask === true || maskAt(pair.beforeMask, key),
    afterMask: pair.afterMask === true || maskAt(pair.afterMask, key),
    replace: continuing(pair.replace, (step) => step === key),
    relevant: relevantBelow(pair, (step) => step === key),
  };
}

/** An element of a list, at a place of its own on each side; `undefined`: that side has none. */
export function elementPair(pair: Pair, place: { before?: number; after?: number }): Pair {
  const { before = -1, after = -1 } = place;
  const index = before >= 0 ? before : after;
  return {
    before: asArray(pair.before)[before] ?? null,
    after: asArray(pair.after)[after] ?? null,
    hasBefore: before >= 0 && before < asArray(pair.before).length,
    hasAfter: after >= 0 && after < asArray(pair.after).length,
    unknown: itemOf(pair.unknown, after),
    beforeMask: (pair.beforeMask === true && before >= 0) || itemOf(pair.beforeMask, before),
    afterMask: (pair.afterMask === true && after >= 0) || itemOf(pair.afterMask, after),
    replace: continuing(pair.replace, (step) => Number(step) === index),
    relevant: relevantBelow(pair, (step) => Number(step) === index),
  };
}

function maskAt(mask: JsonValue, key: string): JsonValue {
  return isObject(mask) ? (field(mask, key) ?? false) : false;
}

function itemOf(mask: JsonValue, index: number): JsonValue {
  return Array.isArray(mask) ? (mask[index] ?? false) : false;
}

function continuing(paths: Path[], matches: (step: string | number) => boolean): Path[] {
  return paths.flatMap(([step, ...rest]) => (step !== undefined && matches(step) ? [rest] : []));
}

function relevantBelow({ relevant }: Pair, matches: (step: string | number) => boolean): Path[] | "all" {
  if (relevant === "all" || relevant.some((path) => path.length === 0)) return "all";
  return continuing(relevant, matches);
}

/** The pair with drift that nothing depends on taken out: as if nothing had changed here. */
export function onlyRelevant(pair: Pair): Pair {
  if (pair.relevant === "all" || pair.relevant.length > 0) return pair;
  const { before, hasBefore, beforeMask } = pair;
  return { ...pair, after: before, hasAfter: hasBefore, afterMask: beforeMask, unknown: false };
}

export function asDeleted(pair: Pair): Pair {
  return { ...pair, after: null, hasAfter: false, afterMask: false, unknown: false };
}

export function asCreated(pair: Pair): Pair {
  return { ...pair, before: null, hasBefore: false, beforeMask: false };
}

export function forcesReplacement(pair: Pair): boolean {
  return pair.replace.some((path) => path.length === 0);
}

/** Every key of an object or map, of its masks too: an unknown entry is in no value yet. */
export function allKeys(pair: Pair): string[] {
  const sources: Value[] = [pair.before, pair.after, pair.unknown, pair.beforeMask, pair.afterMask];
  return [...new Set(sources.flatMap((source) => Object.keys(asObject(source))))].sort();
}

export function valueKeys(pair: Pair): string[] {
  return [...new Set([pair.before, pair.after].flatMap((source) => Object.keys(asObject(source))))].sort();
}

export function unchangedValue(pair: Pair): boolean {
  return equal(pair.before, pair.after);
}
