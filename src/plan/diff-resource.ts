import { diffBlock } from "./diff-block.ts";
import { guessSchema } from "./guess-schema.ts";
import type { Plan, ResourceChange } from "./model.ts";
import type { Node } from "./node.ts";
import { type Path, rootPair } from "./pair.ts";
import { schemaKey } from "./read-schema.ts";

/** Compares an object before and after, by its schema where the server sent it, else by its shape. */
export function diffResource(plan: Plan, resource: ResourceChange, relevant: Path[] | "all"): Node {
  const pair = rootPair(resource.action === "forget" ? asItIs(resource) : resource, relevant);
  const key = schemaKey(resource.providerName, resource.mode, resource.type);
  const schema = Object.hasOwn(plan.schemas, key) ? plan.schemas[key] : undefined;
  return diffBlock(pair, schema ?? guessSchema(resource, pair));
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
