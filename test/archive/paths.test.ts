import { lstatSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openRegularFile, readInto } from "../../src/archive/file-content.ts";
import { createLeftOutCounter } from "../../src/archive/left-out.ts";
import { checkName, unreadable } from "../../src/archive/names.ts";
import { comparePaths, isInside, systemCode } from "../../src/archive/paths.ts";
import { checkUnchanged, watch } from "../../src/archive/watch.ts";
import { temporaryFolder } from "./tree.ts";

test("paths are ordered by their bytes in UTF-8", () => {
  const bordering = fc.constantFrom("a", "/", "\uD7FF", "\uE000", "\uFFFF", "\u{10000}", "\u{10FFFF}");
  const path = fc.string({ unit: bordering, maxLength: 4 });
  fc.assert(
    fc.property(path, path, (first, second) => {
      const bytes = Buffer.compare(Buffer.from(first), Buffer.from(second));
      expect(Math.sign(comparePaths(first, second))).toBe(bytes);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["/a", "/a", true],
  ["/a", "/a/b", true],
  ["/a", "/a/..b", true],
  ["/a", "/ab", false],
  ["/a/b", "/a", false],
  ["/a/b", "/a/c/b", false],
])("inside of %s is %s: %s", (directory, path, expected) => {
  expect(isInside(directory, path)).toBe(expected);
});

test("the code of an error", () => {
  expect(systemCode(Object.assign(new Error("x"), { code: "ENOENT" }))).toBe("ENOENT");
  for (const other of [
    new Error("x"),
    Object.assign(new Error("x"), { code: 5 }),
    { code: "ENOENT" },
    null,
  ]) {
    expect(systemCode(other)).toBe("unknown error");
  }
});

describe("names", () => {
  test.each(["a", "é\u00a0😀", "x".repeat(4095), `${"é".repeat(2047)}a`])("%.20s is taken", (name) => {
    expect(() => checkName(name)).not.toThrow();
  });

  test.each([
    ["a\nb", 'The name "a\\nb" holds control characters.'],
    ["\u007f", "holds control characters"],
    ["\u0085", "holds control characters"],
    ["a\uFFFD", 'The name "a\uFFFD" is not valid Unicode.'],
    ["a\uD800", 'The name "a\\ud800" is not valid Unicode.'],
    ["x".repeat(4096), `The path "${"x".repeat(200)}…" is longer than 4095 bytes.`],
    ["é".repeat(2048), "is longer than 4095 bytes."],
    ["\u4e00".repeat(1366), "is longer than 4095 bytes."],
    [`\n${"x".repeat(199)}`, `The name "\\n${"x".repeat(199)}" holds`],
  ])("%.20j is refused", (name, text) => {
    expect(() => checkName(name)).toThrow(text);
    expect(() => checkName(name)).toThrow(expect.objectContaining({ reason: "archive" }));
  });

  test.each([
    ["ENOENT", '"x" vanished while the archive was made'],
    ["ENAMETOOLONG", '"x" has a path that is too long to be read'],
    ["EACCES", '"x" cannot be read (EACCES)'],
  ])("what cannot be read for %s", (code, text) => {
    const cause = Object.assign(new Error("x"), { code });
    const failure = unreadable('"x"', cause);
    expect(failure).toMatchObject({ reason: "archive", cause, message: expect.stringContaining(text) });
  });
});

test("a place changes when any of what tells it from another one does", () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "x");
  const { stat } = watch(path);
  const withStat = (change: object) => Object.assign(lstatSync(path, { bigint: true }), change);
  expect(() => checkUnchanged([{ path, stat }], "/")).not.toThrow();
  for (const key of ["ino", "dev", "ctimeNs", "mtimeNs"] as const) {
    const watched = [{ path, stat: withStat({ [key]: stat[key] + 1n }) }];
    expect(() => checkUnchanged(watched, path)).toThrow('"file" changed while the archive was made');
  }
});

test("a file changes when its size or one of its times does", () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "x");
  const bytes = Buffer.alloc(10);
  const sink = { put: () => 0, space: () => bytes, advance: () => undefined, isFull: () => false };
  const read = (change: object) => {
    const open = openRegularFile(path, "file");
    Object.assign(open.stat, change);
    return [...readInto(open, sink, () => undefined)];
  };
  expect(() => read({})).not.toThrow();
  const { ctimeMs, mtimeMs } = statSync(path);
  for (const change of [{ size: 0 }, { ctimeMs: ctimeMs + 1 }, { mtimeMs: mtimeMs + 1 }]) {
    expect(() => read(change)).toThrow('"file" changed while it was being read');
  }
});

test("what is left out is counted by rule and line", () => {
  const counter = createLeftOutCounter();
  counter.add({ label: "a", line: 1 }, false);
  counter.add({ label: "a", line: 2 }, true);
  counter.add({ label: "b", line: 1 }, false);
  counter.add({ label: "a", line: undefined }, true);
  counter.add({ label: "a", line: 1 }, true);
  expect(counter.list()).toEqual([
    { rule: "a", line: 1, files: 1, directories: 1 },
    { rule: "a", line: 2, files: 0, directories: 1 },
    { rule: "b", line: 1, files: 1, directories: 0 },
    { rule: "a", line: undefined, files: 0, directories: 1 },
  ]);
});
