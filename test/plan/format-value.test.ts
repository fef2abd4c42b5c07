import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/json.ts";
import { formatValue } from "../../src/plan/format-value.ts";
import { findBinary } from "../sandbox/engine/binary.ts";
import { client } from "../sandbox/referee.ts";
import { startSandbox } from "../sandbox/server.ts";

describe("formatValue", () => {
  test.each<[JsonValue, JsonValue, string]>([
    ["a", "string", '"a"'],
    ['a"b\\c\t\u0007é', "string", String.raw`"a\"b\\c\t\aé"`],
    ["", "string", '""'],
    [1e21, "number", "1000000000000000000000"],
    [-0.5, "number", "-0.5"],
    [true, "bool", "true"],
    ["a\nb\n", "string", "<<EOT\na\nb\n\nEOT"],
    ["a\n EOT ", "string", "<<EOT_\na\n EOT \nEOT_"],
    [["a"], ["list", "string"], 'tolist([\n  "a",\n])'],
    [["a"], ["set", "string"], 'toset([\n  "a",\n])'],
    [[], ["list", "string"], "tolist([])"],
    [{ b: 1, a: 2 }, ["map", "number"], 'tomap({\n  "a" = 2\n  "b" = 1\n})'],
    [["a", 1], ["tuple", ["string", "number"]], '[\n  "a",\n  1,\n]'],
    [
      { a: ["x\ny"] },
      ["object", { a: ["list", "string"] }],
      '{\n  "a" = tolist([\n    <<-EOT\n    x\n    y\n    EOT,\n  ])\n}',
    ],
    [{}, ["object", {}], "{}"],
    [null, "string", "tostring(null)"],
    [null, ["list", ["map", "bool"]], "tolist(null) /* of map of bool */"],
    [null, ["object", { a: "string" }], "null /* object */"],
    [null, "dynamic", "null"],
    // Servers without the whole type.
    [["a"], "array", '[\n  "a",\n]'],
    [{ a: 1 }, "object", '{\n  "a" = 1\n}'],
    [{ "weird key": { __proto__: null } }, null, '{\n  "weird key" = {}\n}'],
  ])("%j of type %j", (value, type, text) => {
    expect(formatValue(value, type)).toBe(text);
  });
});

const CLI = findBinary();
const RUNS = Number(process.env["DIFFERENTIAL_RUNS"] ?? 15);

type Typed = { type: JsonValue; value: JsonValue };

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", "a\nb", "EOT\n  EOT_", "\n", "a\\b", '"', "\t", "é\u0301", "\u0000", "\u00ad"),
);
const number = fc.oneof(
  fc.integer(),
  fc.constantFrom(0, 1e21, 1.5, 1e-7, 123456789012),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
);
const key = fc.constantFrom("a", "b", "with space", "é", "Z", "1");
const { typed } = fc.letrec<{ typed: Typed }>((tie) => ({
  typed: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    text.map((value): Typed => ({ type: "string", value: value.normalize("NFC") })),
    number.map((value): Typed => ({ type: "number", value: value === 0 ? 0 : value })),
    fc.boolean().map((value): Typed => ({ type: "bool", value })),
    fc
      .constantFrom<JsonValue>(
        "string",
        "number",
        "bool",
        ["list", "string"],
        ["map", ["set", "bool"]],
        ["object", {}],
      )
      .map((type): Typed => ({ type, value: null })),
    fc
      .array(text, { maxLength: 3 })
      .map(
        (items): Typed => ({ type: ["list", "string"], value: items.map((item) => item.normalize("NFC")) }),
      ),
    fc
      .dictionary(key, number, { maxKeys: 3 })
      .map((value): Typed => ({ type: ["map", "number"], value: { ...value } })),
    fc.array(tie("typed"), { maxLength: 3 }).map((items): Typed => {
      const each = items as Typed[];
      return { type: ["tuple", each.map(({ type }) => type)], value: each.map(({ value }) => value) };
    }),
    fc.dictionary(key, tie("typed"), { maxKeys: 3 }).map((members): Typed => {
      const entries = Object.entries(members as Record<string, Typed>);
      return {
        type: ["object", Object.fromEntries(entries.map(([name, { type }]) => [name, type]))],
        value: Object.fromEntries(entries.map(([name, { value }]) => [name, value])),
      };
    }),
  ),
}));

test.skipIf(CLI === undefined)(
  `${CLI?.name ?? "SKIPPED, neither tofu nor terraform on PATH: the CLI"} prints the same`,
  { timeout: 600_000 },
  async () => {
    const sandbox = await startSandbox({ engine: "recorded" });
    sandbox.workspace("demo");
    const lines = [
      `hostname = "${sandbox.hostname}"`,
      'organization = "acme"',
      'workspaces { name = "demo" }',
    ];
    const { cli } = client(sandbox, `backend "remote" {\n ${lines.join("\n ")}\n }`);
    try {
      expect((await cli("init", "-input=false")).code).toBe(0);
      await fc.assert(
        fc.asyncProperty(fc.array(typed, { minLength: 8, maxLength: 8 }), async (values) => {
          const outputs = Object.fromEntries(values.map((each, index) => [`o${index}`, each]));
          const state = {
            version: 4,
            terraform_version: "1.5.0",
            serial: 1,
            lineage: "l",
            outputs,
            resources: [],
          };
          sandbox.setState("demo", JSON.stringify(state));
          const { stdout } = await cli("output", "-no-color");
          const ours = values.map(({ type, value }, index) => `o${index} = ${formatValue(value, type)}`);
          expect(ours.join("\n").trim()).toBe(stdout.trim());
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    } finally {
      await sandbox.close();
    }
  },
);
