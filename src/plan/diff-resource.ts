import { diffBlock } from "./diff-block.ts";
import { builtInSchema, guessSchema } from "./guess-schema.ts";
import type { BlockSchema, Plan, ResourceChange } from "./model.ts";
import type { Node } from "./node.ts";
import { type Path, rootPair } from "./pair.ts";
import { schemaKey } from "./read-schema.ts";

/** Compares an object before and after, by its schema where the server sent it, else by its shape. */
export function diffResource(plan: Plan, resource: ResourceChange, relevant: Path[] | "all"): Node {
  const pair = rootPair(resource.action === "forget" ? asItIs(resource) : resource, relevant);
  const key = schemaKey(resource.providerName, resource.mode, resource.type);
  const schema = Object.hasOwn(plan.schemas, key) ? plan.schemas[key] : undefined;
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
