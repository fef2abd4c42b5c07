// biome-ignore-all lint/suspicious/noTemplateCurlyInString: interpolations of HCL are the subject here
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJsonSyntax } from "../../src/config/json-configuration.ts";
import type { JsonNode } from "../../src/config/json-nodes.ts";
import { parseJson } from "../../src/config/json-nodes.ts";
import type { Block } from "../../src/config/syntax.ts";
import { failureOf } from "./module.ts";

/** A block without positions: type, labels, literal attributes, nested blocks. */
type Outline = { type: string; labels: string[]; attributes: Record<string, unknown>; blocks: Outline[] };

function outline(block: Block): Outline {
  const attributes = block.attributes.map(({ name, value }) => [
    name,
    value.kind === "text" ? value.text : value.kind,
  ]);
  return {
    type: block.type,
    labels: block.labels,
    attributes: Object.fromEntries(attributes),
    blocks: block.blocks.map(outline),
  };
}

const parse = (text: string) => parseJsonSyntax(text, "main.tf.json").blocks.map(outline);

describe("parseJsonSyntax", () => {
  const remote: Outline = {
    type: "backend",
    labels: ["remote"],
    attributes: { organization: "acme" },
    blocks: [{ type: "workspaces", labels: [], attributes: { name: "net" }, blocks: [] }],
  };
  const body = '{"organization":"acme","workspaces":{"name":"net"}}';

  test.each([
    ["objects", `{"terraform":{"backend":{"remote":${body}}}}`],
    ["arrays of objects at every level", `[{"terraform":[{"backend":[{"remote":[${body}]}]}]}]`],
    [
      "a body split over an array",
      '{"terraform":{"backend":{"remote":[[{"organization":"acme"},{"workspaces":[{"name":"net"}]}]]}}}',
    ],
    [
      "workspaces as an array",
      '{"terraform":{"backend":{"remote":{"organization":"acme","workspaces":[{"name":"net"}]}}}}',
    ],
    [
      "repeated properties",
      `{"terraform":{"required_version":">= 1"},"terraform":{"backend":{"remote":${body}}}}`,
    ],
    [
      "comments and neighbours",
      `{"//":"x","variable":[1],"terraform":{"//":1,"required_providers":[],"backend":{"remote":{"//":"c","organization":"acme","workspaces":{"//":"d","name":"net"}}}}}`,
    ],
    ["nulls", `{"terraform":{"cloud":null,"backend":{"remote":${body}}}}`],
    ["escaped names", `{"\\u0074erraform":{"back\\u0065nd":{"remote":${body}}}}`],
  ])("%s", (_, text) => {
    expect(parse(text)).toEqual([remote]);
  });

  test.each<[string, unknown]>([
    ['"a"', "a"],
    ['""', ""],
    ['"$${a} %%{b} $5"', "${a} %{b} $5"],
    ['"e\\u0301"', "é"],
    ["12", "12"],
    ["true", "true"],
    ["null", "null"],
    ["1.5", "expression"],
    ['"${var.x}"', "expression"],
    ['"a%{ if true }b%{ endif }"', "expression"],
    ['"$${a}${b}"', "expression"],
    ["[]", "list"],
    ["{}", "map"],
  ])("the value %s", (value, expected) => {
    expect(parse(`{"terraform":{"cloud":{"x":${value}}}}`)).toEqual([
      { type: "cloud", labels: [], attributes: { x: expected }, blocks: [] },
    ]);
  });

  test.each([
    ["two blocks", '{"terraform":{"cloud":[{},{}]}}', 2],
    ["two types", '{"terraform":{"backend":{"remote":{},"s3":{}}}}', 2],
    ["no terraform", "{}", 0],
    ["null terraform", '{"terraform":null}', 0],
  ])("%s", (_, text, count) => {
    expect(parse(text)).toHaveLength(count);
  });

  test.each([
    ["a root that is no object", "1", "main.tf.json:1"],
    ["an array of others", "[1]", "main.tf.json:1"],
    ["a terraform that is no object", '{\n"terraform":1}', "main.tf.json:2"],
    ["a backend that is no object", '{"terraform":\n{"backend":"remote"}}', "main.tf.json:2"],
    ["a body that is no object", '{"terraform":{"backend":{"remote":\n"x"}}}', "main.tf.json:2"],
  ])("%s is refused with its line", async (_, text, place) => {
    const failure = await failureOf(() => parse(text));
    expect(failure.message).toContain(`Incorrect JSON value type (${place})`);
  });

  test("an argument that is set twice is refused, naming both lines", async () => {
    const failure = await failureOf(() =>
      parse('{"terraform":{"cloud":{\n"hostname":"a",\n"hostname":"b"}}}'),
    );
    expect(failure.message).toMatch(
      /^Duplicate argument \(main\.tf\.json:3\): .* already set at main\.tf\.json:2\./,
    );
  });

  test("attributes know their place", () => {
    const { blocks } = parseJsonSyntax(
      '{"terraform": {\r\n  "cloud": {\r\n    "hostname": "a"}}}',
      "x.tf.json",
    );
    expect(blocks[0]?.position).toEqual({ file: "x.tf.json", line: 2, column: 3 });
    expect(blocks[0]?.attributes[0]?.position).toEqual({ file: "x.tf.json", line: 3, column: 5 });
  });

  test("text that is no longer UTF-8 is refused with its place", async () => {
    const failure = await failureOf(() => parse('{"terraform":{"cloud":{"hostname":"\ufffd"}}}'));
    expect(failure.message).toContain("(main.tf.json:1:35): the text is not valid UTF-8");
  });
});

describe("parseJson", () => {
  test.each([
    ["", "1:1", "a value is missing"],
    ["{", "1:2", "a string in double quotes"],
    ['{"a"}', "1:5", "a colon is missing"],
    ['{"a":}', "1:6", "a value is missing"],
    ['{"a":1\n"b":2}', "2:1", 'a comma or "}" is missing'],
    ['{"a":1,}', "1:8", "a string in double quotes"],
    ["[1,]", "1:4", "a value is missing"],
    ["[1", "1:3", 'a comma or "]" is missing'],
    ["{'a':1}", "1:2", "a string in double quotes"],
    ['\n  {"a": "b\n"}', "2:9", "a string in double quotes"],
    ['"\\x"', "1:1", "invalid escape sequence"],
    ['"a', "1:1", "not closed"],
    ["01", "1:2", "there is text after the end"],
    ["{} {}", "1:4", "there is text after the end"],
    ["nulll", "1:5", "there is text after the end"],
    ["\0", "1:1", "a value is missing"],
    ["[".repeat(1_000_000), "1:502", "nested deeper than 500 levels"],
    ['{"a":'.repeat(100_000), "1:2506", "nested deeper than 500 levels"],
  ])("%.20j is refused with its place", async (text, place, problem) => {
    const failure = await failureOf(() => parseJson(text, "x.tf.json"));
    expect(failure.reason).toBe("configuration");
    expect(failure.message).toContain(`Invalid syntax (x.tf.json:${place}): this is not valid JSON: `);
    expect(failure.message).toContain(problem);
  });

  function plain(node: JsonNode): unknown {
    switch (node.kind) {
      case "null":
        return null;
      case "boolean":
      case "number":
        return JSON.parse(node.written);
      case "string":
        return node.text;
      case "array":
        return node.items.map(plain);
      case "object":
        return Object.fromEntries(node.properties.map(({ name, value }) => [name, plain(value)]));
    }
  }

  test("reads what JSON.parse reads", () => {
    const space = fc.constantFrom(undefined, 1, "\t");
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), space, (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent);
        // Node 24's JSON.parse takes such keys for one another.
        fc.pre(!/"\\(?:.|u[0-9a-f]{4})":/.test(text));
        expect(plain(parseJson(text, "x"))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  test("refuses what JSON.parse refuses", () => {
    const text = fc.oneof(
      fc
        .array(
          fc.constantFrom(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"a"',
            "1",
            "-",
            "0",
            ".5",
            "e1",
            "true",
            "null",
            " ",
            "\n",
            '"',
            "\\",
          ),
          { maxLength: 12 },
        )
        .map((tokens) => tokens.join("")),
      fc.string({ unit: "binary" }),
    );
    const accepts = (read: () => unknown) => {
      try {
        read();
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(text, (candidate) => {
        expect(accepts(() => parseJson(candidate, "x"))).toBe(accepts(() => JSON.parse(candidate)));
      }),
      { numRuns: 5000 },
    );
  });
});
