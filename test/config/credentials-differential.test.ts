// The real CLI is the referee of which token is sent: the same files, variables and helpers go through `init`, whose first
// request to the API shows it, and through findAccess.
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { helperRunner } from "../../src/commands/target/credentials-helper.ts";
import { findAccess } from "../../src/config/token.ts";
import { Failure } from "../../src/failure.ts";
import { findBinary, run } from "../sandbox/engine/binary.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import { moduleWith } from "./module.ts";

const CLI = findBinary();
const RUNS = Number(process.env["DIFFERENTIAL_RUNS"] ?? 30);

type Case = {
  files: Readonly<Record<string, string | undefined>>;
  environment: Readonly<Record<string, string | undefined>>;
  blockToken: string | undefined;
};

/** `HOST` and `API` stand for the sandbox. */
const content = fc
  .array(
    fc.constantFrom(
      'credentials "HOST" {\n  token = "one"\n}\n',
      'credentials "HOST" { token = "two" }\n',
      'credentials "HOST" {}\n',
      'credentials "HOST" { token = "" }\n',
      'credentials "other.example" { token = "other" }\n',
      'credentials "LOCALHOST:PORT" { "token" = "upper" }\n',
      'credentials = { "HOST" = { token = "assigned", x = [1, 2] } }\n',
      '# note\n/* more */ plugin_cache_dir = "HOME"\n',
      'credentials_helper "mine" { args = ["a b", "c"] }\n',
      'host "HOST" { services = { "tfe.v2" = "API", "tfe.v2.1" = "API" } }\n',
      'credentials "HOST" {\n  token = "broken\n}\n',
      'credentials "HOST" = { token = "wrong" }\n',
      "provider_installation {\n  direct {}\n}\n",
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((pieces) => [...new Set(pieces)].join(""));
const jsonContent = fc.constantFrom(
  '{"credentials":{"HOST":{"token":"json"}}}',
  '{"credentials":{"HOST":{}}}',
  '{"credentials":{"HOST":{"token":7}}}',
  '{"credentials":{"HOST":{"token":null}}}',
  '{"credentials":[{"HOST":{"token":"list"}}],"credentials_helper":{"mine":{"args":["c"]}}}',
  '{"credentials":',
);
const anyContent = fc.oneof({ weight: 3, arbitrary: content }, { weight: 1, arbitrary: jsonContent });
const helper = fc.constantFrom(
  'echo "{\\"token\\":\\"helped-$#-$2\\"}"',
  "echo '{}'",
  "echo sealed >&2; exit 2",
  "echo nonsense",
);
const files = fc.record(
  {
    [CLI?.name === "tofu" ? ".tofurc" : ".terraformrc"]: anyContent,
    ".terraform.d/a.tfrc": anyContent,
    ".terraform.d/credentials.tfrc.json": jsonContent,
    ".terraform.d/plugins/terraform-credentials-mine": helper,
    ".terraform.d/plugins/linux_amd64/terraform-credentials-mine_v1.2.0": helper,
    named: anyContent,
  },
  { requiredKeys: [] },
);
const environment = fc.record(
  {
    TF_CLI_CONFIG_FILE: fc.constantFrom("HOME/named", "HOME/none", ""),
    TERRAFORM_CONFIG: fc.constantFrom("HOME/named"),
    TF_TOKEN_HOST: fc.constantFrom("variable", ""),
  },
  { requiredKeys: [] },
);
// Most cases have no variables, as one ends the search for all the others.
const rarely = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: environment });
const blockToken = fc.oneof(
  { weight: 9, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom("block", "") },
);
const cases = fc.record({ files, environment: rarely, blockToken });

/** Which token comes first, and whether the host's discovery document was asked for. */
type Verdict = { token: string; discovered: boolean } | "none";

async function prepare(sandbox: Sandbox, { files: given, environment: variables, blockToken: token }: Case) {
  const { directory, workspaceRoot } = await moduleWith({});
  const port = sandbox.hostname.split(":")[1] ?? "";
  const fill = (text: string) =>
    text
      .replaceAll("HOST:PORT", `HOST:${port}`)
      .replaceAll("LOCALHOST", "LOCAL-HOST")
      .replaceAll("HOST", (_, at: number) =>
        text.slice(at - 6, at) === "LOCAL-" ? "HOST" : sandbox.hostname,
      )
      .replaceAll("LOCAL-HOST", "LOCALHOST")
      .replaceAll("API", `${sandbox.url}/api/v2/`)
      .replaceAll("HOME", workspaceRoot);
  for (const [name, text = ""] of Object.entries(given)) {
    const file = join(workspaceRoot, name);
    await mkdir(dirname(file), { recursive: true });
    const isProgram = name.includes("plugins/");
    await writeFile(file, isProgram ? `#!/bin/sh\n${text}\n` : fill(text));
    if (isProgram) await chmod(file, 0o700);
  }
  const own = Object.entries(variables).map(([name, value]) => [
    name.replace("HOST", sandbox.hostname),
    (value ?? "").replace("HOME", workspaceRoot),
  ]);
  const line = token === undefined ? "" : `token = "${token}"\n`;
  const block = `hostname = "${sandbox.hostname}"\norganization = "acme"\n${line}workspaces {\nname = "demo"\n}\n`;
  await writeFile(join(directory, "main.tf"), `terraform {\nbackend "remote" {\n${block}}\n}\n`);
  return { directory, workspaceRoot, environment: { HOME: workspaceRoot, ...Object.fromEntries(own) } };
}

type Place = Awaited<ReturnType<typeof prepare>>;

async function theirs(sandbox: Sandbox, place: Place): Promise<Verdict> {
  const before = sandbox.requests.length;
  const env = { TF_CLI_CONFIG_FILE: "", ...place.environment, SSL_CERT_FILE: sandbox.caFile };
  const ran = await run(
    CLI ?? { name: "tofu", file: "", version: "" },
    ["init", "-input=false", "-no-color"],
    {
      ...{ cwd: place.directory, env },
    },
  );
  const requests = sandbox.requests.slice(before).filter(({ server }) => server === "tfe");
  const isDiscovery = ({ path }: { path: string }) => path === "/.well-known/terraform.json";
  // The CLI's discovery carries the token, too, also an empty one.
  const token = requests.find((request) => request.authorized && !isDiscovery(request))?.token;
  if (token === undefined) {
    expect(ran.output).toMatch(/Required token could not be found/);
    return "none";
  }
  return { token, discovered: requests.some(isDiscovery) };
}

async function ours(
  sandbox: Sandbox,
  { directory, workspaceRoot, environment: env }: Place,
  blockToken: string | undefined,
) {
  const signal = new AbortController().signal;
  const around = {
    run: helperRunner({ directory, environment: { ...env, PATH: process.env["PATH"] }, signal }),
  };
  const position = { file: "main.tf", line: 1 };
  const token = { name: "token", value: { kind: "text", text: blockToken ?? "" }, position } as const;
  const request = {
    ...{ hostname: sandbox.hostname, environment: env, workspaceRoot },
    block: { kind: "remote", position, ...(blockToken !== undefined && { token }) } as const,
  };
  try {
    const access = await findAccess(request, around);
    return { token: access.token, discovered: access.services === undefined };
  } catch (error) {
    if (error instanceof Failure) return "none";
    throw error;
  }
}

test.skipIf(CLI === undefined || process.platform !== "linux")(
  `${CLI?.name ?? "SKIPPED, neither tofu nor terraform on PATH: the CLI"} sends the same token`,
  { timeout: 600_000 },
  async () => {
    const sandbox = await startSandbox({ engine: "recorded" });
    sandbox.workspace("demo");
    const seen = { found: 0, none: 0 };
    try {
      await fc.assert(
        fc.asyncProperty(cases, async (each) => {
          const place = await prepare(sandbox, each);
          const expected = await theirs(sandbox, place);
          seen[expected === "none" ? "none" : "found"] += 1;
          expect(await ours(sandbox, place, each.blockToken)).toEqual(expected);
        }),
        { numRuns: RUNS, endOnFailure: true },
      );
    } finally {
      await sandbox.close();
    }
    expect(seen.found).toBeGreaterThan(0);
  },
);
