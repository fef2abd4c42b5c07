import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pullRequestEvent } from "../../test/e2e/scene.ts";
import { type Binary, cleanEnvironment, onPath, run } from "../../test/sandbox/engine/binary.ts";
import { projectRoot, stepEnvironment } from "../../test/sandbox/runner-environment.ts";
import { makeRunnerFiles } from "../../test/sandbox/runner-files.ts";
import { measure, type OnOutput, type Taken } from "./process.ts";
import type { PlanServer } from "./servers.ts";

/** The part of a server that a client has to know. */
type Place = Pick<PlanServer, "organization" | "workspace" | "token" | "caFile" | "github">;

export type Client = { name: string; plan: (onOutput?: OnOutput) => Promise<Taken> };

export type ActionClient = Client & {
  /** GITHUB_OUTPUT of the last plan. */
  outputFile: () => string;
};

/** A directory with the configuration to plan: as many `terraform_data` resources as told, and the block of the server. */
function configuration(server: Place, hostname: string, resources: number): string {
  const directory = mkdtempSync(path.join(tmpdir(), "bench-plan-"));
  const { organization, workspace } = server;
  const block = `  cloud {
    hostname     = "${hostname}"
    organization = "${organization}"
    workspaces {
      name = "${workspace}"
    }
  }`;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of the configuration language
  const input = '"value ${count.index}"';
  const resource = `resource "terraform_data" "many" {\n  count = ${resources}\n  input = ${input}\n}\n`;
  mkdirSync(path.join(directory, "infra"));
  writeFileSync(path.join(directory, "infra", "main.tf"), `terraform {\n${block}\n}\n\n${resource}`);
  return directory;
}

/** The action as the runner starts it, on a pull request whose comment it writes to the sandbox's GitHub API. */
export function actionClient(server: Place, hostname: string, resources: number): ActionClient {
  const workspace = configuration(server, hostname, resources);
  const temp = mkdtempSync(path.join(tmpdir(), "bench-runner-"));
  const options = {
    sandbox: server,
    event: pullRequestEvent(),
    inputs: {
      ...{ "working-directory": "infra", token: server.token },
      "github-token": server.github.tokens.bot,
    },
  };
  const script = path.join(
    process.env["TFE_BENCH_DIST"] ?? path.join(projectRoot, "dist"),
    "main",
    "index.js",
  );
  let outputFile = "";
  return {
    name: "tofu-remote",
    outputFile: () => outputFile,
    plan: (onOutput) => {
      const files = makeRunnerFiles(path.join(temp, "_runner_file_commands"));
      outputFile = files.GITHUB_OUTPUT;
      const env = stepEnvironment(options, { temp, workspace, files });
      return measure([process.execPath, script], { cwd: workspace, env, onOutput });
    },
  };
}

/** The CLIs on PATH. */
export function clisOnPath(): Binary[] {
  return (["terraform", "tofu"] as const).flatMap((name) => {
    const file = onPath(name);
    return file === undefined ? [] : [{ name, file, version: "" }];
  });
}

/** `plan` of the CLI, initialised beforehand. */
export async function cliClient(
  binary: Binary,
  server: Place,
  what: { hostname: string; resources: number },
): Promise<Client> {
  const cwd = path.join(configuration(server, what.hostname, what.resources), "infra");
  const config = path.join(cwd, "..", "cli.tfrc");
  writeFileSync(config, `credentials "${what.hostname}" {\n  token = "${server.token}"\n}\n`);
  const own = { SSL_CERT_FILE: server.caFile, TF_CLI_CONFIG_FILE: config };
  const init = await run(binary, ["init", "-input=false"], { cwd, env: own });
  if (init.code !== 0) throw new Error(`${binary.name} init ended with ${init.code}\n${init.output}`);
  const env = { ...cleanEnvironment(), ...own };
  return {
    name: `${binary.name} plan`,
    plan: (onOutput) => measure([binary.file, "plan", "-input=false", "-no-color"], { cwd, env, onOutput }),
  };
}
