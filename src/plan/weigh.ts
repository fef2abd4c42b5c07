import type { JsonValue } from "../json.ts";

/**
 * How much work a value is to compare and print: about the number of its parts, those of a string being its lines or,
 * where it looks like JSON, the parts of that. Iterative, as the value may be long.
 */
export function weigh(root: JsonValue): number {
  let weight = 0;
  const pending: JsonValue[] = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    weight += 1;
    if (typeof value === "string") weight += weighString(value);
    else if (typeof value === "object" && value !== null) {
      for (const child of Object.values(value)) pending.push(child);
    }
  }
  return weight;
}

const LINE_FEED = 0x0a;
/** `,`, `[`, `{` */
const JSON_SIGNS = [0x2c, 0x5b, 0x7b];

function weighString(text: string): number {
  const isJson = text.startsWith("{") || text.startsWith("[");
  let weight = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === LINE_FEED || (isJson && JSON_SIGNS.includes(unit))) weight += 1;
  }
  return weight;
}
