import { Failure } from "../failure.ts";
import type { JsonValue } from "../json.ts";

/** What a number is replaced by when JavaScript cannot hold it: this and its text. */
const NUMBER_SIGN = "\0number ";
/** Any decimal of so many digits survives the way into a double and back. */
const EXACT_DIGITS = 15;
/** Text that may hold a number of more digits or with an exponent, or a string that begins as NUMBER_SIGN does. */
const MAY_BE_INEXACT = /\d[eE]|[\d.]{16}|"\\u0000/;

/**
 * Parses JSON such that different numbers stay different: OpenTofu's have 512 bits, of which JSON.parse keeps 53. A number
 * that a double may not hold becomes a string that no JSON text yields otherwise. Throws Failure("server") on what is no
 * JSON; the parser's own message would quote the text, which may be secret.
 */
export function parseExactly(text: string, where: string): JsonValue {
  try {
    const value: JsonValue = MAY_BE_INEXACT.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
    return value;
  } catch {
    throw new Failure(
      "server",
      `The structured plan that the server sent cannot be compared: ${where} is not JSON. Nothing was applied.`,
    );
  }
}

function keepExact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === "string" && value.startsWith("\0")) return `\0${value}`;
  if (typeof value !== "number") return value;
  // Where the parser does not tell the text (before Node 21), nothing can be said of the number.
  if (context?.source === undefined) throw new TypeError("The text of a number is not told.");
  return isExact(context.source) ? value : `${NUMBER_SIGN}${context.source}`;
}

function isExact(source: string): boolean {
  return /^-?[\d.]+$/.test(source) && source.replaceAll(/[-.]/g, "").length <= EXACT_DIGITS;
}
