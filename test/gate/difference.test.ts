import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elementKey } from "../../src/gate/canonical.ts";
import { describeElement, differenceLines, differingElements, subjectOf } from "../../src/gate/difference.ts";
import type { JsonValue } from "../../src/json.ts";
import { digestOf, resource } from "./facts.ts";

const changing = (change: Record<string, JsonValue>, more: Record<string, JsonValue> = {}) =>
  resource({ ...more, change: { actions: ["update"], before: {}, after: {}, ...change } });

test("elements of one plan, of the other, and of both", () => {
  const at = (address: string, input: string) => changing({ after: { input } }, { address });
  const output = { actions: ["create"], before: null, after: 1 };
  const reviewed = digestOf({ resource_changes: [at("a.gone", "x"), at("a.same", "x"), at("a.other", "x")] });
  const fresh = digestOf({
    resource_changes: [at("a.same", "x"), at("a.other", "y")],
    resource_drift: [at("a.same", "x")],
    output_changes: { url: output },
  });
  const found = differingElements(reviewed, fresh);
  expect(found.onlyReviewed.map(subjectOf)).toEqual(["a.gone"]);
  expect(found.onlyNew.map(subjectOf)).toEqual(["a.same (changed outside)", 'output "url"']);
  expect(found.changed.map(subjectOf)).toEqual(["a.other"]);
  expect(differingElements(fresh, fresh)).toEqual({ onlyReviewed: [], onlyNew: [], changed: [] });
});

describe("places", () => {
  const lines = (
    reviewed: JsonValue,
    fresh: JsonValue,
    part: "resource" | "output" | "variable" | "action" = "resource",
  ) =>
    describeElement(part, { reviewed, fresh, name: "n" }).attributes.map(({ path, values }) =>
      values === undefined ? path : `${path}: ${values.reviewed} → ${values.fresh}`,
    );
  test.each<[string, JsonValue, JsonValue, string[]]>([
    ["a scalar", changing({ after: { a: 1 } }), changing({ after: { a: "1" } }), ['after.a: 1 → "1"']],
    [
      "before",
      changing({ before: { a: true } }),
      changing({ before: { a: null } }),
      ["before.a: true → null"],
    ],
    ["nothing", changing({ after: { a: 1 } }), changing({ after: {} }), ["after.a: 1 → absent"]],
    [
      "nested",
      changing({ after: { tags: { "a b": 1, c: [1, 2] } } }),
      changing({ after: { tags: { "a b": 2, c: [1, 3, 4] } } }),
      ['after.tags["a b"]: 1 → 2', "after.tags.c[1]: 2 → 3", "after.tags.c[2]: absent → 4"],
    ],
    ["another kind", changing({ after: { a: {} } }), changing({ after: { a: [] } }), ["after.a"]],
    [
      "actions",
      changing({}),
      changing({ actions: ["delete", "create"] }),
      ['actions: "update" → "delete,create"'],
    ],
    [
      "unknown",
      changing({}),
      changing({ after_unknown: { a: { b: [true] } } }),
      ["a.b[0] (known only after the apply)"],
    ],
    [
      "masks",
      changing({ after_sensitive: { a: true } }),
      changing({ before_sensitive: { a: true } }),
      ["a (sensitive before)", "a (sensitive after)"],
    ],
    ["paths", changing({}), changing({ replace_paths: [["a"]] }), ["attributes that force the replacement"]],
    [
      "import",
      changing({ importing: { id: "1" } }),
      changing({ importing: { id: "2" } }),
      ['importing.id: "1" → "2"'],
    ],
    [
      "long",
      changing({ after: { a: "x".repeat(90) } }),
      changing({ after: { a: 1 } }),
      [`after.a: "${"x".repeat(58)}… → 1`],
    ],
    ["same", changing({}), changing({}), []],
  ])("%s", (_name, reviewed, fresh, expected) => {
    expect(lines(reviewed, fresh)).toEqual(expected);
  });

  test("variables and settings of actions are named, never shown", () => {
    expect(lines({ value: "a" }, { value: "b" }, "variable")).toEqual(["value"]);
    const action = (config_values: JsonValue) => ({ address: "action.a.b", config_values });
    expect(lines(action({ p: "a" }), action({ p: "b" }), "action").join()).not.toMatch(/["→]/);
  });

  test("an element that does nothing any more has no places", () => {
    expect(lines(changing({}), changing({ actions: ["no-op"] }))).toEqual([]);
  });
});

test("no value is shown that either plan marks as sensitive, at its place or above", () => {
  const masks = fc.constantFrom<JsonValue>(true, { a: true }, { a: { b: true } }, { a: { b: [true] } });
  const member = fc.constantFrom("before_sensitive", "after_sensitive");
  const side = fc.constantFrom("reviewed", "fresh");
  fc.assert(
    fc.property(masks, member, side, (mask, name, where) => {
      const plan = (value: string, at: string) =>
        changing({
          before: { a: { b: [value] } },
          after: { a: { b: [value] } },
          ...(where === at && { [name]: mask }),
        });
      const found = describeElement("resource", {
        reviewed: plan("SECRET-1", "reviewed"),
        fresh: plan("SECRET-2", "fresh"),
      });
      expect(JSON.stringify(found)).not.toContain("SECRET");
      expect(found.attributes.length).toBeGreaterThan(0);
    }),
  );
});

test("the text is bounded and counts what it leaves out", () => {
  const after = (n: number) => Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, n]));
  const element = describeElement("resource", {
    reviewed: changing({ after: after(1) }),
    fresh: changing({ after: after(2) }),
  });
  expect(element.attributes).toHaveLength(10);
  expect(element.more).toBe(20);
  const keys = Array.from({ length: 25 }, (_, i) => elementKey("resource", `a.n${i}`));
  const lines = differenceLines({
    onlyReviewed: keys,
    onlyNew: [],
    changed: [element.key],
    described: [element],
  });
  expect(lines).toHaveLength(1 + 20 + 1 + 1 + 1 + 10 + 1);
  expect(lines[0]).toBe("Only in the reviewed plan (25):");
  expect(lines).toContain("  and 5 more");
  expect(lines.slice(-12, -10)).toEqual(["  terraform_data.a", "    after.k0: 1 → 2"]);
  expect(lines.at(-1)).toBe("    and 20 more");
  expect(differenceLines({ onlyReviewed: [], onlyNew: keys, changed: [element.key], described: [] })).toEqual(
    expect.arrayContaining(["Only in the new plan (25):", "Planned differently (1):", "  terraform_data.a"]),
  );
});
