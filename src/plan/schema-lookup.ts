import { firstSign, type JsonSource, membersOf, readValue, type Span, sizeOf } from "./json-members.ts";
import type { Member } from "./json-split.ts";
import type { BlockSchema, ResourceChange } from "./model.ts";
import { readSchema, schemaKey, schemaKinds } from "./read-schema.ts";

/** The schema of an object, `undefined` where the plan has none. */
export type SchemaLookup = (change: ResourceChange) => Promise<BlockSchema | undefined>;

/** JSON of schemas that is kept parsed: a provider has up to twenty MiB of them, a plan needs a few. */
const KEPT_BYTES = 8 * 1024 * 1024;

/**
 * Looks schemas up in `provider_schemas`, of which only those asked for are parsed; one that is larger than what is kept
 * counts as none, and its objects are rendered by their shape.
 */
export function openSchemas(source: JsonSource, span: Span | undefined): SchemaLookup {
  if (span === undefined) return async () => undefined;
  const kept = new Map<string, BlockSchema | undefined>();
  let keptBytes = 0;
  let places: Promise<ReadonlyMap<string, Span>> | undefined;
  return async ({ providerName, mode, type }) => {
    const key = schemaKey(providerName, mode, type);
    if (kept.has(key)) return kept.get(key);
    places ??= findSchemas(source, span);
    const place = (await places).get(key);
    const bytes = place === undefined ? 0 : sizeOf(place);
    const isRead = place !== undefined && bytes <= KEPT_BYTES;
    const schema = isRead ? readSchema(await readValue(source, place, "provider_schemas")) : undefined;
    keptBytes += isRead ? bytes : 0;
    if (keptBytes > KEPT_BYTES) {
      kept.clear();
      keptBytes = bytes;
    }
    kept.set(key, schema);
    return schema;
  };
}

async function findSchemas(source: JsonSource, span: Span): Promise<ReadonlyMap<string, Span>> {
  const places = new Map<string, Span>();
  for await (const provider of objectMembers(source, span)) {
    for await (const kind of objectMembers(source, provider)) {
      const mode = schemaKinds.find(([name]) => name === kind.key)?.[1];
      if (mode === undefined) continue;
      for await (const { key = "", start, end } of objectMembers(source, kind)) {
        places.set(schemaKey(provider.key ?? "", mode, key), { start, end });
      }
    }
  }
  return places;
}

/** The members of an object; anything else has none. */
async function* objectMembers(source: JsonSource, span: Span): AsyncGenerator<Member> {
  if ((await firstSign(source, span)) === "{") yield* membersOf(source, span);
}
