// What the digest of a plan is made of, to the byte.
import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  canonicalText,
  createPlanDigester,
  elementKey,
  markedPaths,
  marksAt,
  withoutMarked,
} from "../../src/gate/canonical.ts";
import { PLAN_MEMBERS, readElement, unreadable } from "../../src/gate/plan-element.ts";
import type { JsonValue } from "../../src/json.ts";

const nested = (levels: number, inner: JsonValue): JsonValue =>
  levels === 0 ? inner : levels % 2 === 0 ? [nested(levels - 1, inner)] : { a: nested(levels - 1, inner) };
const cannot = (part: string, problem: string) =>
  `The structured plan that the server sent cannot be compared: an element of its part "${part}" ${problem}. ` +
  "Nothing was applied. If the server runs a newer OpenTofu or Terraform, update this action.";

describe("text of a value", () => {
  test.each<[JsonValue, string]>([
    [null, "null"],
    ["a\n", '"a\\n"'],
    [true, "true"],
    [1.5, "1.5"],
    [[], "[]"],
    [{}, "{}"],
    [[1, [2, "3"], null], '[1,[2,"3"],null]'],
    [{ b: { d: 1, c: [2] }, a: null }, '{"a":null,"b":{"c":[2],"d":1}}'],
    [{ "": 1, "\n": 2 }, '{"":1,"\\n":2}'],
  ])("%j", (value, text) => {
    expect(canonicalText(value)).toBe(text);
  });

  test("200 levels and no more", () => {
    expect(canonicalText(nested(200, 1)).length).toBeGreaterThan(400);
    expect(() => canonicalText(nested(201, 1))).toThrow(cannot("resource", "nests deeper than 200 levels"));
  });

  test("numbers that were not read exactly", () => {
    expect(canonicalText(Number.MAX_SAFE_INTEGER)).toBe("9007199254740991");
    for (const number of [2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => canonicalText(number)).toThrow(cannot("resource", "has a number that is not exact"));
  });
});

describe("masks", () => {
  test.each<[JsonValue, string[]]>([
    [true, ["[]"]],
    [false, []],
    [null, []],
    ["true", []],
    [{}, []],
    [[false, {}], []],
    [{ b: true, a: [true, { c: true }], d: false }, ['["a",0]', '["a",1,"c"]', '["b"]']],
  ])("the paths of %j", (mask, paths) => {
    expect(markedPaths(mask)).toEqual(paths);
  });

  test("200 levels and no more", () => {
    expect(markedPaths(nested(200, true))).toHaveLength(1);
    expect(() => markedPaths(nested(201, true))).toThrow(cannot("resource", "nests deeper than 200 levels"));
  });

  const hidden = "\0sensitive";
  test.each<[JsonValue, JsonValue[], JsonValue]>([
    ["s", [true], hidden],
    ["s", [false, null, {}], "s"],
    [null, [{ a: true }], null],
    [{ a: 1, b: 2 }, [{ a: true }], { a: hidden, b: 2 }],
    [{ a: 1, b: 2 }, [{ a: true }, { b: true }], { a: hidden, b: hidden }],
    [[1, { x: 2 }], [[false, { x: true }]], [1, { x: hidden }]],
    [[1, 2], [[true]], [hidden, 2]],
    [[1, 2], [{ a: true }], [1, 2]],
    [{ a: [1] }, [null, "x", { a: [true] }], { a: [hidden] }],
    [[1], [false], [1]],
  ])("%j without what %j marks", (value, masks, rest) => {
    expect(withoutMarked(value, masks)).toEqual(rest);
  });

  test.each<[JsonValue[], string | number, JsonValue[]]>([
    [[true], "a", [true]],
    [[[true, false]], 0, [true]],
    [[[true]], 1, [false]],
    [[[true]], "a", []],
    [[{ a: true }], "a", [true]],
    [[{ a: true }], "b", [false]],
    [[{ 0: true }], 0, [true]],
    [[null, false, "x"], "a", []],
  ])("what %j say at %j", (masks, step, told) => {
    expect(marksAt(masks, step)).toEqual(told);
  });
});

describe("elements", () => {
  const change = { actions: ["create"], before: null, after: 1 };
  const values = {
    ...{ before: null, after: 1, afterUnknown: false, beforeSensitive: false, afterSensitive: false },
    replacePaths: [],
  };

  test("the members of a plan that hold them", () => {
    expect(PLAN_MEMBERS).toEqual({
      resource_changes: { part: "resource", kind: "list" },
      resource_drift: { part: "drift", kind: "list" },
      output_changes: { part: "output", kind: "object" },
      variables: { part: "variable", kind: "object" },
      action_invocations: { part: "action", kind: "list" },
    });
  });

  test("an output, a variable, an action", () => {
    expect(readElement("output", { ...change, replace_paths: "none" }, "o")).toEqual({
      ...{ part: "output", subject: "o", facts: { actions: "create" }, values },
    });
    expect(readElement("variable", { value: 1 }, "v")).toEqual({
      ...{ part: "variable", subject: "v", facts: { value: 1 }, values: undefined },
    });
    expect(readElement("variable", "odd")).toMatchObject({ subject: "", facts: { value: null } });
    expect(readElement("variable", {}, "v")).toMatchObject({ facts: { value: null } });
    const action = { address: "action.a.b", x: 1 };
    expect(readElement("action", action)).toEqual({
      ...{ part: "action", subject: "action.a.b", facts: action, values: undefined },
    });
  });

  test("a resource of which little is told", () => {
    const facts = {
      ...{ address: "a.b", deposed: "", previous: "a.b", mode: "managed", type: "", provider: "" },
      ...{ actions: "delete,create", importing: null },
    };
    const told = { address: "a.b", change: { ...change, actions: ["delete", "create"] } };
    expect(readElement("drift", told)).toEqual({ part: "drift", subject: "a.b", facts, values });
    expect(readElement("resource", { ...told, deposed: "01" })).toMatchObject({
      ...{ part: "resource", subject: "a.b (deposed 01)", facts: { ...facts, deposed: "01" } },
    });
  });

  test.each<[string, Record<string, JsonValue>, boolean]>([
    ["a no-op", {}, false],
    ["a no-op with a move", { previous_address: "a.old" }, true],
    ["a no-op with an import", { change: { actions: ["no-op"], importing: { id: "1" } } }, true],
    ["the removal of a data source", { mode: "data", change: { actions: ["delete"] } }, false],
    ["the removal of an object", { change: { actions: ["delete"] } }, true],
    ["a data source that is read", { mode: "data", change: { actions: ["read"] } }, true],
  ])("%s counts: %s", (_name, given, counts) => {
    const element = readElement("resource", { address: "a.b", change: { actions: ["no-op"] }, ...given });
    expect(element !== undefined).toBe(counts);
  });

  test.each<[Parameters<typeof readElement>, string, string]>([
    [["resource", 1], "resource", "is not an object"],
    [["output", [], "o"], "output", "is not an object"],
    [["action", null], "action", "is not an object"],
    [["action", {}], "action", "has no address"],
    [["drift", { address: "a.b" }], "drift", "has no change"],
    [["resource", { change }], "resource", "has no address"],
    [["resource", { address: "", change }], "resource", "has no address"],
    [["resource", { address: "a.b", change: {} }], "resource", "has no actions"],
    [["output", { actions: [] }, "o"], "output", "has no actions"],
    [["output", { actions: "create" }, "o"], "output", "has no actions"],
    [["output", { actions: ["create", 1] }, "o"], "output", "has no actions"],
  ])("%j is refused", (given, part, problem) => {
    expect(() => readElement(...given)).toThrow(cannot(part, problem));
  });

  test("the refusal is the server's", () => {
    expect(unreadable("output", "is odd")).toMatchObject({
      ...{ reason: "server", message: cannot("output", "is odd") },
    });
  });
});

test("the digests, computed anew", () => {
  const key = Buffer.from("a key");
  const mac = (text: string) => createHmac("sha256", key).update(text).digest("hex");
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const digester = createPlanDigester({ form: "plain", key });
  const output = (after: JsonValue) => ({
    ...{ actions: ["create"], before: null, after, after_sensitive: { secret: true } },
  });
  const text = (name: string, after: JsonValue) =>
    canonicalText(["output", name, { actions: "create" }, [null, after, [], [], ['["secret"]'], []]]);
  const one = { secret: 1, n: 1 };
  const two = { secret: 2, n: 2 };
  digester.add("output", output(one), "o");
  digester.add("output", output(two), "o");
  digester.add("output", output(one), "p");
  digester.add("variable", { value: 1 }, "v");
  digester.add("action", { address: "a.b", secret: 1 });
  const both = [mac(text("o", one)), mac(text("o", two))].sort().join("");
  const other = mac(text("p", one));
  const variable = mac(canonicalText(["variable", "v", { value: 1 }, null]));
  const action = mac(canonicalText(["action", "a.b", { address: "a.b", secret: 1 }, null]));
  const seen = (name: string, n: number) => hash(text(name, { secret: "\0sensitive", n }));
  const shown = [seen("o", 1), seen("o", 2), seen("p", 1), hash(canonicalText(["action", "a.b", {}, null]))];
  expect(digester.finish()).toEqual({
    digest: mac([both, other, variable, action].sort().join("\n")),
    publicDigest: hash(shown.sort().join("\n")),
    form: "plain",
    concealed: false,
    elements: new Map([
      ['["output","o"]', both],
      ['["output","p"]', other],
      ['["variable","v"]', variable],
      ['["action","a.b"]', action],
    ]),
  });
  expect(elementKey("output", "o")).toBe('["output","o"]');
});

test("what is published tells apart what an ephemeral object does", () => {
  const published = (action: string) => {
    const digester = createPlanDigester({ form: "plain", key: Buffer.from("k") });
    digester.add("resource", { address: "a.b", mode: "ephemeral", change: { actions: [action] } });
    return digester.finish().publicDigest;
  };
  expect(published("open")).not.toBe(published("renew"));
});

test("a redacted plan without sensitive values hides nothing, whatever it has", () => {
  const digester = createPlanDigester({ form: "redacted", key: Buffer.from("k") });
  digester.add("action", { address: "a.b" });
  digester.add("output", { actions: ["create"], before: null, after: 1 }, "o");
  expect(digester.finish().concealed).toBe(false);
});
