import type { JsonValue } from "../json.ts";
import { isObject, type JsonObject, parseJson } from "./json-shape.ts";
import { createSplitter, type Member } from "./json-split.ts";

/** JSON text too large for memory. What `read` returns is good until the next call of it. */
export type JsonSource = {
  bytes: number;
  /** The bytes from `start` up to `end`. */
  read: (start: number, end: number) => Promise<Uint8Array>;
};

/** A value somewhere in a source. */
export type Span = { start: number; end: number };

const CHUNK_BYTES = 256 * 1024;

/** The members of the object or list at a place, one after the other. Throws Failure("server") as the splitter does. */
export async function* membersOf(source: JsonSource, span: Span): AsyncGenerator<Member> {
  const splitter = createSplitter(span.start);
  for (let at = span.start; at < span.end; at += CHUNK_BYTES) {
    yield* splitter.push(await source.read(at, Math.min(at + CHUNK_BYTES, span.end)));
  }
  splitter.end();
}

/** Parses the value at a place; `where` names it in errors. */
export async function readValue(source: JsonSource, span: Span, where: string): Promise<JsonValue> {
  return parseJson(await source.read(span.start, span.end), where);
}

export function sizeOf({ start, end }: Span): number {
  return end - start;
}

/** What opens the value at a place: `{`, `[`, or the first character of something else. */
export async function firstSign(source: JsonSource, { start }: Span): Promise<string> {
  const [byte = 0x20] = await source.read(start, start + 1);
  return String.fromCharCode(byte);
}

/**
 * The object at a place without what is large in it: members of up to `most` bytes are kept, and those of the member
 * `within`, if it is an object, are chosen likewise. Undefined where there is no object.
 */
export async function readOutline(
  source: JsonSource,
  span: Span,
  { most, within }: { most: number; within?: string },
): Promise<JsonObject | undefined> {
  if ((await firstSign(source, span)) !== "{") return undefined;
  const kept: [string, JsonValue][] = [];
  for await (const member of membersOf(source, span)) {
    const { key = "" } = member;
    if (sizeOf(member) <= most) kept.push([key, await readValue(source, member, key)]);
    else if (key === within) kept.push([key, (await readOutline(source, member, { most })) ?? null]);
  }
  const outline: JsonValue = Object.fromEntries(kept);
  return isObject(outline) ? outline : undefined;
}
