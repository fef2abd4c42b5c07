import { createHash } from "node:crypto";
import { ANY, STRING, text } from "../values.ts";
import { type FunctionTable, nullable, required, textOf } from "./arguments.ts";
import { jsonText, jsonValue } from "./json.ts";
import { FunctionError, type LanguageFunction } from "./signature.ts";

function ofText(change: (written: string) => string): LanguageFunction {
  return { parameters: [required("str", STRING)], apply: ([value]) => text(change(textOf(value))) };
}

function hash(algorithm: string, encoding: "hex" | "base64"): LanguageFunction {
  return ofText((written) => createHash(algorithm).update(written).digest(encoding));
}

/** Encodings and digests (opentofu internal/lang/funcs/encoding.go, crypto.go). */
export const ENCODING_FUNCTIONS: FunctionTable = {
  base64decode: ofText(fromBase64),
  base64encode: ofText((written) => Buffer.from(written).toString("base64")),
  base64sha256: hash("sha256", "base64"),
  base64sha512: hash("sha512", "base64"),
  jsondecode: { parameters: [required("str", STRING)], apply: ([value]) => jsonValue(textOf(value)) },
  jsonencode: {
    parameters: [nullable("val", ANY)],
    apply: ([value]) => text(value === undefined ? "" : jsonText(value)),
  },
  md5: hash("md5", "hex"),
  sha1: hash("sha1", "hex"),
  sha256: hash("sha256", "hex"),
  sha512: hash("sha512", "hex"),
  urldecode: ofText(fromUrl),
  urlencode: ofText((written) =>
    encodeURIComponent(written.toWellFormed())
      .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
      .replaceAll("%20", "+"),
  ),
};

function fromBase64(written: string): string {
  const bytes = Buffer.from(written, "base64");
  const compact = written.replace(/[\r\n]/g, "");
  if (bytes.toString("base64") !== compact) throw new FunctionError("failed to decode base64 data");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FunctionError("the result of decoding the provided string is not valid UTF-8");
  }
}

function fromUrl(written: string): string {
  try {
    return decodeURIComponent(written.replaceAll("+", " "));
  } catch {
    throw new FunctionError("failed to decode URL-encoded text");
  }
}
