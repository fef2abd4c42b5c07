import type { JsonValue } from "../json.ts";
import { canonicalText, elementKey, markedPaths, marksAt, type PlanDigest } from "./canonical.ts";
import {
  field,
  isObject,
  type PlanElement,
  type PlanPart,
  readElement,
  type Values,
} from "./plan-element.ts";

/** The elements by which two plans differ, as keys that `elementKey` makes, sorted. */
export type DifferingElements = { onlyReviewed: string[]; onlyNew: string[]; changed: string[] };

/** A place where an element differs. `values`: what is there, shortened, where it may be shown: foreign text. */
export type AttributeDifference = { path: string; values?: { reviewed: string; fresh: string } };

/** How the element with this key differs; `more` places are not listed. */
export type ElementDifference = { key: string; attributes: AttributeDifference[]; more: number };

/** The elements to look at again, found without any value at hand. Empty lists: the plans are equal. */
export function differingElements(reviewed: PlanDigest, fresh: PlanDigest): DifferingElements {
  const [before, after] = [reviewed.elements, fresh.elements];
  return {
    onlyReviewed: [...before.keys()].filter((key) => !after.has(key)).sort(),
    onlyNew: [...after.keys()].filter((key) => !before.has(key)).sort(),
    changed: [...before]
      .flatMap(([key, digest]) => (after.has(key) && after.get(key) !== digest ? [key] : []))
      .sort(),
  };
}

/** An element named for a reader: `aws_s3_bucket.b`, `output "url"`, `aws_s3_bucket.b (changed outside)`. */
export function subjectOf(key: string): string {
  const [part, name]: [PlanPart, string] = JSON.parse(key);
  if (part === "output" || part === "variable") return `${part} ${JSON.stringify(name)}`;
  if (part === "drift") return `${name} (changed outside)`;
  return part === "action" ? `action ${name}` : name;
}

type Found = AttributeDifference[];

/**
 * Where the same element of two plans differs: paths such as `after.tags["Name"]`, at most `most` of them. Scalars are
 * shown, unless either plan marks them as sensitive; of variables and of actions' settings, which have no such marks
 * here, only the name is. The elements are given as the digester took them.
 */
export function describeElement(
  part: PlanPart,
  elements: { reviewed: JsonValue; fresh: JsonValue; name?: string },
  most = 10,
): ElementDifference {
  const reviewed = readElement(part, elements.reviewed, elements.name);
  const fresh = readElement(part, elements.fresh, elements.name);
  const found: Found = [];
  if (reviewed !== undefined && fresh !== undefined) compareElements(found, reviewed, fresh);
  const subject = reviewed?.subject ?? fresh?.subject ?? "";
  return {
    key: elementKey(part, subject),
    attributes: found.slice(0, most),
    more: Math.max(0, found.length - most),
  };
}

function compareElements(found: Found, reviewed: PlanElement, fresh: PlanElement): void {
  if (reviewed.part === "variable" || reviewed.part === "action") {
    const differs = canonicalText(reviewed.facts) !== canonicalText(fresh.facts);
    if (differs) found.push({ path: reviewed.part === "variable" ? "value" : "settings" });
    return;
  }
  compare(found, { path: "", reviewed: reviewed.facts, fresh: fresh.facts, masks: [] });
  if (reviewed.values === undefined || fresh.values === undefined) return;
  compareValues(found, reviewed.values, fresh.values);
}

function compareValues(found: Found, a: Values, b: Values): void {
  const masks = [a.beforeSensitive, a.afterSensitive, b.beforeSensitive, b.afterSensitive];
  compare(found, { path: "before", reviewed: a.before, fresh: b.before, masks });
  compare(found, { path: "after", reviewed: a.after, fresh: b.after, masks });
  compareMasks(found, "known only after the apply", [a.afterUnknown, b.afterUnknown]);
  compareMasks(found, "sensitive before", [a.beforeSensitive, b.beforeSensitive]);
  compareMasks(found, "sensitive after", [a.afterSensitive, b.afterSensitive]);
  const forcing = (values: Values) => values.replacePaths.map((path) => canonicalText(path)).sort();
  if (forcing(a).join() !== forcing(b).join()) found.push({ path: "attributes that force the replacement" });
}

function compareMasks(found: Found, what: string, masks: [JsonValue, JsonValue]): void {
  const [reviewed, fresh] = [new Set(markedPaths(masks[0])), new Set(markedPaths(masks[1]))];
  for (const path of [...reviewed.symmetricDifference(fresh)].sort())
    found.push({ path: `${textOfPath(path)} (${what})`.trimStart() });
}

type Pair = {
  path: string;
  reviewed: JsonValue | undefined;
  fresh: JsonValue | undefined;
  masks: JsonValue[];
};

/** Goes down into objects and lists to the smallest places that differ. */
function compare(found: Found, pair: Pair): void {
  const { path, reviewed, fresh, masks } = pair;
  const isHidden = masks.includes(true);
  const steps = isHidden ? undefined : stepsOf(reviewed, fresh);
  if (steps === undefined) {
    const differs = canonicalOrAbsent(reviewed) !== canonicalOrAbsent(fresh);
    if (differs) found.push({ path, ...(isHidden ? {} : shownValues(reviewed, fresh)) });
    return;
  }
  for (const step of steps) {
    const place = { path: join(path, step), masks: marksAt(masks, step) };
    compare(found, { ...place, reviewed: memberOf(reviewed, step), fresh: memberOf(fresh, step) });
  }
}

/** The steps into both values, if both are objects or both are lists. */
function stepsOf(a: JsonValue | undefined, b: JsonValue | undefined): (string | number)[] | undefined {
  if (Array.isArray(a) && Array.isArray(b)) return [...Array(Math.max(a.length, b.length)).keys()];
  if (!isObject(a) || !isObject(b)) return undefined;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

function memberOf(value: JsonValue | undefined, step: string | number): JsonValue | undefined {
  if (Array.isArray(value)) return value[Number(step)];
  return isObject(value) ? field(value, String(step)) : undefined;
}

function canonicalOrAbsent(value: JsonValue | undefined): string {
  return value === undefined ? "" : canonicalText(value);
}

function shownValues(
  reviewed: JsonValue | undefined,
  fresh: JsonValue | undefined,
): Pick<AttributeDifference, "values"> {
  const areScalars = [reviewed, fresh].every((value) => value == null || typeof value !== "object");
  return areScalars ? { values: { reviewed: shortened(reviewed), fresh: shortened(fresh) } } : {};
}

const SHOWN_UNITS = 60;

function shortened(value: JsonValue | undefined): string {
  if (value === undefined) return "absent";
  const text =
    typeof value === "string" && value.startsWith("\0number ") ? value.slice(8) : JSON.stringify(value);
  return text.length <= SHOWN_UNITS ? text : `${text.slice(0, SHOWN_UNITS - 1).toWellFormed()}…`;
}

function join(path: string, step: string | number): string {
  const name = String(step);
  if (!/^[A-Za-z_][\w-]*$/.test(name)) return `${path}[${JSON.stringify(step)}]`;
  return path === "" ? name : `${path}.${name}`;
}

function textOfPath(path: string): string {
  const steps: (string | number)[] = JSON.parse(path);
  return steps.reduce<string>((text, step) => join(text, step), "");
}

/** What is known of a difference when it is printed. `described`: of the elements that changed, as many as were read again. */
export type Difference = DifferingElements & { described: ElementDifference[] };

/**
 * A difference as lines of text, at most `most` elements of each kind; what is left out is counted. Foreign text: it goes
 * through the job log's sanitiser, or into a fence.
 */
export function differenceLines(difference: Difference, most = 20): string[] {
  const { onlyReviewed, onlyNew, changed, described } = difference;
  const list = (title: string, keys: string[], lines: string[]): string[] =>
    keys.length === 0 ? [] : [`${title} (${keys.length}):`, ...lines, ...moreThan(keys.length, most)];
  const names = (keys: string[]) => keys.slice(0, most).map((key) => `  ${subjectOf(key)}`);
  const byKey = new Map(described.map((element) => [element.key, element]));
  const details = changed
    .slice(0, most)
    .flatMap((key) => [`  ${subjectOf(key)}`, ...detailLines(byKey, key)]);
  return [
    ...list("Only in the reviewed plan", onlyReviewed, names(onlyReviewed)),
    ...list("Only in the new plan", onlyNew, names(onlyNew)),
    ...list("Planned differently", changed, details),
  ];
}

function detailLines(byKey: ReadonlyMap<string, ElementDifference>, key: string): string[] {
  const element = byKey.get(key);
  if (element === undefined) return [];
  const lines = element.attributes.map(({ path, values }) =>
    values === undefined ? `    ${path}` : `    ${path}: ${values.reviewed} → ${values.fresh}`,
  );
  return element.more === 0 ? lines : [...lines, `    and ${element.more} more`];
}

function moreThan(count: number, most: number): string[] {
  return count > most ? [`  and ${count - most} more`] : [];
}
