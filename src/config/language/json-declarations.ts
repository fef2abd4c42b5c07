import { bodiesOf, bodyProperties } from "../json-configuration.ts";
import { type JsonNode, type JsonProperty, parseJson } from "../json-nodes.ts";
import type { Argument, DeclarationBlock, FileDeclarations } from "./native-declarations.ts";

/** The variables and local values that a file in JSON syntax declares. Throws a Failure where it is not JSON of that shape. */
export function jsonDeclarations(text: string, file: string): FileDeclarations {
  const properties = bodyProperties(parseJson(text, file));
  const blocks = properties.flatMap((property) => {
    if (property.name === "locals")
      return bodiesOf(property.value).map((body) => declaration("locals", property, body));
    return property.name === "variable" ? variables(property.value) : [];
  });
  return { blocks };
}

function variables(value: JsonNode): DeclarationBlock[] {
  return bodyProperties(value).flatMap((name) =>
    bodiesOf(name.value).map((body) => ({ ...declaration("variable", name, body), labels: [name.name] })),
  );
}

function declaration(type: DeclarationBlock["type"], header: JsonProperty, body: JsonNode): DeclarationBlock {
  return { type, labels: [], arguments: jsonArguments(body), position: header.position };
}

/** The properties of a body, those apart that are comments. */
export function jsonArguments(body: JsonNode): Argument[] {
  return bodyProperties(body)
    .filter(({ name }) => name !== "//")
    .map(({ name, value, position }) => ({ name, source: { syntax: "json", node: value }, position }));
}
