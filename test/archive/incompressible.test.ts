import { createHash } from "node:crypto";
import { deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { looksIncompressible } from "../../src/archive/incompressible.ts";

const SIZE = 262_144;
const noise = createHash("shake256", { outputLength: SIZE }).update("seed").digest();
const words = Buffer.from(
  Array.from({ length: SIZE }, (_, at) => createHash("md5").update(`${at}`).digest("hex")).join("\n"),
);

describe("incompressible bytes", () => {
  test.each([
    { name: "noise", bytes: noise, expected: true },
    { name: "a gzip file", bytes: gzipSync(words), expected: true },
    { name: "noise of 64 KiB", bytes: noise.subarray(0, 65_536), expected: true },
    { name: "less of it", bytes: noise.subarray(0, 65_535), expected: false },
    { name: "hexadecimal text", bytes: words, expected: false },
    { name: "base64", bytes: Buffer.from(noise.toString("base64")), expected: false },
    { name: "zeros", bytes: Buffer.alloc(SIZE), expected: false },
    {
      name: "a counter",
      bytes: Buffer.from(Array.from({ length: SIZE }, (_, at) => at & 255)),
      expected: false,
    },
    {
      name: "a quarter of text",
      bytes: Buffer.concat([words.subarray(0, 65_536), noise.subarray(65_536)]),
      expected: false,
    },
  ])("$name: $expected", ({ bytes, expected }) => {
    expect(looksIncompressible(bytes)).toBe(expected);
    // What is stored would not have become smaller.
    if (expected) expect(deflateRawSync(bytes).length).toBeGreaterThan(bytes.length * 0.97);
  });
});
