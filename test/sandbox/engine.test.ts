import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/json.ts";
import { ask, createRun, eventually, packed, waitForStatus } from "./client.ts";
import { binary, engine, withSandbox } from "./referee.ts";
import type { Sandbox } from "./server.ts";
import type { Run } from "./world.ts";

// What the CLI behind the sandbox makes of a run's attributes.

const configuration = `
variable "name" { default = "nobody" }
resource "terraform_data" "one" { input = "hello \${var.name}" }
resource "terraform_data" "two" { input = "two" }
`;

function archiveOf(files: Record<string, string>): Promise<Buffer> {
  const directory = mkdtempSync(path.join(tmpdir(), "engine-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), content);
  }
  return packed(directory);
}

const logOf = ({ plan }: Run): string =>
  stripVTControlCharacters(plan.log.subarray(0, plan.logLength).toString("utf8"));

type Wanted = { files?: Record<string, string>; attributes?: { [key: string]: JsonValue }; until?: string };

async function run(sandbox: Sandbox, { files, attributes, until = "planned" }: Wanted): Promise<Run> {
  const archive = await archiveOf(files ?? { "main.tf": configuration });
  const id = await createRun(sandbox, { workspace: "demo", archive, attributes: attributes ?? {} });
  await waitForStatus(sandbox, id, until, "errored", "canceled", "planned_and_finished");
  return sandbox.run(id);
}

describe.skipIf(binary === undefined).concurrent("runs by the CLI", () => {
  test.each<[string, { [key: string]: JsonValue }, string]>([
    ["variables", { variables: [{ key: "name", value: '"mona"' }] }, '"hello mona"'],
    [
      "target-addrs",
      { "target-addrs": ["terraform_data.two"] },
      "Plan: 1 to add, 0 to change, 0 to destroy.",
    ],
    ["is-destroy", { "is-destroy": true }, "No changes."],
  ])("%s", async (_, attributes, expected) => {
    await withSandbox({ engine }, async (sandbox) => {
      expect(logOf(await run(sandbox, { attributes }))).toContain(expected);
    });
  });

  test("apply, replace-addrs, refresh-only and destroy of what was applied", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      await run(sandbox, { attributes: { "auto-apply": true }, until: "applied" });
      const replaced = await run(sandbox, { attributes: { "replace-addrs": ["terraform_data.one"] } });
      expect(logOf(replaced)).toContain("Plan: 1 to add, 0 to change, 1 to destroy.");
      expect(replaced.plan.counts).toEqual({ add: 1, change: 0, destroy: 1, import: 0 });
      sandbox.someoneElse.discards(replaced.id);
      expect(logOf(await run(sandbox, { attributes: { "refresh-only": true } }))).toContain("No changes.");
      const destroyed = await run(sandbox, {
        attributes: { "is-destroy": true, "auto-apply": true },
        until: "applied",
      });
      expect(destroyed.plan.counts).toMatchObject({ destroy: 2 });
    });
  });

  test("a backend or cloud block in the configuration is not used", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      const cloud = 'terraform {\n cloud {\n organization = "x"\n workspaces { name = "y" }\n }\n}\n';
      const files = { "main.tf": configuration, "cloud.tf": cloud };
      expect(logOf(await run(sandbox, { files }))).toContain("Plan: 2 to add");
    });
  });

  test("the working directory, and one that is not in the archive", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      sandbox.workspace("demo", { workingDirectory: "envs/prod" });
      const files = { "envs/prod/main.tf": 'module "m" { source = "../../m" }', "m/main.tf": configuration };
      const planned = await run(sandbox, { files });
      expect(logOf(planned)).toContain("module.m.terraform_data.one will be created");
      sandbox.someoneElse.discards(planned.id);
      const missing = await run(sandbox, {});
      expect(missing.status).toBe("errored");
      expect(logOf(missing)).toContain("envs/prod is not in the archive");
    });
  });

  test("a broken configuration: OTF tells its errors twice", async () => {
    await withSandbox({ engine, profile: "otf" }, async (sandbox) => {
      const broken = await run(sandbox, {
        files: { "main.tf": 'resource "terraform_data" "x" { nonsense = 1 }' },
      });
      expect(broken.status).toBe("errored");
      expect(broken.plan.status).toBe("errored");
      expect(logOf(broken)).toContain("│ Error: Unsupported argument");
      expect(logOf(broken)).toMatch(
        /Error: executing plan: exit status 1: Error: Unsupported argument on main\.tf/u,
      );
    });
  });

  test("a cancel interrupts the CLI", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      const slow = 'resource "terraform_data" "x" {\n provisioner "local-exec" { command = "sleep 30" }\n}\n';
      const started = await run(sandbox, {
        files: { "main.tf": slow },
        attributes: { "auto-apply": true },
        until: "applying",
      });
      const said = (): string => started.apply.log.subarray(0, started.apply.logLength).toString("utf8");
      await eventually(() => said().includes("Provisioning with"), "the provisioner begins");
      await ask(sandbox, `/api/v2/runs/${started.id}/actions/cancel`, { method: "POST", json: {} });
      await waitForStatus(sandbox, started.id, "canceled");
      expect(said()).toContain("Interrupt received");
      expect(started.apply.status).toBe("canceled");
    });
  });
});
