// biome-ignore-all lint/suspicious/noTemplateCurlyInString: interpolations of HCL are the subject here
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseNativeSyntax } from "../../src/config/hcl-blocks.ts";
import type { Value } from "../../src/config/syntax.ts";
import { failureOf } from "./module.ts";

/** The value of `x` when it is written like this in a cloud block. */
async function literal(expression: string): Promise<Value | undefined> {
  const { blocks } = await parseNativeSyntax(
    `terraform {\n  cloud {\n    x = ${expression}\n  }\n}\n`,
    "main.tf",
  );
  return blocks[0]?.attributes[0]?.value;
}

const text = (value: string): Value => ({ kind: "text", text: value });

describe("values", () => {
  test.each<[string, string]>([
    ['"app.example.com"', "app.example.com"],
    ['""', ""],
    ['"a\\n\\r\\t\\"\\\\b"', 'a\n\r\t"\\b'],
    ['"\\u00e9\\U0001F600"', "é😀"],
    ['"$${a} %%{b} $5 100% $$ %% {}"', "${a} %{b} $5 100% $$ %% {}"],
    ['"# no // comment /* at all */"', "# no // comment /* at all */"],
    ['"e\u0301"', "é"],
    ['("a")', "a"],
    ['(("a"))', "a"],
    ['/* before */ "a" # after', "a"],
    ["12", "12"],
    ["007", "7"],
    ["true", "true"],
    ["<<EOT\n    a\n      b\nEOT", "    a\n      b\n"],
    ["<<-EOT\n    a\n      b\\n\n\n    EOT", "a\n  b\\n\n\n"],
    ["<<-EOT\n\t$${a}\n\tEOT", "${a}\n"],
    ["<<EOT\nEOT", ""],
  ])("%s is a literal", async (expression, expected) => {
    expect(await literal(expression)).toEqual(text(expected));
  });

  test.each([
    "var.x",
    "local.x",
    'upper("x")',
    '"a-${var.x}"',
    '"${"a"}"',
    '"%{ if true }a%{ endif }"',
    "<<EOT\n${var.x}\nEOT",
    'true ? "a" : "b"',
    '"a" == "b"',
    '["a"][0]',
    '{ a = "b" }.a',
    "-1",
    "!true",
    "1.5",
    "0x10",
    '[for x in ["a"] : x]',
    "terraform.workspace",
    `${"(".repeat(60)}"a"${")".repeat(60)}`,
  ])("%s is an expression", async (expression) => {
    expect(await literal(expression)).toEqual({ kind: "expression" });
  });

  test.each<[string, Value]>([
    ["null", { kind: "null" }],
    ["[]", { kind: "list", items: [] }],
    ['["a", var.x, # c\n "b",]', { kind: "list", items: [text("a"), { kind: "expression" }, text("b")] }],
    ["{}", { kind: "map", entries: [] }],
    [
      '{ a = "b", "c" : 1 }',
      {
        kind: "map",
        entries: [
          { key: "a", value: text("b") },
          { key: "c", value: text("1") },
        ],
      },
    ],
  ])("%s", async (expression, expected) => {
    expect(await literal(expression)).toEqual(expected);
  });

  test.each([
    ['"a\nb"', "newline"],
    ['"a\\ud800"', "not a valid escape sequence"],
    ['"a\\U00110000"', "not a valid escape sequence"],
    ['"a\ufffd"', "not valid UTF-8"],
    ['"a\\q"', "main.tf:3:10"],
    ['"a\\u12"', "main.tf:3:10"],
  ])("%j is refused with its place", async (expression, expected) => {
    const failure = await failureOf(() => literal(expression));
    expect(failure.reason).toBe("configuration");
    expect(failure.message).toContain("(main.tf:3:");
    expect(failure.message).toContain(expected);
    expect(failure.position).toMatchObject({ file: "main.tf", line: 3 });
  });

  test("every string survives being written as HCL and read back", async () => {
    const written = (value: string) =>
      JSON.stringify(value)
        .replace(/\\./g, (c) => (c === "\\b" ? "\\u0008" : c === "\\f" ? "\\u000c" : c))
        .replace(/[$%](?=\{)/g, "$&$&");
    await fc.assert(
      fc.asyncProperty(
        fc.string({
          unit: fc.oneof(
            fc.constantFrom(...'"\\$%{}#/*\n\té<-'),
            fc.string({ unit: "grapheme", maxLength: 1 }),
          ),
        }),
        async (value) => {
          fc.pre(
            !value.includes("\ufffd") &&
              value.isWellFormed() &&
              !/[$%]{2}\{/.test(value) &&
              !value.includes("\0"),
          );
          expect(await literal(written(value))).toEqual(text(value.normalize("NFC")));
        },
      ),
      { numRuns: 500 },
    );
  });
});

const SOUND = 'terraform {\n  cloud {\n    organization = "acme"\n  }\n}\n';
const lineOf = async (source: string) =>
  (await parseNativeSyntax(source, "main.tf")).blocks[0]?.position.line;

describe("blocks", () => {
  test("a block with labels, attributes, nested blocks and positions", async () => {
    const source =
      '# é😀\nterraform {\n  backend "remote" {\n    organization = "acme"\n    workspaces { name = "net" }\n  }\n}\n';
    expect(await parseNativeSyntax(source, "infra/main.tf")).toEqual({
      blocks: [
        {
          type: "backend",
          labels: ["remote"],
          position: { file: "infra/main.tf", line: 3, column: 3, endLine: 6 },
          attributes: [
            {
              name: "organization",
              value: text("acme"),
              position: { file: "infra/main.tf", line: 4, column: 5, endLine: 4 },
            },
          ],
          blocks: [
            {
              type: "workspaces",
              labels: [],
              blocks: [],
              position: { file: "infra/main.tf", line: 5, column: 5, endLine: 5 },
              attributes: [
                {
                  name: "name",
                  value: text("net"),
                  position: { file: "infra/main.tf", line: 5, column: 18, endLine: 5 },
                },
              ],
            },
          ],
        },
      ],
    });
  });

  test.each([
    ["a label without quotes", "terraform {\n backend remote {}\n}", [["remote"]]],
    [
      "several terraform blocks",
      'terraform {\n backend "a" {}\n}\nterraform {\n backend "b" {}\n}',
      [["a"], ["b"]],
    ],
    ["a comment", '# terraform {\n/* terraform {\n backend "a" {}\n} */\n', []],
    ["a string", 'x = <<EOT\nterraform {\n backend "a" {}\n}\nEOT\n', []],
    ["a block that is not at the top", 'locals {\n terraform {\n backend "a" {}\n }\n}', []],
    [
      "other blocks of terraform",
      'terraform {\n required_providers {\n cloud = { source = "a/cloud" }\n }\n}',
      [],
    ],
    ["nothing", "", []],
    ["only a comment", "# cloud", []],
    ["Windows line ends", 'terraform {\r\n  backend "a" {\r\n  }\r\n}\r\n', [["a"]]],
  ])("%s", async (_, source, labels) => {
    const parsed = await parseNativeSyntax(source, "main.tf");
    expect(parsed.blocks.map((block) => block.labels)).toEqual(labels);
    expect(parsed.syntaxError).toBeUndefined();
  });

  test("an attribute that is set twice is refused, naming both lines", async () => {
    const failure = await failureOf(() =>
      parseNativeSyntax('terraform {\n cloud {\n  hostname = "a"\n  hostname = "b"\n }\n}', "main.tf"),
    );
    expect(failure.message).toMatch(
      /^Attribute redefined \(main\.tf:4\): .*"hostname" was already set at main\.tf:3\./,
    );
  });
});

describe("syntax errors", () => {
  test.each([
    ["before", `resource "a" "b" {\n  x = = 1\n}\n${SOUND}`, 5],
    ["after", `${SOUND}resource "a" "b" {\n  x = = 1\n}\n`, 2],
    ["an unclosed block before", `resource "a" "b" {\n  x = 1\n\n${SOUND}`, 5],
    ["an unclosed block after", `${SOUND}resource "a" "b" {\n  x = 1\n`, 2],
    ["an unclosed string before", `variable "x" {\n  default = "abc\n}\n${SOUND}`, 5],
    ["an unclosed heredoc after", `${SOUND}x = <<EOT\nabc\n`, 2],
    ["NUL bytes before", `x = "\0"\n\0\n${SOUND}`, 4],
    ["an unclosed interpolation after", `${SOUND}x = "\${`, 2],
    [
      "a broken terraform block of another purpose",
      `terraform {\n  required_version = = 1\n}\n${SOUND.replace("terraform", " terraform")}`,
      undefined,
    ],
  ])("%s do not matter", async (_, source, line) => {
    if (line !== undefined) expect(await lineOf(source)).toBe(line);
    else expect((await failureOf(() => lineOf(source))).message).toContain("main.tf:2:");
  });

  test("one that does not matter is returned with its place", async () => {
    const { syntaxError } = await parseNativeSyntax(`x = ]\n${SOUND}`, "main.tf");
    expect(syntaxError?.message).toContain("Invalid syntax (main.tf:1:");
  });

  test.each([
    [
      "an attribute without value",
      "terraform {\n  cloud {\n    hostname =\n    organization = 1\n  }\n}\n",
      "main.tf:3:14",
    ],
    ["an unclosed terraform block", 'terraform {\n  cloud {\n    hostname = "a"\n  }\n', "main.tf:5:1"],
    [
      "an unclosed string",
      'terraform {\n  cloud {\n    hostname = "a\n    organization = "b"\n  }\n}\n',
      "main.tf:3:16",
    ],
    ["two values", 'terraform {\n  cloud {\n    hostname = "a" "b"\n  }\n}\n', "main.tf:3:"],
    [
      "a broken neighbour inside of terraform",
      "terraform {\n  required_version = = 1\n  cloud {}\n}\n",
      "main.tf:2:",
    ],
  ])("%s in the block is an error with its place", async (_, source, place) => {
    const failure = await failureOf(() => parseNativeSyntax(source, "main.tf"));
    expect(failure.reason).toBe("configuration");
    expect(failure.message).toContain(`Invalid syntax (${place}`);
    expect(failure.position?.file).toBe("main.tf");
  });
});

describe("hostile files", () => {
  const MIB = 1024 * 1024;

  test.each([
    ["a large sound file", `${'variable "x" {\n  default = [1, 2]\n}\n'.repeat(MIB / 64)}${SOUND}`],
    ["braces", `${SOUND}${"{".repeat(MIB / 4)}`],
    ["nested blocks", `${SOUND}${"a {\n".repeat(MIB / 16)}`],
    ["nested brackets", `${SOUND}a = ${"[".repeat(MIB / 4)}`],
    ["closing braces", `${SOUND}${"}".repeat(MIB / 4)}`],
    ["quotes", `${SOUND}${'"'.repeat(MIB / 8)}`],
    ["interpolations", `${SOUND}a = "${'${"'.repeat(MIB / 16)}`],
    ["NUL bytes", `${SOUND}${"\0".repeat(MIB)}`],
  ])("%s after the block do not hide it", async (_, source) => {
    expect((await parseNativeSyntax(source, "main.tf")).blocks).toHaveLength(1);
  });

  test.each([
    [
      "nested blocks in the block",
      `terraform {\ncloud {\n${"a {\n".repeat(20_000)}${"}\n".repeat(20_000)}}\n}\n`,
    ],
    [
      "nested lists in the block",
      `terraform {\ncloud {\na = ${"[".repeat(20_000)}${"]".repeat(20_000)}\n}\n}\n`,
    ],
  ])("%s do not exhaust the stack", async (_, source) => {
    expect((await parseNativeSyntax(source, "main.tf")).blocks).toHaveLength(1);
  });

  test("many broken terraform blocks are given up with a place", async () => {
    const failure = await failureOf(() =>
      parseNativeSyntax(`x = ]\n${"terraform {\n".repeat(1000)}cloud`, "main.tf"),
    );
    expect(failure.message).toContain("Invalid syntax (main.tf:1:");
  });

  test("whatever the text, the answer is blocks or a Failure with a place", async () => {
    const token = fc.constantFrom(
      "terraform",
      "cloud",
      "backend",
      '"remote"',
      "{",
      "}",
      "=",
      "\n",
      " ",
      '"',
      "${",
      "<<EOT\n",
      "EOT\n",
      "/*",
      "*/",
      "#",
      "\0",
      "\ufeff",
      "é",
      "[",
      "]",
      "x",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(token, { maxLength: 60 }), async (tokens) => {
        const source = tokens.join("");
        const parsed = await parseNativeSyntax(source, "main.tf").catch(async (error: unknown) =>
          failureOf(() => Promise.reject(error)),
        );
        if ("blocks" in parsed)
          expect(parsed.blocks.every((block) => block.type === "cloud" || block.type === "backend")).toBe(
            true,
          );
        else expect(parsed.position?.line).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});
