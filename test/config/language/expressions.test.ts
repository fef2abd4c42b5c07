// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the language, not of this one
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encode } from "../../../src/config/language/encode.ts";
import { jsonText } from "../../../src/config/language/functions/json.ts";
import { formatNumber, parseNumber } from "../../../src/config/language/number.ts";
import { marked, objectOf, text } from "../../../src/config/language/values.ts";
import { attempt, evaluated } from "./language.ts";
import { value } from "./values.ts";

/** Each expression with what `jsonencode` of it was in the CLI's console, or `error`; cli-differential.test.ts checks the recording. */
const RECORDED = readFileSync(join(import.meta.dirname, "../../fixtures/language/expressions.tsv"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t"));

describe("expressions have the values that the CLI gives them", () => {
  test.each(RECORDED)("%s → %s", (expression = "", recorded) => {
    const found = attempt(() => jsonText(evaluated(expression)));
    expect(found ?? "error").toBe(recorded);
  });
});

describe("what HCL refuses is refused", () => {
  test.each([
    ["1 +"],
    [""],
    ["(1"],
    ["1)"],
    ["1) + (2"],
    ["[1 2]"],
    ["{a}"],
    ["{a = 1 b = 2}"],
    ["a..b"],
    ['"unclosed'],
    ['"line\nbreak"'],
    ['"\\q"'],
    ['"\\ud800"'],
    ['"%{ if true }"'],
    ['"%{ endif }"'],
    ["[for x in [1] : x...]"],
    ["{for x in [1] : x}"],
    ["f(x"],
    ["1 = 2"],
    ["x ? y"],
  ])("%s", (expression) => {
    expect(() => evaluated(expression)).toThrow(/Invalid syntax \(expression\): /);
  });

  test("a number with an exponent needs a decimal point beside strings, and the message says so", () => {
    expect(jsonText(evaluated("[1e3, 2E-1]"))).toBe("[1000,0.2]");
    expect(jsonText(evaluated('["1e3", 1.0e3]'))).toBe('["1e3",1000]');
    expect(() => evaluated('["a", 1e3]')).toThrow("Write 1e3 as 1.0e3.");
  });
});

describe("what spans lines", () => {
  test.each([
    ["{\n  a = 1\n  b = [\n    2,\n    3,\n  ]\n}", '{"a":1,"b":[2,3]}'],
    ["{ a = 1, # one\n b = 2 /* two */ }", '{"a":1,"b":2}'],
    ["1 +\n2", "3"],
    ["<<EOT\n a\n  b\nEOT\n", '" a\\n  b\\n"'],
    ["<<-EOT\n    a\n      b\n\n    c\n  EOT\n", '"a\\n  b\\n\\nc\\n"'],
    ["<<-EOT\n    %{ for x in [1, 2] ~}\n    - ${x}\n    %{ endfor ~}\n  EOT\n", '"    - 1\\n    - 2\\n"'],
    ['<<EOT\n$${a} \\n "b" %%{c}\nEOT\n', '"${a} \\\\n \\"b\\" %{c}\\n"'],
    ["upper(<<EOT\nx\nEOT\n)", '"X\\n"'],
    ["[<<A\n1\nA\n, 2]", '["1\\n",2]'],
  ])("%j", (expression, json) => {
    expect(jsonText(evaluated(expression))).toBe(json);
  });

  test("within an object each entry stays on its lines", () => {
    expect(() => evaluated("{\n a = 1 +\n 2\n}")).toThrow("an expression ends with its line");
  });
});

describe("marks", () => {
  const secret = marked(text("s3cret"), new Set(["sensitive"] as const));
  const marks = (expression: string): string[] => [
    ...evaluated(expression, { "var.secret": secret, "var.map": objectOf([["k", secret]]) }).marks,
  ];

  test.each([
    ['"a${var.secret}"'],
    ["upper(var.secret)"],
    ['var.secret == "x"'],
    ['var.secret == "x" ? 1 : 2'],
    ['true ? "a" : var.secret'],
    ["{(var.secret) = 1}"],
    ['[for x in ["a"] : x if x == var.secret]'],
    ["var.map.k"],
    ["jsonencode(var.map)"],
    ["length(var.map)"],
    ["var.secret[*]"],
    ["can(upper(var.secret))"],
  ])("%s is sensitive", (expression) => {
    expect(marks(expression)).toEqual(["sensitive"]);
  });

  test.each([["nonsensitive(var.secret)"], ["issensitive(var.secret)"], ["[var.secret][*]"]])(
    "%s by itself is not",
    (expression) => {
      expect(marks(expression)).toEqual([]);
    },
  );

  test.each([
    ["parseint(var.secret, 10)"],
    ["lookup({}, var.secret)"],
    ["file(var.secret)"],
    ["tonumber(var.secret)"],
    ["{for x in [1, 2] : var.secret => x}"],
  ])("the error of %s does not show it", (expression) => {
    expect(() => marks(expression)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("s3cret") }),
    );
  });
});

describe("properties", () => {
  test("every value survives being written as an expression and read back", () => {
    fc.assert(
      fc.property(value, (original) => {
        expect(jsonText(evaluated(encode(original)))).toBe(jsonText(original));
      }),
    );
  });

  test("every string survives, whatever is in it", () => {
    const unit = fc.oneof(
      fc.constantFrom(...'"\\$%{}~#\n\r\té\u0301\u0000\u2028𝒳'),
      fc.string({ unit: "binary", maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.string({ unit }), (original) => {
        fc.pre(original.isWellFormed() && !original.includes("\ufffd"));
        expect(evaluated(encode(text(original)))).toEqual(text(original));
      }),
    );
  });

  test("whole numbers of any size compute exactly", () => {
    const whole = fc.bigInt({ min: -(10n ** 70n), max: 10n ** 70n });
    fc.assert(
      fc.property(whole, whole, (left, right) => {
        expect(jsonText(evaluated(`${left} + (${right})`))).toBe(String(left + right));
        expect(jsonText(evaluated(`${left} * (${right})`))).toBe(String(left * right));
        expect(jsonText(evaluated(`${left} < ${right}`))).toBe(String(left < right));
        if (right !== 0n) expect(jsonText(evaluated(`${left} % (${right})`))).toBe(String(left % right));
      }),
    );
  });

  test("decimal text up to 150 digits comes back as it was", () => {
    const decimal = fc.stringMatching(/^[1-9][0-9]{0,70}\.[0-9]{0,70}[1-9]$/);
    fc.assert(
      fc.property(decimal, (written) => {
        const parsed = parseNumber(written);
        expect(parsed === undefined ? undefined : formatNumber(parsed)).toBe(written);
      }),
    );
  });
});
