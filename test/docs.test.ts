import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { FAILURE_REASONS } from "../src/failure.ts";
import { readInputs } from "../src/inputs.ts";
import { UNKNOWN } from "../src/outputs.ts";

const action = parse(readFileSync("action.yml", "utf8"));

test.each(FAILURE_REASONS)("docs/outputs.md explains the reason %s", (reason) => {
  expect(readFileSync("docs/outputs.md", "utf8")).toContain(`\`${reason}\``);
});

test("action.yml declares exactly the outputs that are written", () => {
  expect(Object.keys(action.outputs).sort()).toEqual(Object.keys(UNKNOWN).sort());
});

test("action.yml declares exactly the inputs that are read", () => {
  const read = new Set<string>();
  readInputs("/repo", (name) => {
    read.add(name);
    return "";
  });
  expect(Object.keys(action.inputs).sort()).toEqual([...read].sort());
});

test("the defaults of action.yml are those of the code", () => {
  const declared = (name: string): string =>
    String(action.inputs[name]?.default ?? "").replace(/^\$\{\{.*\}\}$/, "");
  expect(readInputs("/repo", declared)).toEqual(readInputs("/repo", () => ""));
});
