import type { JsonValue } from "../json.ts";
import { field, isObject, type JsonObject, text } from "./json-shape.ts";
import type { AttributeSchema, BlockSchema, Nesting, ValueType } from "./model.ts";

const dynamic: ValueType = { kind: "dynamic" };
const primitives = ["string", "number", "bool"];
const nestings: readonly Nesting[] = ["single", "list", "set", "map", "group"];

/** What a resource may look like by `provider name/mode/type`; the key of `Plan.schemas`. */
export function schemaKey(providerName: string, mode: "managed" | "data", type: string): string {
  return `${providerName}/${mode}/${type}`;
}

/** The members of a provider's schemas that describe resources. */
export const schemaKinds = [
  ["resource_schemas", "managed"],
  ["data_source_schemas", "data"],
] as const;

/** `provider_schemas` of `tofu providers schema -json`; what is not understood is left out and rendered by its shape. */
export function readSchemas(value: JsonValue | undefined): Record<string, BlockSchema> {
  const schemas: [string, BlockSchema][] = [];
  for (const [provider, body] of objectEntries(value)) {
    if (!isObject(body)) continue;
    for (const [kind, mode] of schemaKinds) {
      for (const [type, schema] of objectEntries(field(body, kind))) {
        const block = readSchema(schema);
        if (block !== undefined) schemas.push([schemaKey(provider, mode, type), block]);
      }
    }
  }
  return Object.fromEntries(schemas);
}

/** The schema of one type. */
export function readSchema(schema: JsonValue | undefined): BlockSchema | undefined {
  const block = isObject(schema) ? field(schema, "block") : undefined;
  return isObject(block) ? readBlock(block) : undefined;
}

function objectEntries(value: JsonValue | undefined): [string, JsonValue][] {
  return isObject(value) ? Object.entries(value) : [];
}

function readBlock(block: JsonObject): BlockSchema {
  const blocks: [string, { nesting: Nesting; block: BlockSchema }][] = [];
  for (const [name, value] of objectEntries(field(block, "block_types"))) {
    const nesting = isObject(value) ? readNesting(value) : undefined;
    const inner = isObject(value) ? (field(value, "block") ?? {}) : undefined;
    if (nesting !== undefined && isObject(inner)) blocks.push([name, { nesting, block: readBlock(inner) }]);
  }
  return { attributes: readAttributes(field(block, "attributes")), blocks: Object.fromEntries(blocks) };
}

function readAttributes(value: JsonValue | undefined): Record<string, AttributeSchema> {
  const attributes: [string, AttributeSchema][] = [];
  for (const [name, attribute] of objectEntries(value)) {
    if (isObject(attribute)) attributes.push([name, readAttribute(attribute)]);
  }
  return Object.fromEntries(attributes);
}

function readAttribute(attribute: JsonObject): AttributeSchema {
  const schema: AttributeSchema = { type: readValueType(field(attribute, "type")) };
  const nested = field(attribute, "nested_type");
  const nesting = isObject(nested) ? readNesting(nested) : undefined;
  if (isObject(nested) && nesting !== undefined) {
    schema.nested = { nesting, attributes: readAttributes(field(nested, "attributes")) };
  }
  if (field(attribute, "sensitive") === true) schema.sensitive = true;
  if (field(attribute, "write_only") === true) schema.writeOnly = true;
  return schema;
}

function readNesting(value: JsonObject): Nesting | undefined {
  const mode = text(value, "nesting_mode");
  return nestings.find((nesting) => nesting === mode);
}

/** A type as go-cty writes it in JSON: `"string"`, `["list","string"]`, `["object",{…}]`, `["tuple",[…]]`. */
export function readValueType(value: JsonValue | undefined): ValueType {
  if (typeof value === "string") return primitives.includes(value) ? { kind: "primitive" } : dynamic;
  if (!Array.isArray(value)) return dynamic;
  const [kind, inner] = value;
  if (kind === "list" || kind === "set" || kind === "map") return { kind, element: readValueType(inner) };
  if (kind === "object" && isObject(inner)) {
    const attributes = Object.entries(inner).map(([name, type]) => [name, readValueType(type)] as const);
    return { kind, attributes: Object.fromEntries(attributes) };
  }
  if (kind === "tuple" && Array.isArray(inner))
    return { kind, elements: inner.map((type) => readValueType(type)) };
  return dynamic;
}
