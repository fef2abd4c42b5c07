import fc from "fast-check";
import { expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import type { JsonValue } from "../../src/json.ts";
import { countChanges, hasChanges, isShown } from "../../src/plan/counts.ts";
import { diagnosticsFromText } from "../../src/plan/diagnostics.ts";
import { readPlan } from "../../src/plan/read.ts";
import { renderPlan } from "../../src/plan/render.ts";
import { parseStructuredLine } from "../../src/plan/structured-log.ts";
import { countsFromText, planTextFromLog } from "../../src/plan/text.ts";
import { toDiff } from "../../src/plan/to-diff.ts";
import { planOf, planWithSchema, resource } from "./build.ts";

type Masked = { value: JsonValue; mask: JsonValue };

const word = fc.constantFrom("a", "b", "id", "tags", "name", "__proto__", "constructor", "x y", "é");

/** Strings as configurations hold them: plain, of several lines, JSON. */
function stringOf(text: string, form: number): string {
  return (
    [text, `first\n${text}\nlast`, JSON.stringify({ [text]: [text] }), JSON.stringify([text])][form % 4] ??
    text
  );
}

/** A value with a mask; below a mask of `true` every string and key holds the canary, elsewhere none does. */
function masked(canary: string): fc.Arbitrary<Masked> {
  const secret = fc.integer({ min: 0, max: 3 }).map((form) => stringOf(canary, form));
  const secretValue = fc.oneof(
    secret,
    fc.array(secret, { maxLength: 3 }),
    fc.dictionary(word, secret, { maxKeys: 3 }).map((object) => ({ ...object, [`k${canary}`]: canary })),
  );
  const { tree } = fc.letrec<{ tree: Masked }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(
        secretValue.map((value): Masked => ({ value, mask: true })),
        fc
          .tuple(fc.constantFrom("open", "two\nlines", '{"a":1}'), fc.boolean())
          .map(([value]) => ({ value, mask: false })),
        fc.constantFrom<JsonValue>(null, 1, true).map((value) => ({ value, mask: false })),
      ),
      fc.array(tie("tree"), { maxLength: 4 }).map((items) => ({
        value: items.map((item) => item.value),
        mask: items.map((item) => item.mask),
      })),
      fc.array(fc.tuple(word, tie("tree")), { maxLength: 4 }).map((members) => ({
        value: Object.fromEntries(members.map(([key, item]) => [key, item.value])),
        mask: Object.fromEntries(members.map(([key, item]) => [key, item.mask])),
      })),
    ),
  }));
  return tree;
}

const schemaBlock = {
  attributes: {
    a: { type: "string" },
    tags: { type: ["map", "string"] },
    name: { type: ["list", ["object", { a: "string", id: "dynamic" }]] },
    id: {
      nested_type: {
        nesting_mode: "set",
        attributes: { a: { type: "string" }, b: { type: ["set", "string"] } },
      },
    },
  },
  block_types: {
    b: { nesting_mode: "list", block: { attributes: { a: { type: "dynamic" }, b: { type: "string" } } } },
    "x y": { nesting_mode: "set", block: { attributes: { id: { type: "dynamic" } } } },
    é: { nesting_mode: "map", block: { attributes: { a: { type: "dynamic" } } } },
    constructor: { nesting_mode: "single", block: { attributes: { a: { type: "dynamic" } } } },
  },
};

test("a value under a sensitive mask is in no output", () => {
  const sides = fc.tuple(masked("canaryBefore"), masked("canaryAfter"), fc.boolean());
  const actions = fc.constantFrom(
    ["update"],
    ["create"],
    ["delete"],
    ["delete", "create"],
    ["forget"],
    ["no-op"],
  );
  fc.assert(
    fc.property(
      sides,
      fc.tuple(actions, fc.boolean()),
      fc.jsonValue(),
      ([before, after, isSame], [actions, withSchema], unknown) => {
        const other = isSame ? before : after;
        const change = {
          actions: [...actions],
          before: { in: before.value, ...members(before, "value") },
          after: { in: other.value, ...members(other, "value") },
          after_unknown: JSON.parse(JSON.stringify(unknown)),
          before_sensitive: { in: before.mask, ...members(before, "mask") },
          after_sensitive: { in: other.mask, ...members(other, "mask") },
          replace_paths: [["in"], ["a"]],
        };
        const item = resource(change, { importing: {}, deposed: "" });
        const output = {
          o: {
            ...change,
            before: before.value,
            after: other.value,
            before_sensitive: before.mask,
            after_sensitive: other.mask,
          },
        };
        const plans = withSchema
          ? [planWithSchema(schemaBlock, [item])]
          : [planOf([item], { output_changes: output })];
        for (const plan of plans) {
          const lines = renderPlan(plan, { values: "show" });
          expect(lines.join("\n")).not.toContain("canary");
          expect(toDiff(lines).join("\n")).not.toContain("canary");
          expect(renderPlan(plan, { values: "show" })).toEqual(lines);
        }
      },
    ),
    { numRuns: 1500 },
  );
});

/** Members to make attributes of; what is sensitive as a whole has none, for names of attributes are no secret. */
function members({ value, mask }: Masked, of: "value" | "mask"): { [key: string]: JsonValue } {
  if (mask === true || typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const chosen = of === "value" ? value : mask;
  return typeof chosen === "object" && chosen !== null && !Array.isArray(chosen) ? chosen : {};
}

test("no value is shown where values are hidden", () => {
  fc.assert(
    fc.property(masked("canary"), (after) => {
      const change = {
        actions: ["create"],
        after: { a: after.value, b: "canary" },
        importing: { id: "canary" },
      };
      const plan = planOf([resource(change)], {
        output_changes: { o: { actions: ["create"], after: "canary" } },
      });
      expect(renderPlan(plan, { values: "hide" })).toEqual([
        "  # example_thing.a will be created",
        "",
        "Plan: 1 to import, 1 to add, 0 to change, 0 to destroy.",
        "",
        "Changes to Outputs:",
        "  + o",
      ]);
    }),
    { numRuns: 100 },
  );
});

test("anything that is no plan is a Failure, anything else renders", () => {
  const changes = fc.array(
    fc.record(
      {
        address: fc.oneof(fc.string(), fc.jsonValue()),
        mode: fc.constantFrom("managed", "data", "ephemeral", "odd"),
        type: fc.string(),
        name: fc.string(),
        change: fc.oneof(
          fc.jsonValue(),
          fc.record(
            {
              actions: fc.oneof(
                fc.constantFrom(["create"], ["update"], ["delete"], ["no-op"], ["read"]),
                fc.jsonValue(),
              ),
              before: fc.jsonValue(),
              after: fc.jsonValue(),
              after_unknown: fc.jsonValue(),
              before_sensitive: fc.jsonValue(),
              after_sensitive: fc.jsonValue(),
              replace_paths: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    ),
  );
  const shaped = fc.record({
    format_version: fc.constantFrom("1.2", "0.1", "2.0", 1),
    plan_format_version: fc.constantFrom("1.2", "9"),
    resource_changes: fc.oneof(changes, fc.jsonValue()),
    resource_drift: fc.oneof(changes, fc.constant(null)),
    relevant_attributes: fc.oneof(fc.constant([{ resource: "", attribute: [] }]), fc.jsonValue()),
    output_changes: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
    provider_schemas: fc.jsonValue(),
  });
  fc.assert(
    fc.property(fc.oneof(shaped, fc.jsonValue()), fc.constantFrom("plain", "redacted"), (input, form) => {
      const value: JsonValue = JSON.parse(JSON.stringify(input));
      let plan: ReturnType<typeof readPlan>;
      try {
        plan = readPlan(form, value);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        return;
      }
      expect(renderPlan(plan, { values: "show" }).join("\n").split("\n")).toEqual(
        renderPlan(plan, { values: "show" }),
      );
    }),
    { numRuns: 3000 },
  );
});

test("counts agree with what is shown", () => {
  const actions = fc.constantFrom(
    ["create"],
    ["update"],
    ["delete"],
    ["delete", "create"],
    ["create", "delete"],
    ["read"],
    ["forget"],
    ["no-op"],
    ["forget", "create"],
  );
  const item = fc
    .tuple(actions, fc.boolean(), fc.boolean(), fc.boolean())
    .map(([list, moved, imported, data]) =>
      resource(
        { actions: [...list], ...(imported ? { importing: { id: "i" } } : {}) },
        { ...(moved ? { previous_address: "example_thing.old" } : {}), ...(data ? { mode: "data" } : {}) },
      ),
    );
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const plan = planOf(items);
      const counts = countChanges(plan);
      const text = renderPlan(plan, { values: "hide" });
      const titles = text.filter((line) => / will be | must be | will no longer | has moved to /.test(line));
      expect(titles.filter((line) => !line.includes("(")).length).toBe(plan.resources.filter(isShown).length);
      expect(hasChanges(plan)).toBe(titles.length > 0);
      const told = countsFromText(text);
      expect(told).toEqual(counts);
    }),
  );
});

test("lines of a log never make the readers throw", () => {
  const part = fc.constantFrom(
    "╷",
    "│ ",
    "╵",
    "Error: ",
    "Warning: ",
    "  on main.tf line 3:",
    "\u001b[31m",
    "{",
    '"type":"diagnostic"',
    "Plan: 1 to add",
    "x",
  );
  const line = fc.oneof(
    fc.string(),
    fc.array(part).map((parts) => parts.join("")),
    fc.jsonValue().map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      diagnosticsFromText(lines);
      planTextFromLog(lines);
      countsFromText(lines);
      expect(toDiff(lines)).toHaveLength(lines.length);
      for (const one of lines) parseStructuredLine(one);
    }),
    { numRuns: 2000 },
  );
});
