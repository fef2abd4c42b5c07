import { Failure } from "../../../failure.ts";
import { type JsonNode, parseJson } from "../../json-nodes.ts";
import { formatNumber, parseNumber } from "../number.ts";
import { ANY, bool, nullOf, number, objectOf, text, tuple, type Value } from "../values.ts";
import { FunctionError } from "./signature.ts";

/** A value as JSON without spaces, in the characters that Go's encoder escapes, `<`, `>` and `&` among them. */
export function jsonText(value: Value): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "bool":
      return String(value.truth);
    case "number":
      return formatNumber(value.number);
    case "string":
      return quoted(value.text);
    case "sequence":
      return `[${value.items.map(jsonText).join(",")}]`;
    case "mapping":
      return `{${[...value.entries].map(([key, item]) => `${quoted(key)}:${jsonText(item)}`).join(",")}}`;
  }
}

function quoted(written: string): string {
  return JSON.stringify(written).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The value that JSON says: arrays are tuples, objects objects, numbers exact. */
export function jsonValue(written: string): Value {
  try {
    return valueIn(parseJson(written, "json"));
  } catch (error) {
    if (error instanceof Failure) throw new FunctionError("the text is not valid JSON");
    throw error;
  }
}

function valueIn(node: JsonNode): Value {
  switch (node.kind) {
    case "null":
      return nullOf(ANY);
    case "boolean":
      return bool(node.written === "true");
    case "number": {
      const parsed = parseNumber(node.written);
      if (parsed === undefined) throw new FunctionError("a number in the JSON text is too large");
      return number(parsed);
    }
    case "string":
      return text(node.text);
    case "array":
      return tuple(node.items.map(valueIn));
    case "object":
      return objectOf(node.properties.map(({ name, value }) => [name, valueIn(value)]));
  }
}
