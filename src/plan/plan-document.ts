import type { JsonValue } from "../json.ts";
import {
  firstSign,
  type JsonSource,
  membersOf,
  readOutline,
  readValue,
  type Span,
  sizeOf,
} from "./json-members.ts";
import { field, isObject, type JsonObject, unreadablePlan } from "./json-shape.ts";
import type { OutputChange, ResourceChange } from "./model.ts";
import {
  addRelevant,
  checkFormat,
  formatField,
  type PlanForm,
  type RelevantPaths,
  readOutput,
  readResourceChange,
  withRelevant,
} from "./read.ts";
import { openSchemas, type SchemaLookup } from "./schema-lookup.ts";
import { weigh } from "./weigh.ts";

/** A structured plan that is read piece by piece, as often as wanted. */
export type PlanDocument = {
  resources: () => AsyncGenerator<ResourceChange>;
  drift: () => AsyncGenerator<ResourceChange>;
  /** The names of all outputs, and how to read each. */
  outputs: () => Promise<{ name: string; read: () => Promise<OutputChange> }[]>;
  schemaOf: SchemaLookup;
};

/** A change of more bytes, or of more weight, is counted and named, its values are not shown. */
const MOST_BYTES = 4 * 1024 * 1024;
const MOST_WEIGHT = 50_000;
/** Fewer bytes cannot weigh too much. */
const LIGHT_BYTES = 2 * MOST_WEIGHT;
/** What is kept of such a change, member by member. */
const OUTLINE_BYTES = 64 * 1024;

type Parts = ReadonlyMap<string, Span>;

/**
 * Opens a structured plan in the form that `readPlan` takes, and reads what it reads. The parts are found in one pass,
 * whatever their order: the plan's size costs no memory, only that of its largest change does. Throws
 * Failure("server") on what is no plan, here or while the parts are read.
 */
export async function openPlan(form: PlanForm, source: JsonSource): Promise<PlanDocument> {
  const parts = new Map<string, Span>();
  for await (const { key, start, end } of membersOf(source, { start: 0, end: source.bytes })) {
    if (key === undefined) throw unreadablePlan("it", "is not a JSON object");
    parts.set(key, { start, end });
  }
  const versionPlace = parts.get(formatField[form]);
  const version = versionPlace && (await readValue(source, versionPlace, formatField[form]));
  checkFormat(version, { form, has: (part) => parts.has(part) });
  return {
    resources: () => readChanges(source, parts, "resource_changes"),
    drift: () => readDrift(source, parts),
    outputs: () => findOutputs(source, parts),
    schemaOf: openSchemas(source, parts.get("provider_schemas")),
  };
}

async function* readChanges(
  source: JsonSource,
  parts: Parts,
  part: "resource_changes" | "resource_drift",
): AsyncGenerator<ResourceChange> {
  let index = 0;
  for await (const element of elementsOf(source, parts, part)) {
    const where = `${part}[${index}]`;
    const outline = () => outlineOfResource(source, element);
    const { value, ...size } = await readLimited(source, element, { where, outline });
    const change = readResourceChange(value, where);
    if (change !== undefined) yield { ...change, ...size };
    index += 1;
  }
}

async function* readDrift(source: JsonSource, parts: Parts): AsyncGenerator<ResourceChange> {
  let relevant: RelevantPaths | undefined;
  for await (const change of readChanges(source, parts, "resource_drift")) {
    relevant ??= await readRelevant(source, parts);
    yield withRelevant(change, relevant);
  }
}

async function readRelevant(source: JsonSource, parts: Parts): Promise<RelevantPaths> {
  const relevant: RelevantPaths = new Map();
  for await (const element of elementsOf(source, parts, "relevant_attributes")) {
    addRelevant(relevant, await readValue(source, element, "relevant_attributes"));
  }
  return relevant;
}

/** The elements of a part that is a list; absent and null are an empty one. */
async function* elementsOf(source: JsonSource, parts: Parts, part: string): AsyncGenerator<Span> {
  const span = await openPart(source, parts, { part, sign: "[", kind: "a list" });
  if (span !== undefined) yield* membersOf(source, span);
}

type Expected = { part: string; sign: "[" | "{"; kind: string };

async function openPart(
  source: JsonSource,
  parts: Parts,
  { part, sign, kind }: Expected,
): Promise<Span | undefined> {
  const span = parts.get(part);
  const found = span && (await firstSign(source, span));
  if (span === undefined || found === sign) return span;
  const isNull = found === "n" && sizeOf(span) === 4 && (await readValue(source, span, part)) === null;
  if (!isNull) throw unreadablePlan(part, `is not ${kind}`);
  return undefined;
}

async function findOutputs(source: JsonSource, parts: Parts) {
  const expected: Expected = { part: "output_changes", sign: "{", kind: "an object" };
  const span = await openPart(source, parts, expected);
  if (span === undefined) return [];
  const places = new Map<string, Span>();
  for await (const { key = "", start, end } of membersOf(source, span)) places.set(key, { start, end });
  return [...places].map(([name, place]) => ({ name, read: () => readOutputAt(source, name, place) }));
}

async function readOutputAt(source: JsonSource, name: string, place: Span): Promise<OutputChange> {
  const outline = () => outlineOfOutput(source, place);
  const { value, ...size } = await readLimited(source, place, { where: "output_changes", outline });
  return { ...readOutput(name, value), ...size };
}

type Limited = { value: JsonValue; tooLarge?: number };

/** The value at a place, or what `outline` makes of it where it is too large. */
async function readLimited(
  source: JsonSource,
  place: Span,
  { where, outline }: { where: string; outline: () => Promise<JsonValue> },
): Promise<Limited> {
  const bytes = sizeOf(place);
  if (bytes > MOST_BYTES) return { value: await outline(), tooLarge: bytes };
  const value = await readValue(source, place, where);
  const isTooHeavy = bytes > LIGHT_BYTES && weigh(value) > MOST_WEIGHT;
  return isTooHeavy ? { value: await outline(), tooLarge: bytes } : { value };
}

/** A resource change whose values are too large. */
async function outlineOfResource(source: JsonSource, place: Span): Promise<JsonValue> {
  const outline = await readOutline(source, place, { most: OUTLINE_BYTES, within: "change" });
  const change = outline && field(outline, "change");
  return isObject(change) ? { ...outline, change: withoutValues(change) } : (outline ?? null);
}

async function outlineOfOutput(source: JsonSource, place: Span): Promise<JsonValue> {
  const outline = await readOutline(source, place, { most: OUTLINE_BYTES });
  return outline === undefined ? null : withoutValues(outline);
}

/** What is left of a change would mirror values that are not there. */
function withoutValues(change: JsonObject): JsonObject {
  const kept = ["actions", "importing", "generated_config", "replace_paths"];
  return Object.fromEntries(kept.map((key) => [key, field(change, key) ?? null]));
}
