import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { countChanges, planLine } from "../../src/plan/counts.ts";
import { readPlan } from "../../src/plan/read.ts";
import { renderPlan } from "../../src/plan/render.ts";
import { parseStructuredLine } from "../../src/plan/structured-log.ts";
import { countsFromText, planTextFromLog } from "../../src/plan/text.ts";
import { cliLines, ownLines } from "./cli-wording.ts";
import { findCli, record } from "./real-cli.ts";

const folder = join(import.meta.dirname, "..", "fixtures", "plan");
const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "plan.json")))
  .map((entry) => entry.name);

function read(name: string, file: string): string {
  return readFileSync(join(folder, name, file), "utf8");
}

/** The plan in the form of `json-output-redacted`, with the schemas that were recorded, or those of the built-in types. */
function redactedForm(name: string): Record<string, unknown> {
  const { format_version, ...rest } = JSON.parse(read(name, "plan.json"));
  const own = join(folder, name, "schemas.json");
  const schemas = JSON.parse(
    readFileSync(existsSync(own) ? own : join(folder, "builtin-schemas.json"), "utf8"),
  );
  return { plan_format_version: format_version, ...rest, provider_schemas: schemas.provider_schemas };
}

/**
 * What OpenTofu and Terraform do not show alike with a provider of the older SDK: attributes that are empty strings
 * (counted as unchanged, or not there) and write-only ones.
 */
function withoutOlderSdk(lines: string[]): string[] {
  return lines
    .filter((line) => !/# \(\d+ unchanged attributes? hidden\)|\(write-only attribute\)/.test(line))
    .map((line) => line.replace(/ +=/, " ="));
}

describe.each(cases)("recorded plan %s", (name) => {
  const text = read(name, "plan.txt");

  test("with schemas, the text is that of the CLI", () => {
    const plan = readPlan("redacted", JSON.parse(JSON.stringify(redactedForm(name))));
    const same = name === "aws" ? withoutOlderSdk : (lines: string[]) => lines;
    expect(same(ownLines(renderPlan(plan, { values: "show" })))).toEqual(same(cliLines(text)));
  });

  test.skipIf(name === "aws")("without schemas, the text is that of the CLI", () => {
    const plan = readPlan("plain", JSON.parse(read(name, "plan.json")));
    expect(ownLines(renderPlan(plan, { values: "show" }))).toEqual(cliLines(text));
  });

  test("the counts are those of the CLI's line", () => {
    const plan = readPlan("plain", JSON.parse(read(name, "plan.json")));
    const { forget: _forget, move: _move, ...counts } = countChanges(plan);
    expect(countsFromText(text.split("\n"))).toMatchObject(counts);
  });

  test("the text of the plan is cut out of a log", () => {
    const noise = [
      "Terraform v1.11.4",
      "on linux_amd64",
      "",
      'terraform_data.a["x y"]: Refreshing state... [id=1]',
    ];
    const log = [...noise, ...text.split("\n"), "─".repeat(77), "", "Saved the plan to: p"];
    expect(cliLines(planTextFromLog(log).join("\n"))).toEqual(cliLines(text));
  });

  test.skipIf(!existsSync(join(folder, name, "plan.jsonl")))(
    "every line of the JSON log is understood",
    () => {
      const lines = read(name, "plan.jsonl").trim().split("\n").map(parseStructuredLine);
      expect(lines).not.toContain(undefined);
      const summary = lines.find((line) => line?.kind === "change_summary")?.text;
      const {
        move: _move,
        forget: _forget,
        ...counts
      } = countChanges(readPlan("plain", JSON.parse(read(name, "plan.json"))));
      expect(summary).toEqual(["", planLine({ ...counts, move: 0, forget: 0 }), ""]);
    },
  );
});

const cli = findCli();

test.skipIf(cli === undefined)(
  "live: the text is that of the CLI on PATH (skipped without tofu or terraform)",
  () => {
    const { json, text } = record(cli ?? "", folder, "everything");
    const plan = readPlan("plain", JSON.parse(json));
    expect(ownLines(renderPlan(plan, { values: "show" }))).toEqual(cliLines(text));
  },
);
