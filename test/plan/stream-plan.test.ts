import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import type { JsonValue } from "../../src/json.ts";
import { countChanges, hasChanges } from "../../src/plan/counts.ts";
import type { JsonSource } from "../../src/plan/json-members.ts";
import { openPlan } from "../../src/plan/plan-document.ts";
import { readPlan } from "../../src/plan/read.ts";
import { type RenderOptions, renderPlan } from "../../src/plan/render.ts";
import { streamPlan } from "../../src/plan/stream-plan.ts";
import { resource } from "./build.ts";

type Json = { [key: string]: JsonValue };
type Form = "redacted" | "plain";

/** Bytes that are gone with the next read, as those of a file are. */
function sourceOf(bytes: Buffer): JsonSource {
  let last = Buffer.alloc(0);
  return {
    bytes: bytes.length,
    read: async (start, end) => {
      last.fill(0x7b);
      last = Buffer.from(bytes.subarray(start, end));
      return last;
    },
  };
}

async function stream(form: Form, json: string | Buffer, options: RenderOptions = { values: "show" }) {
  const lines: string[] = [];
  const write = (more: string[]) => void lines.push(...more);
  const document = await openPlan(form, sourceOf(Buffer.from(json)));
  return { ...(await streamPlan(document, [{ options, write }])), lines };
}

/** The plan read as a whole and piece by piece gives the same. */
async function expectSame(form: Form, value: Json): Promise<void> {
  const plan = readPlan(form, value);
  for (const options of [
    { values: "show" },
    { values: "hide" },
    { values: "show", mode: "refresh-only" },
  ] as const) {
    const streamed = await stream(form, JSON.stringify(value), options);
    expect(streamed.lines).toEqual(renderPlan(plan, options));
    expect(streamed.counts).toEqual(countChanges(plan));
    expect(streamed.hasChanges).toBe(hasChanges(plan));
    const places = (list: { address: string; action: string }[]) =>
      list.filter(({ action }) => action !== "no-op").map(({ address, action }) => ({ address, action }));
    expect(places(streamed.facts.resources)).toEqual(places(plan.resources));
    expect(places(streamed.facts.drift)).toEqual(places(plan.drift));
  }
}

const folder = join(import.meta.dirname, "..", "fixtures", "plan");
const recorded = readdirSync(folder).filter((name) => existsSync(join(folder, name, "plan.json")));
const read = (...path: string[]): Json => JSON.parse(readFileSync(join(folder, ...path), "utf8"));

describe.each(recorded)("recorded plan %s", (name) => {
  const plain = read(name, "plan.json");
  const own = existsSync(join(folder, name, "schemas.json"));
  const { provider_schemas = {} } = own ? read(name, "schemas.json") : read("builtin-schemas.json");
  const { format_version = "", ...rest } = plain;
  const redacted = { provider_schemas, plan_format_version: format_version, ...rest };

  test("read piece by piece gives the text of the whole", async () => {
    await expectSame("plain", plain);
    await expectSame("redacted", redacted);
  });

  test("the order of its parts does not matter", async () => {
    await expectSame("redacted", Object.fromEntries(Object.entries(redacted).toReversed()));
  });
});

const actions = fc.constantFrom<string[]>(
  ["create"],
  ["update"],
  ["delete"],
  ["no-op"],
  ["read"],
  ["delete", "create"],
  ["forget"],
);
const value = fc.constantFrom<JsonValue>("x", "a\nb", 1, null, { a: "1", b: ["x"] }, ["y"], '{"j":1}');
const change = fc.record({ actions, before: value, after: value, after_unknown: fc.constant({}) });
const index = fc.nat(5);
const element = fc
  .tuple(change, index, fc.constantFrom("managed", "data", "ephemeral"), fc.option(index))
  .map(([change, at, mode, from]) => {
    const { before, after } = change;
    const previous = from === null ? {} : { previous_address: `example_thing.r${from}` };
    const place = { address: `example_thing.r${at}`, name: `r${at}`, mode, ...previous };
    return resource({ ...change, before: { v: before }, after: { v: after } }, place);
  });
const relevant = fc.record({
  resource: index.map((at) => `example_thing.r${at}`),
  attribute: fc.constantFrom<JsonValue[]>(["v"], ["w"], []),
});
const outputs = fc.dictionary(fc.constantFrom("a", "longer", "x y", "é", "__proto__"), change);

test("any plan read piece by piece gives the text of the whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(element, { maxLength: 6 }),
      fc.array(element, { maxLength: 4 }),
      fc.tuple(fc.array(relevant, { maxLength: 4 }), outputs),
      async (resource_changes, resource_drift, [relevant_attributes, changes]) => {
        const output_changes = Object.fromEntries(Object.entries(changes));
        const parts = { resource_drift, resource_changes, output_changes, relevant_attributes };
        await expectSame("plain", JSON.parse(JSON.stringify({ format_version: "1.2", ...parts })));
      },
    ),
    { numRuns: 300 },
  );
});

describe("what is too large is named and counted, without its values", () => {
  const plan = (after: JsonValue): string =>
    JSON.stringify({
      format_version: "1.2",
      resource_changes: [
        resource({
          actions: ["delete", "create"],
          after,
          after_sensitive: { b: true },
          replace_paths: [["a"]],
        }),
        resource({ actions: ["create"], after: { a: "small" } }, { address: "example_thing.b" }),
      ],
      output_changes: {
        big: { actions: ["create"], before: null, after },
        small: { actions: ["create"], after: 1 },
      },
    });

  test.each<[string, JsonValue]>([
    ["a string", { a: "x".repeat(5 * 1024 * 1024), b: "secret" }],
    ["a list", { a: Array.from({ length: 60_000 }, () => "long enough"), b: "secret" }],
    ["lines", { a: "a line of text\n".repeat(60_000), b: "secret" }],
    ["JSON in a string", { a: JSON.stringify(Array.from({ length: 60_000 }, () => 12345)), b: "secret" }],
  ])("%s", async (_name, after) => {
    const { lines, counts, facts } = await stream("plain", plan(after));
    const size = (lines: string[], at: number) =>
      /(\d+\.\d) MiB of JSON: too large to be shown/.exec(lines[at] ?? "")?.[1];
    const mebibytes = JSON.stringify(after).length / 1024 / 1024;
    expect(lines[0]).toBe("  # example_thing.a must be replaced");
    expect(Number(size(lines, 1))).toBeCloseTo(mebibytes, 0);
    expect(lines.slice(2, 4)).toEqual(["", "  # example_thing.b will be created"]);
    const output = lines.indexOf("Changes to Outputs:") + 1;
    expect(lines[output]).toMatch(/^ {2}\+ big {3}= \(\d/);
    expect(lines[output + 1]).toBe("  + small = 1");
    expect(counts).toMatchObject({ add: 2, destroy: 1 });
    expect(facts.resources[0]).toMatchObject({ action: "replace", replacePaths: [["a"]] });
    expect(lines.join("\n")).not.toContain("secret");
  });
});

test.each<[string, string, string]>([
  ["a list", "[]", "plan.format_version is not a string"],
  ["a list of one", "[1]", "it is not a JSON object"],
  [
    "a version to come",
    '{"format_version":"2.0","resource_changes":[]}',
    "format_version is neither 0.x nor 1.x",
  ],
  ["a state", '{"format_version":"1.0","values":{}}', "it has none of resource_changes"],
  ["no list", '{"format_version":"1.2","resource_changes":{}}', "resource_changes is not a list"],
  ["outputs in a list", '{"format_version":"1.2","output_changes":[]}', "output_changes is not an object"],
  ["no object", '{"format_version":"1.2","resource_changes":[1]}', "resource_changes[0] is not an object"],
  [
    "a large string",
    `{"format_version":"1.2","resource_changes":["${"x".repeat(5e6)}"]}`,
    "[0] is not an object",
  ],
  [
    "a broken change",
    '{"format_version":"1.2","resource_changes":[{"secret":}]}',
    "resource_changes[0] is not JSON",
  ],
  ["half of one", '{"format_version":"1.2","resource_changes":[{"sec', "it ends before it is complete"],
])("%s is no plan", async (_name, json, message) => {
  const read = stream("plain", json);
  await expect(read).rejects.toThrow(Failure);
  await expect(read).rejects.toThrow(message);
  await expect(read).rejects.not.toThrow("secret");
});

test("null for a part is the same as nothing", async () => {
  const { lines } = await stream(
    "plain",
    '{"format_version":"1.2","resource_changes":null,"output_changes":null}',
  );
  expect(lines).toEqual(["No changes. Your infrastructure matches the configuration."]);
});
