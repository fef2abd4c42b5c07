import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { type Binary, findBinary, type Ran, run } from "./engine/binary.ts";
import type { SandboxOptions } from "./new-world.ts";
import { type Sandbox, startSandbox } from "./server.ts";

// A client nobody here wrote decides whether the sandbox is a TFE server: the real CLI.

export const binary = findBinary();
if (binary === undefined) {
  console.warn("SKIPPED referee tests of the sandbox: neither tofu nor terraform is on PATH");
}

/** The CLI of this machine; only used where there is one. */
export const engine: Binary = binary ?? { name: "tofu", file: "tofu", version: "" };

/** The case's own sandbox, so that cases, which mostly wait for the CLI's polls, run side by side. */
export async function withSandbox(
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

/** The two ways to say where a configuration runs. */
export const blocks = {
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

export type Client = { cli: (...args: string[]) => Promise<Ran>; directory: string };

/** The CLI in a directory with a small configuration, a token and trust in the sandbox. */
export function client(server: Sandbox, block: string): Client {
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
