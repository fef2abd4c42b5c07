import { describe, expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import type { JsonValue } from "../../src/json.ts";
import { countChanges, hasChanges, planLine } from "../../src/plan/counts.ts";
import { readPlan } from "../../src/plan/read.ts";
import { planOf, resource } from "./build.ts";

const deep: JsonValue = JSON.parse(`${"[".repeat(300)}${"]".repeat(300)}`);

test.each<[string, JsonValue, string]>([
  ["null", null, "it is not a JSON object"],
  ["a list", [], "it is not a JSON object"],
  ["no version", { resource_changes: [] }, "plan.format_version is not a string"],
  [
    "a version to come",
    { format_version: "2.0", resource_changes: [] },
    "format_version is neither 0.x nor 1.x",
  ],
  ["a state", { format_version: "1.0", values: {} }, "it has none of resource_changes"],
  ["no list", { format_version: "1.2", resource_changes: {} }, "resource_changes is not a list"],
  ["no object", { format_version: "1.2", resource_changes: [1] }, "resource_changes[0] is not an object"],
  [
    "no address",
    { format_version: "1.2", resource_changes: [resource({}, { address: 1 })] },
    "resource_changes[0].address is not a string",
  ],
  [
    "an unknown action",
    { format_version: "1.2", resource_changes: [resource({ actions: ["secret-action"] })] },
    "resource_changes[0].change.actions is not a known list of actions",
  ],
  [
    "too deep",
    { format_version: "1.2", resource_changes: [resource({ after: deep })] },
    "nests deeper than 200 levels",
  ],
])("%s is no plan", (_name, value, message) => {
  const read = () => readPlan("plain", value);
  expect(read).toThrow(Failure);
  expect(read).toThrow(message);
  expect(read).not.toThrow("secret-action");
});

describe("actions", () => {
  type Counted = Partial<ReturnType<typeof countChanges>>;

  test.each<[string[], { [key: string]: JsonValue }, [string, Counted]]>([
    [["create"], {}, ["create", { add: 1 }]],
    [["update"], {}, ["update", { change: 1 }]],
    [["delete"], {}, ["delete", { destroy: 1 }]],
    [["delete"], { deposed: "1a2b" }, ["delete", { destroy: 1 }]],
    [["delete"], { mode: "data" }, ["delete", {}]],
    [["delete", "create"], {}, ["replace", { add: 1, destroy: 1 }]],
    [["create", "delete"], {}, ["replace", { add: 1, destroy: 1 }]],
    [["forget", "create"], {}, ["replace", { add: 1, forget: 1 }]],
    [["create", "forget"], {}, ["replace", { add: 1, forget: 1 }]],
    [["read"], { mode: "data" }, ["read", {}]],
    [["forget"], {}, ["forget", { forget: 1 }]],
    [["no-op"], {}, ["no-op", {}]],
    [["no-op"], { previous_address: "example_thing.old" }, ["move", { move: 1 }]],
    [["no-op"], { previous_address: "example_thing.a" }, ["no-op", {}]],
    [["update"], { previous_address: "example_thing.old" }, ["update", { change: 1, move: 1 }]],
  ])("%j with %j is %s", (actions, rest, [action, counts]) => {
    const plan = planOf([resource({ actions }, rest)]);
    expect(plan.resources[0]?.action).toBe(action);
    expect(countChanges(plan)).toEqual({
      add: 0,
      change: 0,
      destroy: 0,
      import: 0,
      move: 0,
      forget: 0,
      ...counts,
    });
  });

  test("an import is one alone or with a change", () => {
    const plan = planOf([
      resource({ actions: ["no-op"], importing: { id: "i" } }),
      resource({ actions: ["update"], importing: {} }),
    ]);
    expect(plan.resources.map(({ action, importing }) => [action, importing])).toEqual([
      ["import", { id: "i" }],
      ["update", {}],
    ]);
    expect(countChanges(plan)).toMatchObject({ import: 2, change: 1 });
  });
});

test.each([
  [
    { add: 1, change: 0, destroy: 2, import: 0, move: 5, forget: 0 },
    "Plan: 1 to add, 0 to change, 2 to destroy.",
  ],
  [
    { add: 1, change: 0, destroy: 2, import: 3, move: 0, forget: 0 },
    "Plan: 3 to import, 1 to add, 0 to change, 2 to destroy.",
  ],
  [
    { add: 1, change: 0, destroy: 2, import: 3, move: 0, forget: 4 },
    "Plan: 3 to import, 1 to add, 0 to change, 2 to destroy, 4 to forget.",
  ],
  [
    { add: 0, change: 0, destroy: 0, import: 0, move: 0, forget: 1 },
    "Plan: 0 to add, 0 to change, 0 to destroy, 1 to forget.",
  ],
])("%j reads %s", (counts, line) => {
  expect(planLine(counts)).toBe(line);
});

test("a plan without changes has none, one of outputs has some", () => {
  const outputs = (actions: string[]) => ({ output_changes: { o: { actions } } });
  expect(hasChanges(planOf([resource({ actions: ["no-op"] })], outputs(["no-op"])))).toBe(false);
  expect(hasChanges(planOf([], outputs(["create"])))).toBe(true);
  expect(hasChanges(planOf([resource({ actions: ["forget"] })]))).toBe(true);
});

test("ephemeral objects are no part of a plan; unknown fields are passed over", () => {
  const plan = planOf([resource({ actions: ["open"] }, { mode: "ephemeral" })], { something: { new: true } });
  expect(plan.resources).toEqual([]);
});
