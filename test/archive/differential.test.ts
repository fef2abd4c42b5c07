import { rmSync } from "node:fs";
import { dirname } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { evaluate, parseRules, type Rule } from "../../src/archive/rules.ts";
import { Failure } from "../../src/failure.ts";
import { askGoSlug, buildGoSlug } from "./goslug.ts";

const RULE_FILES = 2000;
const PATHS_PER_FILE = 50;

const program = buildGoSlug();

afterAll(() => {
  if (program !== undefined) rmSync(dirname(program), { recursive: true });
});

const wildcards = ["*", "**", "?", "***", "**/", "/**/", "/*", "/**"];
const names = [
  "a",
  "b",
  "ab",
  "foo",
  ".git",
  ".terraform",
  "modules",
  "é",
  "😀",
  ".",
  "x$",
  " ",
  "\uFEFF",
  "-",
  "_",
  "A",
];
const escapes = [
  "\\*",
  "\\?",
  "\\.",
  "\\[",
  "\\d",
  "\\w",
  "\\b",
  "\\pL",
  "\\Q",
  "\\E",
  "\\",
  "\\a",
  "\\x61",
  "\\é",
  "\\/",
  "\\z",
  "\\1",
];
const operators = [
  "[ab]",
  "[^a]",
  "[!a]",
  "[a-c]",
  "[[:alpha:]]",
  "[",
  "]",
  "(",
  ")",
  "(a|b)",
  "a|b",
  "|",
  "+",
  "{2}",
  "{",
  "}",
  "^",
  "$",
  "{1,2}",
];

function pieces(...weighted: [number, string[]][]): fc.Arbitrary<string> {
  const choices = weighted.map(([weight, values]) => ({ weight, arbitrary: fc.constantFrom(...values) }));
  return fc.array(fc.oneof(...choices), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
}

const globRule = pieces([6, names], [4, wildcards], [3, ["/"]], [1, ["\\*", "\\?", "\\ "]]);
const anyRule = pieces([6, names], [4, wildcards], [3, ["/"]], [2, escapes], [3, operators]);
const line = fc
  .tuple(
    fc.constantFrom("", "", "", "!", "#", "  ", "/"),
    fc.oneof(globRule, globRule, anyRule),
    fc.constantFrom("", "", "/", " ", "\t"),
  )
  .map((parts) => parts.join(""));
const ruleFile = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n"));
const segment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "a",
      "b",
      "ab",
      "foo",
      ".git",
      ".terraform",
      "modules",
      "é",
      "aab",
      "x$",
      "*",
      "A",
      "1",
      "a.b",
    ),
  },
  { weight: 1, arbitrary: pieces([3, names], [1, ["*", "?", "[", "+", "|", "(", "c", "\\", "1"]]) },
);
const path = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.constantFrom("", "", "/"))
  .map(([segments, slash]) => segments.join("/") + slash);

async function ours(rules: string): Promise<Rule[] | undefined> {
  try {
    return await parseRules(Buffer.from(rules), ".terraformignore");
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/** The letter that goslug/main.go would answer; `theirs` decides where go-slug's own defaults carry over state. */
function letter(rules: Rule[], asked: string, theirs: string): string {
  const verdict = evaluate(rules, asked);
  if (!verdict.excluded) return "-";
  if (verdict.rule?.line === undefined && theirs !== "-") return theirs;
  return verdict.dominating ? "d" : "e";
}

describe.skipIf(program === undefined)("differential against go-slug", () => {
  test(`${RULE_FILES * PATHS_PER_FILE} pairs of rules and paths`, async () => {
    const seed = Number(process.env["FC_SEED"] ?? Date.now() % 2 ** 31);
    process.stderr.write(`differential against go-slug: FC_SEED=${seed}\n`);
    const questions = fc.sample(
      fc.record({
        rules: ruleFile,
        paths: fc.array(path, { minLength: PATHS_PER_FILE, maxLength: PATHS_PER_FILE }),
      }),
      { seed, numRuns: RULE_FILES },
    );
    const answers = askGoSlug(program ?? "", questions);
    let excluded = 0;
    for (const [index, { rules, paths }] of questions.entries()) {
      const theirs = answers[index] ?? "";
      const compiled = await ours(rules);
      const goRefuses = /[!?]/.test(theirs);
      expect({ rules, refused: compiled === undefined }).toEqual({ rules, refused: goRefuses });
      if (compiled === undefined) continue;
      const answered = paths.map((asked, at) => letter(compiled, asked, theirs[at] ?? "")).join("");
      if (answered !== theirs) expect({ rules, paths, answered }).toEqual({ rules, paths, answered: theirs });
      excluded += answered.replaceAll("-", "").length;
    }
    expect(excluded).toBeGreaterThan(RULE_FILES);
  });
});
