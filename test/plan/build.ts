import type { JsonValue } from "../../src/json.ts";
import type { Plan } from "../../src/plan/model.ts";
import { readPlan } from "../../src/plan/read.ts";

type Json = { [key: string]: JsonValue };

/** One entry of `resource_changes`, an update of `example_thing.a` unless said otherwise. */
export function resource(change: Json, rest: Json = {}): Json {
  return {
    address: "example_thing.a",
    mode: "managed",
    type: "example_thing",
    name: "a",
    provider_name: "registry.opentofu.org/example/example",
    change: { actions: ["update"], before: null, after: null, after_unknown: {}, ...change },
    ...rest,
  };
}

/** A plain plan of these resources. */
export function planOf(resources: Json[], rest: Json = {}): Plan {
  return readPlan("plain", { format_version: "1.2", resource_changes: resources, ...rest });
}

/** The same with the schema of `example_thing`. */
export function planWithSchema(block: Json, resources: Json[]): Plan {
  const schemas = {
    "registry.opentofu.org/example/example": { resource_schemas: { example_thing: { block } } },
  };
  return readPlan("redacted", {
    plan_format_version: "1.2",
    resource_changes: resources,
    provider_schemas: schemas,
  });
}
