import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { showStructuredPlan } from "../../src/commands/plan/structured-plan.ts";
import { Failure } from "../../src/failure.ts";
import type { JsonValue } from "../../src/json.ts";
import { systemClock } from "../../src/run/clock.ts";
import { resource } from "../plan/build.ts";
import { createFakeServer } from "../run/fake-server.ts";

/** A server that gives this as the plan, or none. */
function serverWith(json: string | undefined) {
  const { server } = createFakeServer(systemClock);
  const savePlanJson = async (_id: string, file: string) => {
    if (json !== undefined) writeFileSync(file, json, { mode: 0o600 });
    return json === undefined ? undefined : ("plain" as const);
  };
  return { ...server, savePlanJson };
}

function place(more: { keepJson?: boolean; values?: "show" | "hide" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "structured-plan-"));
  return {
    ...{ folder, textFile: join(folder, "plan.txt"), keepJson: false, values: "show" as const },
    ...more,
  };
}

const create = (name: string, after: JsonValue) =>
  resource({ actions: ["create"], after }, { address: `example_thing.${name}`, name });
const planOf = (...resources: JsonValue[]) =>
  `${JSON.stringify({ format_version: "1.2", resource_changes: resources }, undefined, 1)}\n`;

test("the text is a file for the owner alone, the JSON is not kept", async () => {
  const files = place();
  const shown = await showStructuredPlan(serverWith(planOf(create("a", { x: "é" }))), "plan-1", files);
  const text = readFileSync(files.textFile, "utf8");
  expect(text).toBe(`${shown?.head.lines.join("\n")}\n`);
  expect(text).toContain('x = "é"');
  expect(statSync(files.textFile).mode & 0o777).toBe(0o600);
  expect(readdirSync(files.folder)).toEqual(["plan.txt"]);
  expect(shown).toMatchObject({ hasChanges: true, jsonFile: undefined, head: { more: 0 } });
});

test("the JSON that is kept is what was received, byte for byte", async () => {
  const json = planOf(create("a", { x: "1" }));
  const files = place({ keepJson: true });
  const shown = await showStructuredPlan(serverWith(json), "plan-1", files);
  expect(readFileSync(shown?.jsonFile ?? "", "utf8")).toBe(json);
});

test("without values, reports get addresses; the file has all", async () => {
  const files = place({ values: "hide" });
  const shown = await showStructuredPlan(serverWith(planOf(create("a", { x: "value" }))), "plan-1", files);
  expect(shown?.head.lines).toEqual([
    "  # example_thing.a will be created",
    "",
    "Plan: 1 to add, 0 to change, 0 to destroy.",
  ]);
  expect(readFileSync(files.textFile, "utf8")).toContain('"value"');
});

test("of a long text the first lines are kept, the others counted", async () => {
  const many = Array.from({ length: 400 }, (_, at) => create(`r${at}`, { x: "y".repeat(10_000), z: at }));
  const files = place();
  const shown = await showStructuredPlan(serverWith(planOf(...many)), "plan-1", files);
  const lines = readFileSync(files.textFile, "utf8").trimEnd().split("\n");
  const { head } = shown ?? { head: { lines: [], more: 0 } };
  expect(head.lines).toEqual(lines.slice(0, head.lines.length));
  expect(head.more).toBe(lines.length - head.lines.length);
  const kept = head.lines.join("\n").length;
  expect(kept).toBeGreaterThan(2 * 1024 * 1024 - 100);
  expect(kept).toBeLessThan(2 * 1024 * 1024 + 11_000);
});

test("no plan leaves no file", async () => {
  const files = place({ keepJson: true });
  expect(await showStructuredPlan(serverWith(undefined), "plan-1", files)).toBeUndefined();
  expect(readdirSync(files.folder)).toEqual([]);
});

describe("a plan that cannot be read leaves no file", () => {
  const large = planOf(...Array.from({ length: 2000 }, (_, at) => create(`r${at}`, { x: "y".repeat(1000) })));
  test.each([
    ["cut", large.slice(0, -1000)],
    ["broken at its end", large.replace('"example_thing.r1999"', '"example_thing.r1999')],
    ["with an action that nobody knows at its end", large.replace(/"create"(?![\s\S]*"create")/, '"dance"')],
    ["of another format", '{"format_version":"9.0"}'],
  ])("%s", async (_name, json) => {
    const files = place({ keepJson: true });
    await expect(showStructuredPlan(serverWith(json), "plan-1", files)).rejects.toThrow(Failure);
    expect(readdirSync(files.folder)).toEqual([]);
  });
});
