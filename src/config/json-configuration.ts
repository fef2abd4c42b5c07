import type { Failure } from "../failure.ts";
import { LiteralError, numberValue, unescapeTemplate } from "./hcl-literals.ts";
import { type JsonNode, type JsonProperty, parseJson } from "./json-nodes.ts";
import {
  type Attribute,
  type Block,
  type BlockBody,
  configurationFailure,
  isLiteral,
  type ParsedFile,
  place,
  syntaxFailure,
  type Value,
} from "./syntax.ts";

/**
 * Reads the `backend` and `cloud` blocks of a file in HCL's JSON syntax: any object that stands for a body may be an array
 * of objects, a property named `//` is a comment, and strings are templates (the HCL JSON specification, spec.md of hashicorp/hcl).
 * @throws Failure with the line where it is not JSON or not of that shape.
 */
export function parseJsonSyntax(text: string, file: string): ParsedFile {
  const bodies = named(bodyProperties(parseJson(text, file)), "terraform").flatMap((property) =>
    bodiesOf(property.value),
  );
  const properties = bodies.flatMap((body) => bodyProperties(body));
  return {
    blocks: properties.flatMap((property) =>
      property.name === "backend" ? backendBlocks(property) : cloudBlocks(property),
    ),
  };
}

/**
 * Reads a whole file in JSON syntax as the body of a `backend` or `cloud` block.
 * @throws Failure with the line where it is not JSON or not of that shape.
 */
export function parseJsonBody(text: string, file: string): BlockBody {
  return readBody(parseJson(text, file));
}

function backendBlocks(property: JsonProperty): Block[] {
  return bodyProperties(property.value).flatMap((type) =>
    bodiesOf(type.value).map((body) => readBlock({ ...property, value: body }, [type.name])),
  );
}

function cloudBlocks(property: JsonProperty): Block[] {
  if (property.name !== "cloud") return [];
  return bodiesOf(property.value).map((body) => readBlock({ ...property, value: body }, []));
}

function readBlock(header: JsonProperty, labels: string[]): Block {
  return { type: header.name, labels, ...readBody(header.value), position: header.position };
}

/** Only `workspaces` is a block in these schemas; every other property is an attribute. */
function readBody(body: JsonNode): BlockBody {
  const properties = bodyProperties(body);
  const nested = named(properties, "workspaces").flatMap((property) =>
    bodiesOf(property.value).map((body) => readBlock({ ...property, value: body }, [])),
  );
  const attributes = new Map<string, Attribute>();
  for (const { name, value: node, position } of properties) {
    if (name === "workspaces" || name === "//") continue;
    const earlier = attributes.get(name);
    if (earlier !== undefined) throw duplicate(earlier, position);
    const value = readValue(node);
    const source = { syntax: "json", node } as const;
    attributes.set(name, { name, value, position, ...(isLiteral(value) ? {} : { source }) });
  }
  return { attributes: [...attributes.values()], blocks: nested };
}

function duplicate(earlier: Attribute, position: Attribute["position"]): Failure {
  const detail = `The argument "${earlier.name}" was already set at ${place(earlier.position)}.`;
  return configurationFailure({
    summary: "Duplicate argument",
    detail,
    position,
    remedy: "Remove one of the two.",
  });
}

/** The bodies that a block property stands for: none for null, one for an object, one for each item of an array. */
export function bodiesOf(value: JsonNode): JsonNode[] {
  if (value.kind === "null") return [];
  return value.kind === "array" ? value.items : [value];
}

/** The properties of an object, or of all objects of an array, in order. */
export function bodyProperties(value: JsonNode): JsonProperty[] {
  if (value.kind === "null") return [];
  return (value.kind === "array" ? value.items : [value]).flatMap((item) => {
    if (item.kind === "object") return item.properties;
    throw configurationFailure({
      summary: "Incorrect JSON value type",
      detail: "Either a JSON object or a JSON array of objects is required here.",
      position: item.position,
    });
  });
}

function named(properties: JsonProperty[], name: string): JsonProperty[] {
  return properties.filter((property) => property.name === name);
}

function readValue(node: JsonNode): Value {
  switch (node.kind) {
    case "null":
      return { kind: "null" };
    case "boolean":
      return { kind: "text", text: node.written };
    case "number":
      return numberValue(node.written);
    case "string":
      return templateValue(node.text, node);
    case "array":
      return { kind: "list", items: node.items.map(readValue) };
    case "object":
      return {
        kind: "map",
        entries: node.properties.map(({ name, value }) => ({ key: name, value: readValue(value) })),
      };
  }
}

/** `${` and `%{` begin an expression unless the sign is doubled. */
function templateValue(text: string, node: JsonNode): Value {
  if (/[$%]\{/.test(text.replace(/\$\$\{|%%\{/g, ""))) return { kind: "expression" };
  try {
    return { kind: "text", text: unescapeTemplate(text) };
  } catch (error) {
    if (error instanceof LiteralError) throw syntaxFailure(`${error.message}.`, node.position);
    throw error;
  }
}
