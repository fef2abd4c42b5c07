import { cpSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ask, createRun, dataOf, packed, waitForStatus } from "./client.ts";
import { type Sandbox, startSandbox } from "./server.ts";

// What the demo and the tests stand on where there is no tofu and no terraform.

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ engine: "recorded" });
  sandbox.workspace("demo");
});
afterEach(() => sandbox.close());

const fixtures = path.resolve(import.meta.dirname, "../fixtures/sandbox");

async function archiveOf(configuration: string): Promise<Buffer> {
  const directory = mkdtempSync(path.join(tmpdir(), "recorded-"));
  cpSync(path.join(fixtures, configuration), directory, { recursive: true });
  writeFileSync(path.join(directory, "backend.tf"), 'terraform {\n  backend "remote" {}\n}\n');
  return packed(directory);
}

async function logOf(runId: string, phase: "plan" | "apply"): Promise<string> {
  const kind = phase === "plan" ? "plans" : "applies";
  const { attributes } = dataOf(await ask(sandbox, `/api/v2/${kind}/${sandbox.run(runId)[phase].id}`));
  const log = await ask(sandbox, String(attributes["log-read-url"]), { token: null });
  return stripVTControlCharacters(log.body.toString("utf8"));
}

test("create, change and no changes follow each other as they did when they were recorded", async () => {
  const create = await createRun(sandbox, { workspace: "demo", archive: await archiveOf("before") });
  await waitForStatus(sandbox, create, "planned");
  await ask(sandbox, `/api/v2/runs/${create}/actions/apply`, { method: "POST", json: {} });
  await waitForStatus(sandbox, create, "applied");
  expect(await logOf(create, "apply")).toContain("Apply complete! Resources: 8 added");

  const change = await createRun(sandbox, { workspace: "demo", archive: await archiveOf("after") });
  await waitForStatus(sandbox, change, "planned");
  const plan = await logOf(change, "plan");
  expect(plan).toContain("Plan: 3 to add, 3 to change, 3 to destroy.");
  expect(plan).toContain("terraform_data.cache has moved to terraform_data.session_cache");
  const redirect = await ask(sandbox, `/api/v2/plans/${sandbox.run(change).plan.id}/json-output-redacted`);
  const redacted = await ask(sandbox, redirect.headers["location"] ?? "", { token: null });
  expect(redacted.json).toHaveProperty(["provider_schemas", "terraform.io/builtin/terraform"]);
  expect(redacted.body.toString("utf8")).not.toContain("tr0ub4dor");
  await ask(sandbox, `/api/v2/runs/${change}/actions/apply`, { method: "POST", json: {} });
  await waitForStatus(sandbox, change, "applied");

  const again = await createRun(sandbox, { workspace: "demo", archive: await archiveOf("after") });
  await waitForStatus(sandbox, again, "planned_and_finished");
  expect(sandbox.run(again).hasChanges).toBe(false);
});

test("a configuration that nobody recorded fails and says why", async () => {
  const directory = mkdtempSync(path.join(tmpdir(), "recorded-"));
  writeFileSync(path.join(directory, "main.tf"), 'output "x" { value = 1 }\n');
  const run = await createRun(sandbox, { workspace: "demo", archive: await packed(directory) });
  await waitForStatus(sandbox, run, "errored");
  expect(await logOf(run, "plan")).toContain("neither tofu nor terraform is on PATH");
});
