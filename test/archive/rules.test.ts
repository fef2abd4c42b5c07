import { describe, expect, test } from "vitest";
import { compileGlob } from "../../src/archive/glob.ts";
import { toRegularExpression } from "../../src/archive/regexp.ts";
import { evaluate, parseRules } from "../../src/archive/rules.ts";
import { Failure } from "../../src/failure.ts";

async function refusal(content: string | Buffer): Promise<Failure> {
  try {
    await parseRules(Buffer.from(content), "infra/.terraformignore");
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("was taken");
}

describe("what go-slug crashes on, drops or falls open on is refused with file, line and rule", () => {
  test.each([
    { name: "only blanks", content: "*.md\n  \t\nfoo", line: 2, text: 'the rule "  \\t" is only blanks' },
    { name: "only a no-break space", content: "\u00a0", line: 1, text: "is only blanks" },
    { name: "a lone !", content: "a\r\n\r\n!\r\n", line: 3, text: 'the rule "!" negates nothing' },
    { name: "! and blanks", content: " ! ", line: 1, text: 'the rule "!" negates nothing' },
    {
      name: "a class without end",
      content: "[a.txt",
      line: 1,
      text: 'the rule "[a.txt" is not a valid pattern',
    },
    {
      name: "a class out of order",
      content: "x\n[z-a]",
      line: 2,
      text: 'the rule "[z-a]" is not a valid pattern',
    },
    { name: "a group without end", content: "!a(b", line: 1, text: 'the rule "!a(b" is not a valid pattern' },
    { name: "a repeated repetition", content: "c++", line: 1, text: 'the rule "c++" is not a valid pattern' },
    {
      name: "an escape that is none",
      content: "\\y",
      line: 1,
      text: 'the rule "\\\\y" is not a valid pattern',
    },
    {
      name: "a line of 64 KiB",
      content: `a\n${"x".repeat(65536)}\n.env`,
      line: 2,
      text: "is longer than 64 KiB",
    },
    {
      name: "bytes that are not UTF-8",
      content: Buffer.from([0x61, 0xff, 10]),
      line: 1,
      text: "is not UTF-8",
    },
    {
      name: "a long regular expression",
      content: `[a]${"x".repeat(1023)}`,
      line: 1,
      text: "is a regular expression",
    },
  ])("$name", async ({ content, line, text }) => {
    const failure = await refusal(content);
    expect(failure.reason).toBe("archive");
    expect(failure.message).toContain(`infra/.terraformignore, line ${line}: `);
    expect(failure.message).toContain(text);
    expect(failure.position).toEqual({ file: "infra/.terraformignore", line });
  });

  test("a long rule is quoted in part only", async () => {
    const { message } = await refusal(`[${"x".repeat(500)}`);
    expect(message).toContain(`"[${"x".repeat(99)}…"`);
    expect(message.length).toBeLessThan(400);
    expect((await refusal(`[${"x".repeat(99)}`)).message).toContain(`"[${"x".repeat(99)}" is not`);
  });

  test("more than 1,000 rules", async () => {
    const lines = Array.from({ length: 1001 }, (_, index) => `f${index}`);
    expect(await refusal(lines.join("\n"))).toMatchObject({
      reason: "archive",
      message: "infra/.terraformignore has more than 1000 rules; merge some of them.",
    });
    await expect(parseRules(Buffer.from(lines.slice(1).join("\n")), "f")).resolves.toHaveLength(1003);
  });

  test("a file of more than 1 MiB", async () => {
    expect(await refusal("#\n".repeat(524289))).toMatchObject({
      reason: "archive",
      message: expect.stringContaining("is larger than 1024 KiB"),
    });
    await expect(parseRules(Buffer.from("#\n".repeat(524288)), "f")).resolves.toHaveLength(3);
  });
});

describe("what is taken", () => {
  test.each([
    {
      name: "comments may be long or not UTF-8",
      content: Buffer.concat([Buffer.from(`#${"x".repeat(70000)}\n#`), Buffer.from([0xff])]),
    },
    { name: "a line of 64 KiB less a byte", content: Buffer.from("x".repeat(65535)) },
    { name: "empty lines", content: Buffer.from("\n\r\n\n") },
    { name: "a regular expression of 1,024 characters", content: Buffer.from(`/[a]${"x".repeat(1021)}`) },
  ])("$name", async ({ content }) => {
    await expect(parseRules(content, "f")).resolves.toBeDefined();
  });

  test("lines are counted from 1, defaults have none", async () => {
    const rules = await parseRules(Buffer.from("# x\n\n!a\r\n b \n"), "f");
    expect(
      rules.map(({ text, line, negated, negationsAfter }) => [text, line, negated, negationsAfter]),
    ).toEqual([
      [".terraform/", undefined, false, true],
      ["!.terraform/modules/", undefined, true, true],
      [".git/", undefined, false, true],
      ["!a", 3, true, false],
      ["b", 4, false, false],
    ]);
  });

  test("a byte order mark counts in the first rule, but not at the start of an anchored pattern", async () => {
    const rules = await parseRules(Buffer.from("\uFEFF*.md\n/\uFEFFx\n"), "f");
    expect(evaluate(rules, "a.md").excluded).toBe(false);
    expect(evaluate(rules, "\uFEFFa.md").excluded).toBe(true);
    expect(evaluate(rules, "x").excluded).toBe(true);
  });
});

describe("wildcards", () => {
  test.each([
    { pattern: "**/a", yes: ["a", "x/a", "x/y/a"], no: ["xa", "a/", "a/x"] },
    { pattern: "a*b", yes: ["ab", "axxb", "abb"], no: ["a/b", "abc", "xab"] },
    { pattern: "*", yes: ["", "a", "é😀"], no: ["a/", "/"] },
    { pattern: "a**b", yes: ["ab", "ax/b", "a/b", "ax/y/b"], no: ["axb", "ax/yb"] },
    { pattern: "a***b", yes: ["ab", "axb", "ax/yb"], no: ["axc"] },
    { pattern: "a*****b", yes: ["ab", "a/b", "axb", "ax/yb"], no: ["axc"] },
    { pattern: "a*\\/**b", yes: ["a/b", "axx/b", "ax/y/b"], no: ["ab", "a/xb"] },
    { pattern: "***", yes: ["", "a", "a/b"], no: [] },
    { pattern: "*?", yes: ["a", "ab", "😀"], no: ["", "/", "a/"] },
    { pattern: "?", yes: ["é", "😀"], no: ["", "ab", "/"] },
    { pattern: "a.b$", yes: ["a.b$"], no: ["axb$", "a.b"] },
    { pattern: "\\*\\?", yes: ["*?"], no: ["ab"] },
    {
      pattern: `${"a*".repeat(40)}c`,
      yes: [`${"ab".repeat(40)}c`, `${"a".repeat(40)}c`],
      no: [`${"a".repeat(39)}c`, `${"a".repeat(41)}`],
    },
    {
      pattern: `${"x".repeat(31)}?y`,
      yes: [`${"x".repeat(32)}y`],
      no: [`${"x".repeat(31)}/y`, `${"x".repeat(31)}y`],
    },
    {
      pattern: `${"x".repeat(30)}****y`,
      yes: [`${"x".repeat(30)}y`, `${"x".repeat(30)}a/y`],
      no: [`${"x".repeat(30)}ay`],
    },
    { pattern: "a?", yes: ["a\uFFFF", "a\u{10000}"], no: ["a\uFFFFx"] },
    { pattern: "a/**/*b", yes: ["a/b", "a/x/yb"], no: ["a/x/b/y", "ab"] },
    // A matcher is used for many paths: nothing of one may be left for the next.
    { pattern: "a**b", yes: ["ax/b"], no: ["cxa/b"] },
    { pattern: `${"x".repeat(40)}*b`, yes: [`${"x".repeat(40)}b`], no: [`y${"x".repeat(40)}b`] },
    // States are kept 32 in a number.
    { pattern: "x".repeat(32), yes: ["x".repeat(32)], no: ["x".repeat(31), "x".repeat(33)] },
    { pattern: `${"x".repeat(32)}*y`, yes: [`${"x".repeat(32)}zy`], no: [`xz${"x".repeat(32)}y`] },
  ])("$pattern", ({ pattern, yes, no }) => {
    const matches = compileGlob(pattern) ?? (() => undefined);
    expect(yes.filter((path) => matches(path) !== true)).toEqual([]);
    expect(no.filter((path) => matches(path) !== false)).toEqual([]);
  });

  test.each(["a+", "(a)", "[a]", "{", "}", "^a", "a|b", "\\d", "a\\", "\\é", "\\\u0080"])(
    "%s needs a regular expression",
    (pattern) => {
      expect(compileGlob(pattern)).toBeUndefined();
    },
  );

  test.each([
    ["**/a.b$", "^(.*/)?a\\.b\\$$"],
    ["a/**", "^a/.*$"],
    ["**/", "^.*$"],
    ["a**b*?", "^a(.*/)?b[^/]*[^/]$"],
    ["\\.x\\*\\", "^\\.x\\*\\$"],
    ["[*]", "^[[^/]*]$"],
  ])("%s as a regular expression", (pattern, expression) => {
    expect(toRegularExpression(pattern)).toBe(expression);
  });

  // A backtracking matcher would need longer than the universe has existed for these.
  test.each([
    { pattern: `${"*a".repeat(1000)}*c`, path: `c${"a".repeat(4095)}` },
    { pattern: `${"**a".repeat(3000)}c`, path: `c/${"a/".repeat(2047)}` },
    { pattern: `${"*?".repeat(5000)}b`, path: "b".repeat(4096) },
    { pattern: `${"***/a".repeat(1700)}b`, path: `${"a/".repeat(2047)}b` },
  ])("10 KiB against 4 KiB: $pattern.length", ({ pattern, path }) => {
    expect(compileGlob(pattern)?.(path)).toBe(false);
  });
});
