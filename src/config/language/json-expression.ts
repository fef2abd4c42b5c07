import type { SourcePosition } from "../../failure.ts";
import type { JsonNode } from "../json-nodes.ts";
import { configurationFailure } from "../syntax.ts";
import type { Expression, ObjectEntry } from "./expression.ts";
import { parseNumber } from "./number.ts";
import { ANY, bool, nullOf, number, text } from "./values.ts";

/**
 * A JSON value as an expression. Strings and property names are templates, which `readTemplate` parses, or, where nothing may be
 * referred to, taken as they are (the HCL JSON specification, hashicorp/hcl json/spec.md).
 */
export function jsonExpression(
  node: JsonNode,
  readTemplate: (text: string, position: SourcePosition) => Expression,
): Expression {
  const { position } = node;
  switch (node.kind) {
    case "null":
      return { kind: "literal", value: nullOf(ANY), position };
    case "boolean":
      return { kind: "literal", value: bool(node.written === "true"), position };
    case "number":
      return { kind: "literal", value: numberValue(node.written, position), position };
    case "string":
      return readTemplate(node.text, position);
    case "array":
      return { kind: "tuple", items: node.items.map((item) => jsonExpression(item, readTemplate)), position };
    case "object":
      return { kind: "object", entries: entriesOf(node, readTemplate), position };
  }
}

/** For strings that are no templates. */
export function plainText(written: string, position: SourcePosition): Expression {
  return { kind: "literal", value: text(written), position };
}

function numberValue(written: string, position: SourcePosition): ReturnType<typeof number> {
  const parsed = parseNumber(written);
  if (parsed !== undefined) return number(parsed);
  throw configurationFailure({
    summary: "Invalid number",
    detail: `The number ${written.slice(0, 40)} is too large.`,
    position,
  });
}

type JsonObject = Extract<JsonNode, { kind: "object" }>;

function entriesOf(
  { properties }: JsonObject,
  readTemplate: Parameters<typeof jsonExpression>[1],
): ObjectEntry[] {
  const seen = new Set<string>();
  return properties.map(({ name, value, position }) => {
    if (seen.has(name)) {
      const detail = `An attribute named ${JSON.stringify(name)} was already set in this object.`;
      throw configurationFailure({
        summary: "Duplicate object attribute",
        detail,
        position,
        remedy: "Remove one of the two.",
      });
    }
    seen.add(name);
    return { key: readTemplate(name, position), value: jsonExpression(value, readTemplate) };
  });
}
