import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import type { JsonValue } from "../../src/json.ts";
import { createSplitter, type Member } from "../../src/plan/json-split.ts";

/** The members of a text that comes in chunks of these sizes, each chunk overwritten once it is taken. */
function split(bytes: Buffer, sizes: number[]): Member[] {
  const splitter = createSplitter();
  const members: Member[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    const chunk = Uint8Array.from(bytes.subarray(at, at + size));
    members.push(...splitter.push(chunk));
    chunk.fill(0x22);
    at += size;
  }
  splitter.end();
  return members;
}

/** The value put together from members that are parsed one by one. */
function assemble(bytes: Buffer, sizes: number[]): JsonValue {
  const members = split(bytes, sizes).map(({ key, start, end }) => {
    const value: JsonValue = JSON.parse(bytes.subarray(start, end).toString());
    return { key, value };
  });
  if (bytes.toString().trimStart().startsWith("[")) return members.map(({ value }) => value);
  return Object.fromEntries(members.map(({ key, value }) => [key ?? "", value]));
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom('"', "\\", '\\"', "é\u2028", "]}", "{["),
);
/**
 * Keys, but for those of one character that JSON writes as an escape: the JSON.parse of Node 24 (V8) takes one of them
 * for another when objects of the same shape follow each other, and it is what the splitter is compared with.
 */
const key = text.filter((name) => !/^["\\\p{Cc}]$/u.test(name));
const value = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      text,
      fc.integer(),
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(key, tie("value"), { maxKeys: 5 }).map((object): JsonValue => ({ ...object })),
  ),
})).value;
const container = fc.oneof(
  fc.array(value, { maxLength: 6 }),
  fc.dictionary(key, value, { maxKeys: 6 }).map((object): JsonValue => ({ ...object })),
);

test("the members are those that JSON.parse finds, wherever chunks end", () => {
  fc.assert(
    fc.property(container, fc.constantFrom(undefined, 1, "\t", "\r\n "), sizes, (root, space, sizes) => {
      const json = JSON.stringify(root, undefined, space);
      expect(assemble(Buffer.from(json), sizes)).toEqual(JSON.parse(json));
    }),
    { numRuns: 1000 },
  );
});

test("of a damaged text either the splitter or the parser of a member says so, or it is what JSON.parse reads", () => {
  const damage = fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...'{}[]",:\\ 1xe'));
  fc.assert(
    fc.property(
      container,
      fc.array(damage, { minLength: 1, maxLength: 3 }),
      sizes,
      (root, damages, sizes) => {
        let json = JSON.stringify(root);
        for (const [place, removed, inserted] of damages) {
          const at = place % (json.length + 1);
          json = json.slice(0, at) + inserted + json.slice(at + removed);
        }
        const bytes = Buffer.from(json);
        let expected: JsonValue | undefined;
        try {
          expected = JSON.parse(bytes.toString());
        } catch {
          expect(() => assemble(bytes, sizes)).toThrow();
          return;
        }
        if (typeof expected === "object" && expected !== null)
          expect(assemble(bytes, sizes)).toEqual(expected);
        else expect(() => assemble(bytes, sizes)).toThrow(Failure);
      },
    ),
    { numRuns: 3000 },
  );
});

describe.each([1, 2, 3, 1000])("chunks of %i", (size) => {
  const places = (json: string) =>
    split(Buffer.from(json), [size]).map(({ key, start, end }) => [key, json.slice(start, end)]);

  test("places are those of the values, without the space around", () => {
    expect(places(' { "a" : 1 , "b\\u0041\\"" : [ 1 ] ,"":"x\\\\"\n} ')).toEqual([
      ["a", "1"],
      ['bA"', "[ 1 ]"],
      ["", '"x\\\\"'],
    ]);
    expect(places('[1,"]",{"a":[]}]')).toEqual([
      [undefined, "1"],
      [undefined, '"]"'],
      [undefined, '{"a":[]}'],
    ]);
    expect(places("{}")).toEqual([]);
  });

  test.each([
    ["", "ends before it is complete"],
    ["{", "ends before it is complete"],
    ['{"a":1', "ends before it is complete"],
    ['{"a":"1}', "ends before it is complete"],
    ["1", "is not JSON"],
    ["{}}", "is not JSON"],
    ["[1,]", "is not JSON"],
    ["[,1]", "is not JSON"],
    ["[1 2]", "is not JSON"],
    ['{"a" 1}', "is not JSON"],
    ['{"a":1,}', "is not JSON"],
    ["{a:1}", "is not JSON"],
    ['{"\\x":1}', "a key in it is not JSON"],
    [`${"[".repeat(201)}${"]".repeat(201)}`, "nests deeper than 200 levels"],
  ])("%j %s", (json, message) => {
    expect(() => split(Buffer.from(json), [size])).toThrow(Failure);
    expect(() => split(Buffer.from(json), [size])).toThrow(message);
  });

  test("two hundred levels are taken", () => {
    expect(places(`${"[".repeat(200)}${"]".repeat(200)}`)).toHaveLength(1);
  });
});
