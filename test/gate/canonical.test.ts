import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPlanDigester } from "../../src/gate/canonical.ts";
import { parseExactly } from "../../src/gate/exact-json.ts";
import type { JsonValue } from "../../src/json.ts";
import { digestOf, resource, updating } from "./facts.ts";

const change = (given: Record<string, JsonValue>) =>
  resource({
    change: {
      actions: ["delete", "create"],
      before: { input: "x", n: 1 },
      after: { input: "y", n: 1 },
      after_unknown: { id: true },
      before_sensitive: {},
      after_sensitive: {},
      replace_paths: [["input"]],
      ...given,
    },
  });
const base = { resource_changes: [change({})] };
const one = (item: JsonValue) => ({ resource_changes: [item] });

describe("counts as another plan", () => {
  test.each<[string, JsonValue]>([
    ["another value before", one(change({ before: { input: "w", n: 1 } }))],
    ["another value after", one(change({ after: { input: "z", n: 1 } }))],
    ["a number instead of its text", one(change({ after: { input: "y", n: "1" } }))],
    ["null instead of nothing", one(change({ after: { input: "y", n: 1, m: null } }))],
    ["another unknown", one(change({ after_unknown: { id: true, n: true } }))],
    ["an unknown that is known", one(change({ after_unknown: {} }))],
    ["a value that is sensitive after", one(change({ after_sensitive: { input: true } }))],
    ["a value that is sensitive before", one(change({ before_sensitive: { input: true } }))],
    ["another path that replaces", one(change({ replace_paths: [["n"]] }))],
    ["the other order of a replacement", one(change({ actions: ["create", "delete"] }))],
    ["another action", one(change({ actions: ["update"] }))],
    ["an import", one(change({ importing: { id: "i-1" } }))],
    ["another address", one({ ...change({}), address: "terraform_data.b" })],
    ["a deposed object", one({ ...change({}), deposed: "0123abcd" })],
    ["a move", one({ ...change({}), previous_address: "terraform_data.old" })],
    ["another provider", one({ ...change({}), provider_name: "evil.example/x/terraform" })],
    ["another mode", one({ ...change({}), mode: "data" })],
    ["another type", one({ ...change({}), type: "null_resource" })],
    ["the change twice", { resource_changes: [change({}), change({})] }],
    ["no change", { resource_changes: [] }],
    ["the change as drift", { resource_drift: [change({})] }],
    ["drift beside", { ...base, resource_drift: [change({})] }],
    ["an output", { ...base, output_changes: { o: { actions: ["create"], before: null, after: 1 } } }],
    ["a variable", { ...base, variables: { region: { value: "eu" } } }],
    ["an action", { ...base, action_invocations: [{ address: "action.a.b", config_values: {} }] }],
  ])("%s", (_name, plan) => {
    expect(digestOf(plan).digest).not.toBe(digestOf(base).digest);
  });

  test("another id that is imported", () => {
    const importing = (id: string) => digestOf(one(change({ importing: { id } }))).digest;
    expect(importing("i-1")).not.toBe(importing("i-2"));
  });

  test("each value of an output, a variable, an action", () => {
    const digest = (value: string, part: string) =>
      ({
        output: digestOf({ output_changes: { o: { actions: ["create"], before: null, after: value } } }),
        variable: digestOf({ variables: { v: { value } } }),
        action: digestOf({ action_invocations: [{ address: "action.a.b", config_values: { value } }] }),
      })[part]?.digest;
    for (const part of ["output", "variable", "action"])
      expect(digest("a", part)).not.toBe(digest("b", part));
  });
});

describe("counts as the same plan", () => {
  const quiet = resource({
    address: "terraform_data.quiet",
    change: { actions: ["no-op"], before: { input: 1 }, after: { input: 1 } },
  });
  test.each<[string, JsonValue]>([
    [
      "state, configuration, versions and times",
      { ...base, prior_state: { a: 1 }, timestamp: "2026", terraform_version: "1.9" },
    ],
    ["a no-op, whatever is in it", { resource_changes: [quiet, change({})] }],
    ["drift that is none", { ...base, resource_drift: [quiet] }],
    ["an output that stays", { ...base, output_changes: { o: { actions: ["no-op"], before: 1, after: 1 } } }],
    [
      "the removal of a data source",
      {
        resource_changes: [
          change({}),
          { ...change({ actions: ["delete"] }), mode: "data", address: "data.a.b" },
        ],
      },
    ],
    ["a reason, which is for display", one({ ...change({}), action_reason: "replace_because_tainted" })],
    ["a previous address that is the same", one({ ...change({}), previous_address: "terraform_data.a" })],
    [
      "masks that mark nothing",
      one(change({ after_unknown: { id: true, n: false, l: [false, {}] }, before_sensitive: false })),
    ],
    ["the order of keys", one(Object.fromEntries(Object.entries(change({})).reverse()))],
    ["parts that are null", { ...base, resource_drift: null, output_changes: null }],
  ])("%s", (_name, plan) => {
    expect(digestOf(plan).digest).toBe(digestOf(base).digest);
  });

  test("a data source of a check block and an ephemeral object, whatever was read", () => {
    const reading = (body: string, more: Record<string, JsonValue>) =>
      digestOf(
        one({ ...resource({ change: { actions: ["read"], before: null, after: { body } } }), ...more }),
      ).digest;
    const check = { mode: "data", action_reason: "read_because_check_nested" };
    expect(reading("a", check)).toBe(reading("b", check));
    expect(reading("a", { mode: "ephemeral" })).toBe(reading("b", { mode: "ephemeral" }));
    expect(reading("a", { ...check, address: "data.x.y" })).not.toBe(reading("a", check));
    const other = { mode: "data", action_reason: "read_because_config_unknown" };
    expect(reading("a", other)).not.toBe(reading("b", other));
    expect(reading("a", { ...check, mode: "managed" })).not.toBe(reading("b", { ...check, mode: "managed" }));
  });

  test("the order of its elements and of paths", () => {
    const item = fc
      .integer({ min: 0, max: 9 })
      .map((n) => ({ ...change({}), address: `terraform_data.r${n}` }));
    const permuted = fc
      .array(item)
      .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
    fc.assert(
      fc.property(permuted, ([list, other]) => {
        const [a, b] = [digestOf({ resource_changes: list }), digestOf({ resource_changes: other })];
        expect(b).toEqual(a);
      }),
    );
    const paths = (...replace_paths: JsonValue[]) => digestOf(one(change({ replace_paths }))).digest;
    expect(paths(["a"], ["b", 0])).toBe(paths(["b", 0], ["a"]));
  });
});

test("any change of any value of recorded plans is another plan", () => {
  for (const name of readdirSync("test/fixtures/plan")) {
    if (!existsSync(`test/fixtures/plan/${name}/plan.json`)) continue;
    const text = readFileSync(`test/fixtures/plan/${name}/plan.json`, "utf8");
    const plan = parseExactly(text, name);
    const before = digestOf(plan).digest;
    for (const forged of everyForgery(plan)) expect(digestOf(forged).digest).not.toBe(before);
  }
});

/** The plan with one scalar of a change's `after` replaced, for every one. */
function* everyForgery(plan: JsonValue): Generator<JsonValue> {
  const places: (string | number)[][] = [];
  collect(plan, [], places);
  for (const place of places) {
    const copy = structuredClone(plan);
    const last = place.at(-1) ?? "";
    // biome-ignore lint/suspicious/noExplicitAny: walks into a copy of any JSON
    const holder = place.slice(0, -1).reduce<any>((at, step) => at[step], copy);
    holder[last] = "forged";
    yield copy;
  }
}

function collect(value: JsonValue, path: (string | number)[], places: (string | number)[][]): void {
  const isInside =
    path[0] === "resource_changes" && path[2] === "change" && path[3] === "after" && path.length > 4;
  if (value === null || typeof value !== "object") {
    if (isInside) places.push(path);
    return;
  }
  if (path.length === 2 && JSON.stringify(value).includes('["no-op"]')) return;
  for (const [step, item] of Object.entries(value))
    collect(item, [...path, Array.isArray(value) ? Number(step) : step], places);
}

describe("numbers", () => {
  const digest = (number: string) =>
    digestOf(
      parseExactly(
        `{"resource_changes":[${JSON.stringify(change({})).replace('"n":1', `"n":${number}`)}]}`,
        "it",
      ),
    ).digest;
  test.each([
    ["12345678901234567890", "12345678901234567891"],
    ["0.1", "0.10000000000000001"],
    ["1e400", "1e401"],
    ["9007199254740992", "9007199254740993"],
    ["12345678901234567890", '"12345678901234567890"'],
    ["12345678901234567890", '"\\u0000number 12345678901234567890"'],
    ["1e400", "null"],
  ])("%s is not %s", (a, b) => {
    expect(digest(a)).not.toBe(digest(b));
  });

  test("1.0 is 1, wherever else a large one stands", () => {
    expect(digest("1.0")).toBe(digest("1"));
    const [a, b] = ["[1.0, 1e400]", "[1, 1e400]"].map((text) => parseExactly(text, "it"));
    expect(a).toEqual(b);
  });

  test.each([2 ** 53, Number.POSITIVE_INFINITY, Number.NaN])(
    "%s was parsed carelessly and is refused",
    (n) => {
      expect(() => digestOf(updating({ n }, null))).toThrow("not exact");
    },
  );

  test("the text of what is no JSON is not quoted", () => {
    expect(() => parseExactly('{"password":"hunter2', "resource_changes[0]")).toThrow(
      /^(?!.*hunter2).*resource_changes\[0\]/,
    );
  });
});

describe("what is published", () => {
  const secret = (value: string, masks: Record<string, JsonValue>) =>
    digestOf(updating({ p: value, l: [{ q: value }] }, { p: value, l: [{ q: value }] }, masks));
  test.each<[string, Record<string, JsonValue>]>([
    [
      "both masks",
      { before_sensitive: { p: true, l: true }, after_sensitive: { p: true, l: [{ q: true }] } },
    ],
    ["one mask of both", { before_sensitive: {}, after_sensitive: { p: true, l: [{ q: true }] } }],
    ["the whole", { before_sensitive: true }],
  ])("has no trace of a sensitive value: %s", (_name, masks) => {
    expect(secret("a", masks).publicDigest).toBe(secret("b", masks).publicDigest);
    expect(secret("a", masks).digest).not.toBe(secret("b", masks).digest);
  });

  test("tells visible values apart, and is the same for everybody", () => {
    expect(secret("a", {}).publicDigest).not.toBe(secret("b", {}).publicDigest);
    expect(secret("a", { after_sensitive: { p: true } }).publicDigest).not.toBe(
      secret("b", { after_sensitive: { p: true } }).publicDigest,
    );
    const again = createPlanDigester({ form: "plain", key: Buffer.from("another key") });
    again.add("resource", resource({}));
    const mine = digestOf(one(resource({})));
    expect(again.finish().publicDigest).toBe(mine.publicDigest);
    expect(again.finish().digest).not.toBe(mine.digest);
    expect(mine.publicDigest).toMatch(/^[0-9a-f]{64}$/);
  });

  test("variables and settings of actions, which may be secret, are no part of it", () => {
    const publicOf = (value: string) =>
      digestOf({
        variables: { v: { value } },
        action_invocations: [{ address: "action.a.b", config_values: { value } }],
      }).publicDigest;
    expect(publicOf("a")).toBe(publicOf("b"));
    expect(publicOf("a")).not.toBe(digestOf({}).publicDigest);
  });
});

describe("a redacted plan", () => {
  test.each<[string, Record<string, JsonValue>, boolean]>([
    ["shows everything", {}, false],
    ["hides a value before", { before_sensitive: { p: true } }, true],
    ["hides a value after", { after_sensitive: { p: true } }, true],
    ["hides what is unknown anyway", { after_sensitive: { p: true }, after_unknown: { p: true } }, false],
  ])("%s", (_name, masks, concealed) => {
    expect(digestOf(updating({}, {}, masks), "redacted").concealed).toBe(concealed);
    expect(digestOf(updating({}, {}, masks), "plain").concealed).toBe(false);
  });
});

test.each<[string, JsonValue]>([
  ["no object", one("x")],
  ["no change", one({ address: "a.b" })],
  ["no address", one(resource({ address: "" }))],
  ["no actions", one(resource({ change: {} }))],
  ["an empty list of actions", one(resource({ change: { actions: [] } }))],
  ["an action that is no text", one(resource({ change: { actions: [1] } }))],
  ["an output without actions", { output_changes: { o: {} } }],
  ["a nesting without end", updating(nested(300), null)],
  ["a mask without end", updating(null, null, { after_unknown: nested(300) })],
])("a plan is refused that has %s", (_name, plan) => {
  expect(() => digestOf(plan)).toThrow("Nothing was applied");
});

function nested(depth: number): JsonValue {
  let value: JsonValue = true;
  for (let level = 0; level < depth; level += 1) value = { a: value };
  return value;
}
