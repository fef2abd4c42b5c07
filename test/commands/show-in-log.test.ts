import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ShownPlan } from "../../src/commands/findings.ts";
import { showInLog } from "../../src/commands/plan/show-in-log.ts";
import type { JobLog } from "../../src/job-log.ts";

/** What the job log gets of a plan with so many lines. */
async function printed(count: number, more: Partial<ShownPlan> = {}) {
  const textFile = join(mkdtempSync(join(tmpdir(), "show-in-log-")), "plan.txt");
  writeFileSync(textFile, Array.from({ length: count }, (_, at) => `line ${at}\n`).join(""));
  const shown: ShownPlan = {
    ...{ plan: { resources: [], drift: [], outputs: [] }, counts: undefined, hasChanges: true },
    ...{ textFile, jsonFile: undefined, lines: [], moreLines: 0, inLog: false, diagnostics: [] },
    ...more,
  };
  const texts: string[] = [];
  const note = (text: string) => void texts.push(text);
  const log: JobLog = {
    ...{
      line: note,
      foreign: (lines) => void texts.push(...lines),
      startGroup: note,
      endGroup: () => note("end"),
    },
    ...{ mask: note, annotate: note, warning: note },
  };
  await showInLog({ log }, { shown });
  return { texts, textFile };
}

test.each([0, 1, 499, 500, 501, 10_000])("a plan of %i lines is printed whole, in a group", async (count) => {
  const { texts } = await printed(count);
  expect(texts).toEqual(["Plan", ...Array.from({ length: count }, (_, at) => `line ${at}`), "end"]);
});

test("of a longer one the first ten thousand lines, and where the others are", async () => {
  const { texts, textFile } = await printed(10_001);
  expect(texts).toHaveLength(10_003);
  expect(texts.at(-3)).toBe("line 9999");
  expect(texts.at(-2)).toContain(textFile);
});

test("a plan that the log has shown, or only the log, is not printed again", async () => {
  expect((await printed(3, { inLog: true })).texts).toEqual([]);
  expect((await printed(3, { plan: undefined })).texts).toEqual([]);
});
