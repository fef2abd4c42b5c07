import { plainText } from "../foreign-text.ts";
import { child, isObject, type JsonObject } from "./json-api.ts";

const longestQuote = 200;
const longestErrors = 1_000;

/**
 * Foreign text as a piece of one of our sentences: no tags, no control characters, one line, at most `longest` UTF-16
 * units, and none of the secrets (token, signed URLs) that a server might echo.
 */
export function quotable(text: string, secrets: Iterable<string>, longest = longestQuote): string {
  let plain = text;
  for (const secret of secrets) plain = plain.replaceAll(secret, "[secret]");
  plain = plainText(plain)
    .replace(/<(script|style)\b[\s\S]*?(<\/\1\s*>|$)/gi, " ")
    .replace(/<[^<>]*>/g, " ")
    .replace(/[<>\s]+/g, " ")
    .trim()
    .toWellFormed();
  return plain.length > longest ? `${plain.slice(0, longest - 1).toWellFormed()}…` : plain;
}

/** The errors of a JSON:API error document as one text: `title: detail; …`; empty where it holds none. */
export function errorTexts(document: JsonObject): string {
  const errors = child(document, "errors");
  const texts = (Array.isArray(errors) ? errors : []).map((error) => {
    if (typeof error === "string") return error;
    const parts = [child(error, "title"), child(error, "detail")].filter((part) => typeof part === "string");
    return [...new Set(parts)].filter((part) => part !== "").join(": ");
  });
  return [...new Set(texts)].filter((text) => text !== "").join("; ");
}

/**
 * What an error answer says, in one line: the errors of a JSON:API document, else the beginning of the text, of an
 * HTML page its title. Never throws, whatever the body is.
 */
export function answerText(
  body: { contentType: string | undefined; bytes: Uint8Array },
  secrets: Iterable<string>,
): string {
  const text = new TextDecoder().decode(body.bytes);
  const document = tryParse(text);
  if (document !== undefined) return quotable(errorTexts(document), secrets, longestErrors);
  if (!/html/i.test(body.contentType ?? "") && !/^\s*<(!doctype|html)/i.test(text))
    return quotable(text, secrets);
  const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? "";
  const shown = quotable(title, secrets);
  return shown === "" ? "an HTML page" : `an HTML page titled "${shown}"`;
}

function tryParse(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
