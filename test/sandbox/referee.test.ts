import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { type Binary, findBinary, type Ran, run } from "./engine/binary.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "./server.ts";

// A client nobody here wrote decides whether the sandbox is a TFE server: the real CLI.

const binary = findBinary();
if (binary === undefined) {
  console.warn("SKIPPED referee tests of the sandbox: neither tofu nor terraform is on PATH");
}

/** The case's own sandbox, so that cases, which mostly wait for the CLI's polls, run side by side. */
async function withSandbox(
  options: SandboxOptions,
  body: (sandbox: Sandbox) => Promise<void>,
): Promise<void> {
  const sandbox = await startSandbox(options);
  try {
    await body(sandbox);
  } finally {
    await sandbox.close();
  }
}

const blocks = {
  remote: ({ hostname }: Sandbox) =>
    `backend "remote" {\n hostname = "${hostname}"\n organization = "acme"\n workspaces { name = "demo" }\n }`,
  cloud: ({ hostname }: Sandbox) =>
    `cloud {\n hostname = "${hostname}"\n organization = "acme"\n workspaces { name = "demo" }\n }`,
};

const resources = `
resource "terraform_data" "one" { input = "hello" }
resource "terraform_data" "two" { input = terraform_data.one.output }
output "greeting" { value = terraform_data.two.output }
output "secret" {
  value     = "top-secret-value"
  sensitive = true
}
`;

type Client = { cli: (...args: string[]) => Promise<Ran>; directory: string };

function client(server: Sandbox, engine: Binary, block: string): Client {
  const directory = mkdtempSync(path.join(tmpdir(), "referee-"));
  writeFileSync(path.join(directory, "main.tf"), `terraform {\n ${block}\n}\n${resources}`);
  const config = path.join(directory, "cli.tfrc");
  writeFileSync(config, `credentials "${server.hostname}" {\n  token = "${server.token}"\n}\n`);
  const env = { SSL_CERT_FILE: server.caFile, TF_CLI_CONFIG_FILE: config };
  const cli = async (...args: string[]): Promise<Ran> => {
    const ran = await run(engine, args, { cwd: directory, env });
    return { ...ran, output: stripVTControlCharacters(ran.output) };
  };
  return { directory, cli };
}

describe.skipIf(binary === undefined).concurrent("the real CLI as client", () => {
  const engine = binary ?? { name: "tofu", file: "tofu", version: "" };

  test.each([
    ["hcp", "remote"],
    ["hcp", "cloud"],
    ["otf", "remote"],
    ["otf", "cloud"],
  ] as const)(
    "%s server, %s block: init, plan, apply, no changes, output",
    async (profile, kind) => {
      await withSandbox({ profile, engine }, async (sandbox) => {
        sandbox.workspace("demo");
        const { cli } = client(sandbox, engine, blocks[kind](sandbox));
        expect(await cli("init", "-input=false")).toMatchObject({ code: 0 });
        const plan = await cli("plan", "-input=false");
        expect(plan.output).toContain("Plan: 2 to add, 0 to change, 0 to destroy.");
        expect(plan.code).toBe(0);
        const apply = await cli("apply", "-input=false", "-auto-approve");
        expect(apply.output).toContain("Apply complete! Resources: 2 added, 0 changed, 0 destroyed.");
        expect(apply.code).toBe(0);
        expect((await cli("plan", "-input=false")).output).toContain("No changes.");
        expect((await cli("output", "-raw", "greeting")).stdout).toBe("hello");
        const statuses = sandbox.world.runs.map(({ status }) => status);
        expect(statuses).toEqual(["planned_and_finished", "applied", "planned_and_finished"]);
      });
    },
    60_000,
  );

  test("structured run output is rendered by the cloud block from the redacted plan", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      sandbox.workspace("demo", { structuredRunOutput: true });
      const { cli } = client(sandbox, engine, blocks.cloud(sandbox));
      await cli("init", "-input=false");
      const plan = await cli("plan", "-input=false");
      expect(plan.output).toContain("# terraform_data.one will be created");
      expect(plan.output).not.toContain("top-secret-value");
      expect(sandbox.requests.some(({ path: url }) => url.includes("json-output-redacted"))).toBe(true);
    });
  }, 60_000);

  test("a prefix lists and makes workspaces, state commands lock them", async () => {
    await withSandbox({ engine }, async (sandbox) => {
      sandbox.workspace("net-prod");
      const block = blocks.remote(sandbox).replace('name = "demo"', 'prefix = "net-"');
      const { cli } = client(sandbox, engine, block);
      expect((await cli("init", "-input=false")).output).toContain("successfully initialized");
      expect((await cli("workspace", "new", "dev")).output).toContain("dev");
      expect(sandbox.workspace("net-dev").states).toEqual([]);
      await cli("apply", "-input=false", "-auto-approve");
      const moved = await cli("state", "mv", "terraform_data.one", "terraform_data.uno");
      expect(moved.output).toContain("Successfully moved 1 object(s).");
      expect(sandbox.workspace("net-dev").states.at(-1)?.json).toContain('"uno"');
      expect(sandbox.workspace("net-dev").lockedBy).toBeUndefined();
    });
  }, 60_000);
});
