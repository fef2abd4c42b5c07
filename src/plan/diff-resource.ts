import { diffBlock } from "./diff-block.ts";
import { builtInSchema, guessSchema } from "./guess-schema.ts";
import type { BlockSchema, Plan, ResourceChange } from "./model.ts";
import type { Node } from "./node.ts";
import { type Path, rootPair } from "./pair.ts";
import { schemaKey } from "./read-schema.ts";

/** A change of an object, and its schema where the server sent it. */
export type Described = { resource: ResourceChange; schema: BlockSchema | undefined };

/** The change with the schema that the plan holds for it. */
export function describe(plan: Pick<Plan, "schemas">, resource: ResourceChange): Described {
  const key = schemaKey(resource.providerName, resource.mode, resource.type);
  return { resource, schema: Object.hasOwn(plan.schemas, key) ? plan.schemas[key] : undefined };
}

/** Compares an object before and after, by its schema where there is one, else by its shape. */
export function diffResource({ resource, schema }: Described, relevant: Path[] | "all"): Node {
  const pair = rootPair(resource.action === "forget" ? asItIs(resource) : resource, relevant);
  const declared = schema ?? builtInSchema(resource, pair);
  return declared === undefined
    ? diffBlock(pair, { schema: guessSchema(pair), emptyIsNull: true })
    : diffBlock(pair, { schema: declared, emptyIsNull: !isModern(declared) });
}

/** Nothing happens to an object that is forgotten: it is shown as it is. */
function asItIs(resource: ResourceChange): ResourceChange {
  return {
    ...resource,
    after: resource.before,
    afterSensitive: resource.beforeSensitive,
    afterUnknown: false,
  };
}

/** Nested attributes and dynamic types are of the newer SDK, which tells null from the empty string. */
function isModern({ attributes, blocks }: BlockSchema): boolean {
  return (
    Object.values(attributes).some(({ type, nested }) => nested !== undefined || type.kind === "dynamic") ||
    Object.values(blocks).some(({ block }) => isModern(block))
  );
}
