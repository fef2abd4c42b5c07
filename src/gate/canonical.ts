import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import type { JsonValue } from "../json.ts";
import {
  field,
  isObject,
  type PlanElement,
  type PlanPart,
  readElement,
  unreadable,
  type Values,
} from "./plan-element.ts";

/** The form in which the server gave a plan; in the redacted one sensitive values are left out. */
export type PlanForm = "plain" | "redacted";

/** A plan as it is compared. */
export type PlanDigest = {
  /** The digest F, keyed: only to be compared with another one made with the same key. */
  digest: string;
  /** SHA-256 of the same without sensitive values and variables, hex: for the output `plan-digest`. */
  publicDigest: string;
  form: PlanForm;
  /** Values are hidden from us in this form, so that equal digests do not prove equal plans. */
  concealed: boolean;
  /** Keyed digest of each element, by a key that names it (`elementKey`). */
  elements: ReadonlyMap<string, string>;
};

export type PlanDigester = {
  /** Takes one element of a part, `name` being the key of an output or variable. Values come from `parseExactly`. */
  add: (part: PlanPart, value: JsonValue, name?: string) => void;
  finish: () => PlanDigest;
};

/** Deepest nesting taken; OpenTofu writes far less. */
const MAX_DEPTH = 200;
const HIDDEN = "\0sensitive";

/**
 * Digests a structured plan element by element, in any order, keeping one digest for each. What counts of an element is
 * decided by `readElement`; of a plan, by PLAN_MEMBERS: nothing of its prior state, timestamps, versions or order.
 * Numbers count as their text, keys in any order, and a mask as the set of paths that it marks.
 *
 * F covers secrets in clear, so a bare hash of it would let anybody who sees it try out values (a dictionary attack).
 * `key` is therefore random and lives as long as the step, and F is never printed. What may be printed is `publicDigest`,
 * made of what the plan's own text shows: there is no sensitive value in it to be guessed.
 */
export function createPlanDigester(options: { form: PlanForm; key: Uint8Array }): PlanDigester {
  const { form, key } = options;
  const elements = new Map<string, string[]>();
  const shown: string[] = [];
  let concealed = false;
  return {
    add: (part, value, name) => {
      const element = readElement(part, value, name);
      if (element === undefined) return;
      const id = elementKey(part, element.subject);
      elements.set(id, [...(elements.get(id) ?? []), hexOf(createHmac("sha256", key), canonicalOf(element))]);
      if (part !== "variable") shown.push(hexOf(createHash("sha256"), publicOf(element)));
      concealed ||= form === "redacted" && element.values !== undefined && mayConceal(element.values);
    },
    finish: () => {
      const byKey = new Map([...elements].map(([id, digests]) => [id, digests.sort().join("")]));
      const all = [...byKey.values()].sort().join("\n");
      const publicDigest = hexOf(createHash("sha256"), shown.sort().join("\n"));
      return {
        digest: hexOf(createHmac("sha256", key), all),
        publicDigest,
        form,
        concealed,
        elements: byKey,
      };
    },
  };
}

/** Names an element among all of a plan. */
export function elementKey(part: PlanPart, subject: string): string {
  return JSON.stringify([part, subject]);
}

function hexOf(hash: Hash | Hmac, text: string): string {
  return hash.update(text).digest("hex");
}

function canonicalOf({ part, subject, facts, values }: PlanElement): string {
  return canonicalText([part, subject, facts, values === undefined ? null : valuesToCount(values)]);
}

/** What the text of the plan shows as well: an invocation's settings have masks of their own, so only its name counts. */
function publicOf(element: PlanElement): string {
  const { part, subject, values } = element;
  if (values === undefined) return canonicalOf(part === "action" ? { ...element, facts: {} } : element);
  const masks = [values.beforeSensitive, values.afterSensitive];
  const visible = {
    ...values,
    before: withoutMarked(values.before, masks),
    after: withoutMarked(values.after, masks),
  };
  return canonicalText([part, subject, element.facts, valuesToCount(visible)]);
}

function valuesToCount(values: Values): JsonValue {
  return [
    values.before,
    values.after,
    markedPaths(values.afterUnknown),
    markedPaths(values.beforeSensitive),
    markedPaths(values.afterSensitive),
    values.replacePaths.map((path) => canonicalText(path)).sort(),
  ];
}

/** JSON with sorted keys and without white space. Throws Failure("server") where it nests too deep or a number is not exact. */
export function canonicalText(value: JsonValue, depth = 0): string {
  if (depth > MAX_DEPTH) throw unreadable("resource", `nests deeper than ${MAX_DEPTH} levels`);
  if (typeof value === "number" && !isExact(value))
    throw unreadable("resource", "has a number that is not exact");
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item, depth + 1)).join(",")}]`;
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalText(field(value, key) ?? null, depth + 1)}`).join(",")}}`;
}

/** What `parseExactly` leaves as a number; a larger one may have been another before a plain JSON.parse. */
function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/**
 * The paths at which a mask says `true`, as sorted texts: `{}`, `false`, `[false]` and an absent mask are the same, as they
 * mark nothing, however a version of the engine writes it.
 */
export function markedPaths(mask: JsonValue, path: (string | number)[] = []): string[] {
  if (path.length > MAX_DEPTH) throw unreadable("resource", `nests deeper than ${MAX_DEPTH} levels`);
  if (mask === true) return [JSON.stringify(path)];
  if (Array.isArray(mask)) return mask.flatMap((item, index) => markedPaths(item, [...path, index]));
  if (!isObject(mask)) return [];
  return Object.entries(mask)
    .flatMap(([key, item]) => markedPaths(item, [...path, key]))
    .sort();
}

/** The value with everything replaced that any of the masks marks. */
export function withoutMarked(value: JsonValue, masks: JsonValue[]): JsonValue {
  if (masks.includes(true)) return HIDDEN;
  if (masks.length === 0 || value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    return value.map((item, index) => withoutMarked(item, marksAt(masks, index)));
  }
  const members = Object.entries(value).map(([key, item]) => [key, withoutMarked(item, marksAt(masks, key))]);
  return Object.fromEntries(members);
}

/** What masks say of one member. */
export function marksAt(masks: JsonValue[], step: string | number): JsonValue[] {
  return masks.flatMap((mask) => {
    if (mask === true) return [true];
    if (Array.isArray(mask)) return typeof step === "number" ? [mask[step] ?? false] : [];
    return isObject(mask) ? [field(mask, String(step)) ?? false] : [];
  });
}

/** Whether a redacted form may leave out a value: one that is marked, and not marked only because it is still unknown. */
function mayConceal({ beforeSensitive, afterSensitive, afterUnknown }: Values): boolean {
  const unknown = new Set(markedPaths(afterUnknown));
  return (
    markedPaths(beforeSensitive).length > 0 || markedPaths(afterSensitive).some((path) => !unknown.has(path))
  );
}
