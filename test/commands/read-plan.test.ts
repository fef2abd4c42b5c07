import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { PlanFile } from "../../src/commands/apply/apply-job.ts";
import { readPlanOfRun } from "../../src/commands/apply/read-plan.ts";
import { createFakeClock } from "../run/fake-clock.ts";
import { createFakeServer } from "../run/fake-server.ts";

test("the plan of a run that is read again takes no other run's file", async () => {
  const { server } = createFakeServer(createFakeClock());
  const savePlanJson = async (planId: string, file: string) => {
    writeFileSync(
      file,
      JSON.stringify({ format_version: "1.2", resource_changes: [], variables: { of: { value: planId } } }),
    );
    return "plain" as const;
  };
  const planFiles = new Map<string, PlanFile>();
  const job = {
    ...{ server: { ...server, savePlanJson }, planFiles, key: new Uint8Array(32) },
    folder: mkdtempSync(join(tmpdir(), "plans-")),
  };
  for (const id of ["a", "a", "b"]) await readPlanOfRun(job, { id: `run-${id}`, planId: `plan-${id}` });
  const texts = [...planFiles].map(([id, { file }]) => [id, readFileSync(file, "utf8")]);
  expect(texts).toEqual([
    ["run-a", expect.stringContaining("plan-a")],
    ["run-b", expect.stringContaining("plan-b")],
  ]);
});
