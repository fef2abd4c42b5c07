// How a difference reads, line by line.
import { describe, expect, test } from "vitest";
import { elementKey } from "../../src/gate/canonical.ts";
import { describeElement, differenceLines, differingElements, subjectOf } from "../../src/gate/difference.ts";
import type { PlanPart } from "../../src/gate/plan-element.ts";
import type { JsonValue } from "../../src/json.ts";
import { digestOf } from "./facts.ts";

const at = (address: string, change: Record<string, JsonValue> = {}) => ({
  address,
  change: { actions: ["update"], before: null, after: null, ...change },
});
const list = (...addresses: string[]) => ({ resource_changes: addresses.map((address) => at(address)) });

test("elements are sorted, whatever their order in the plans", () => {
  const reviewed = digestOf({ resource_changes: [at("b.x"), at("a.x"), at("z.z"), at("y.y")] });
  const fresh = digestOf({
    resource_changes: [at("d.x"), at("c.x"), at("z.z", { after: 1 }), at("y.y", { after: 1 })],
  });
  const found = differingElements(reviewed, fresh);
  expect(Object.values(found).map((keys: string[]) => keys.map(subjectOf))).toEqual([
    ["a.x", "b.x"],
    ["c.x", "d.x"],
    ["y.y", "z.z"],
  ]);
});

test.each<[PlanPart, string]>([
  ["resource", 'a.b["c"]'],
  ["drift", 'a.b["c"] (changed outside)'],
  ["output", 'output "a.b[\\"c\\"]"'],
  ["variable", 'variable "a.b[\\"c\\"]"'],
  ["action", 'action a.b["c"]'],
])("the name of a %s", (part, name) => {
  expect(subjectOf(elementKey(part, 'a.b["c"]'))).toBe(name);
});

describe("an element", () => {
  const told = (part: PlanPart, reviewed: JsonValue, fresh: JsonValue) =>
    describeElement(part, { reviewed, fresh, name: "n" });

  test.each<[PlanPart, JsonValue, JsonValue, string[]]>([
    ["variable", { value: 1 }, { value: 2 }, ["value"]],
    ["variable", { value: 1 }, { value: 1 }, []],
    ["action", { address: "a.b", x: 1 }, { address: "a.b", x: 2 }, ["settings"]],
    ["action", { address: "a.b", x: 1 }, { x: 1, address: "a.b" }, []],
    ["resource", at("a.b"), { ...at("a.b"), deposed: "01" }, ["deposed"]],
    [
      "resource",
      { ...at("a.b"), mode: "ephemeral" },
      { ...at("a.b", { after: 1 }), mode: "managed" },
      ["importing", "mode"],
    ],
    [
      "resource",
      at("a.b", { after_unknown: { z: true, b: true } }),
      at("a.b", { after_unknown: { a: true, b: true } }),
      ["a (known only after the apply)", "z (known only after the apply)"],
    ],
    [
      "resource",
      at("a.b", { before_sensitive: [true, { x: true }] }),
      at("a.b", { before_sensitive: [true] }),
      ["[1].x (sensitive before)"],
    ],
    ["resource", at("a.b"), at("a.b", { after_sensitive: true }), ["(sensitive after)"]],
    [
      "resource",
      at("a.b", { replace_paths: [["x"], ["y"]] }),
      at("a.b", { replace_paths: [["y"], ["x"]] }),
      [],
    ],
    [
      "resource",
      at("a.b", { replace_paths: [["x"]] }),
      at("a.b", { replace_paths: [["y"]] }),
      ["attributes that force the replacement"],
    ],
    [
      "resource",
      at("a.b", { after: { b: 1, a: 1, same: [1] } }),
      at("a.b", { after: { c: 1, a: 2, same: [1] } }),
      ["after.a", "after.b", "after.c"],
    ],
    ["resource", at("a.b", { after: [1, 2] }), at("a.b", { after: [1, 3] }), ["after[1]"]],
    ["resource", at("a.b", { after: [1] }), at("a.b", { after: [1, 3] }), ["after[1]"]],
    ["resource", at("a.b", { after: [1, 3] }), at("a.b", { after: [1] }), ["after[1]"]],
    ["resource", at("a.b"), { ...at("a.b", { after: 1 }), mode: "ephemeral" }, ["importing", "mode"]],
    ["resource", at("a.b", { after: [1] }), at("a.b", { after: { 0: 1 } }), ["after"]],
  ])("%s from %j to %j", (part, reviewed, fresh, paths) => {
    expect(told(part, reviewed, fresh).attributes.map(({ path }) => path)).toEqual(paths);
  });

  test("what is nothing in both plans has a key and no places", () => {
    const quiet = at("a.b", { actions: ["no-op"] });
    expect(told("resource", quiet, quiet)).toEqual({
      ...{ key: '["resource",""]', attributes: [], more: 0 },
    });
    expect(told("resource", quiet, at("a.b"))).toMatchObject({ key: '["resource","a.b"]', attributes: [] });
    expect(told("resource", at("a.b"), quiet)).toMatchObject({ key: '["resource","a.b"]', attributes: [] });
  });

  const long = (units: number) => "x".repeat(units - 2);
  test.each<[JsonValue, JsonValue, string, string]>([
    ["\0number 1e5", 1, "1e5", "1"],
    ["number \0number ", "a", '"number \\u0000number "', '"a"'],
    [null, false, "null", "false"],
    [long(60), long(61), `"${long(60)}"`, `"${long(60)}…`],
  ])("values %j and %j", (reviewed, fresh, one, other) => {
    const { attributes } = told(
      "resource",
      at("a.b", { after: { v: reviewed } }),
      at("a.b", { after: { v: fresh } }),
    );
    expect(attributes).toEqual([{ path: "after.v", values: { reviewed: one, fresh: other } }]);
  });

  test("one that is absent, and one that is no scalar", () => {
    const { attributes } = told(
      "resource",
      at("a.b", { after: {} }),
      at("a.b", { after: { s: 1, t: { u: 1 } } }),
    );
    expect(attributes).toEqual([
      { path: "after.s", values: { reviewed: "absent", fresh: "1" } },
      { path: "after.t" },
    ]);
    const toScalar = told("resource", at("a.b", { after: { t: [1] } }), at("a.b", { after: { t: 1 } }));
    expect(toScalar.attributes).toEqual([{ path: "after.t" }]);
  });
});

test("lines", () => {
  const reviewed = digestOf(list("a.a", "a.b", "a.c", "x.x", "y.y"));
  const changes = {
    resource_changes: [at("x.x", { after: { b: 1, a: { c: 1 } } }), at("y.y", { after: 1 })],
  };
  const found = differingElements(reviewed, digestOf(changes));
  const [x, y] = changes.resource_changes;
  const described = [
    describeElement("resource", { reviewed: at("x.x", { after: { b: 2, a: 1 } }), fresh: x ?? null }, 1),
    describeElement("resource", { reviewed: at("x.x", { after: { b: 2, a: 1 } }), fresh: x ?? null }),
  ];
  const lines = (most: number, nth: number) =>
    differenceLines({ ...found, described: described.slice(nth, nth + 1) }, most);
  expect(y).toBeDefined();
  expect(lines(2, 0)).toEqual([
    "Only in the reviewed plan (3):",
    "  a.a",
    "  a.b",
    "  and 1 more",
    "Planned differently (2):",
    "  x.x",
    "    after.a",
    "    and 1 more",
    "  y.y",
  ]);
  expect(lines(1, 1).slice(3)).toEqual([
    "Planned differently (2):",
    "  x.x",
    "    after.a",
    "    after.b: 2 → 1",
    "  and 1 more",
  ]);
});
