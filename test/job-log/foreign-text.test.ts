import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inertLine, LINE_LIMIT, logLine, plainText, splitLines } from "../../src/foreign-text.ts";
import { commandOf, readLines } from "./runner.ts";

const ESC = "\u001b";

describe("the oracle agrees with the runner's own class, compiled and fed these lines", () => {
  test.each([
    [" ::error::x", "error"],
    ["\u0085::error::x", "error"],
    ["\u00a0::error::x", "error"],
    ["\u2028::error::x", "error"],
    ["::ERROR::x", "error"],
    ["::add-mask::x", "add-mask"],
    ["anything ##[error]x", "error"],
    ["2026-01-01T00:00:00Z ##[add-mask]s", "add-mask"],
    [`${ESC}[31m##[error]x`, "error"],
    ["###[error]x", "error"],
    ["::set-output name=a::b", "set-output"],
    ["| ::error::x", undefined],
    [`${ESC}[31m::error::x`, undefined],
    ["\ufeff::error::x", undefined],
    ["::error", undefined],
    ["::unheard-of::x", undefined],
    ["##[error", undefined],
    ["## [error]x", undefined],
  ])("%j → %s", (line, expected) => expect(commandOf(line)).toBe(expected));

  test("a lone carriage return ends a line", () => {
    expect(readLines("a\r::error::b\r\nc\n")).toEqual(["a", "::error::b", "c"]);
  });
});

/** Pieces that commands, escape sequences and disguises are made of, drawn far more often than chance would. */
const piece = fc.constantFrom(
  "::",
  "::error::",
  "::add-mask::",
  "::stop-commands::t",
  "::set-output name=a::",
  "##[",
  "##",
  "#",
  "[",
  "]",
  "error]",
  "##[error]",
  "##[group]",
  "##[add-mask]",
  " ",
  "\t",
  "\r",
  "\n",
  "\r\n",
  "\u0085",
  "\u00a0",
  "\u2028",
  "\u2029",
  "\ufeff",
  "\u200b",
  "\u200d",
  "\u00ad",
  "\u034f",
  "\u061c",
  "\u180e",
  "\u2060",
  "\u202e",
  "\u2066",
  "\ufe0f",
  "\u{e0001}",
  "\u0000",
  "\u0007",
  "\b",
  "\v",
  "\f",
  ESC,
  `${ESC}[31m`,
  `${ESC}[m`,
  `${ESC}[2J`,
  `${ESC}[`,
  `${ESC}]0;t\u0007`,
  `${ESC}]8;;x${ESC}\\`,
  `${ESC}P`,
  `${ESC}c`,
  "\u009b31m",
  "é",
  "😀",
  "\ud83d",
  "a",
  "%0A",
  "terraform",
); // prettier-ignore
const record = fc.oneof(
  { weight: 5, arbitrary: fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join("")) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
);

describe("what is printed of foreign text", () => {
  test("holds no command, whatever the text: 200,000 records", () => {
    let commandsUnfiltered = 0;
    fc.assert(
      fc.property(record, (text) => {
        commandsUnfiltered += readLines(text).some((line) => commandOf(line) !== undefined) ? 1 : 0;
        const printed = `${splitLines(text).map(logLine).join("\n")}\n`;
        for (const line of readLines(printed)) {
          expect(line.startsWith("| ")).toBe(true);
          if (commandOf(line) !== undefined || commandOf(line, { passOver: true }) !== undefined)
            throw new Error(line);
        }
      }),
      { numRuns: 200_000 },
    );
    expect(commandsUnfiltered).toBeGreaterThan(20_000);
  });

  test("keeps no control, bidirectional or invisible character but tab and colours", () => {
    fc.assert(
      fc.property(record, (text) => {
        const line = splitLines(text).map(inertLine).join("");
        const rest = line.replaceAll(/\u001b\[[0-9;]*m/g, "");
        expect(rest).not.toMatch(/(?!\t)[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
      }),
      { numRuns: 20_000 },
    );
  });

  test.each([
    ["plain ASCII stays as it is", '  + resource "a" {', '  + resource "a" {'],
    ["colours stay", `${ESC}[1m${ESC}[32m+${ESC}[0m x`, `${ESC}[1m${ESC}[32m+${ESC}[0m x`],
    ["cursor movement goes", `a${ESC}[2K${ESC}[1Gb`, "ab"],
    ["a title sequence goes", `a${ESC}]0;evil\u0007b`, "ab"],
    ["a link sequence goes, its text stays", `${ESC}]8;;http://x${ESC}\\text${ESC}]8;;${ESC}\\`, "text"],
    ["a right-to-left override goes", "a\u202eb", "ab"],
    ["letters of any script stay", "naïve 日本語 😀 ключ", "naïve 日本語 😀 ключ"],
    ["an escape at the end goes", `a${ESC}`, "a"],
  ])("%s", (_, line, expected) => expect(inertLine(line)).toBe(expected));

  test("a long line is cut at the limit, between characters, and says so", () => {
    const line = inertLine("😀".repeat(LINE_LIMIT));
    expect(line.isWellFormed()).toBe(true);
    expect(line).toMatch(/ … \(\d+ more\)$/);
    expect(line.length).toBeLessThan(LINE_LIMIT + 30);
  });

  test("plain text has no colours either and keeps its lines", () => {
    expect(plainText(`${ESC}[31mError${ESC}[0m: a\r\nb\rc`)).toBe("Error: a\nb\nc");
  });
});
