// The real CLI is the referee of where a configuration leads: the same files, environment and options go through its `init`
// and through ours, against servers with the same workspaces. Compared is what both ask the server for, or the error.
// DIFFERENTIAL_RUNS sets the number of configurations.
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initCommand } from "../../src/commands/init/init.ts";
import { Failure } from "../../src/failure.ts";
import { stepOnSandbox } from "../commands/step-on-sandbox.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import { type Case, filesOf, initCase, linesOf, setUpWorkspaces } from "./init-cases.ts";
import { differenceOf } from "./init-differences.ts";
import { type Outcome, outcomeOf } from "./init-outcome.ts";
import { moduleWith } from "./module.ts";

const CLI = ["tofu", "terraform"].find((name) => spawnSync(name, ["version"]).status === 0);
const RUNS = Number(process.env["DIFFERENTIAL_RUNS"] ?? 40);
const AT_ONCE = 4;

const sandboxes: Sandbox[] = [];
beforeAll(async () => {
  for (let number = 0; number < AT_ONCE; number++) sandboxes.push(await startSandbox({ engine: "recorded" }));
});
afterAll(() => Promise.all(sandboxes.map((sandbox) => sandbox.close())));

function environmentOf({ environment }: Case, { hostname, token }: Sandbox): Record<string, string> {
  const given = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const replaced = given.map(([name, value]) => [name, value.replaceAll("HOST", hostname)]);
  return { ...Object.fromEntries(replaced), [`TF_TOKEN_${hostname}`]: token };
}

async function theirs(given: Case, sandbox: Sandbox): Promise<Outcome> {
  setUpWorkspaces(sandbox, given);
  const module = await moduleWith({ ...filesOf(given, sandbox), "cli.rc": "" });
  const environment = {
    ...environmentOf(given, sandbox),
    PATH: process.env["PATH"] ?? "",
    SSL_CERT_FILE: sandbox.caFile,
    TF_CLI_CONFIG_FILE: `${module.directory}/cli.rc`,
    CHECKPOINT_DISABLE: "1",
  };
  const options = linesOf(given, sandbox).map((line) => `-backend-config=${line}`);
  const variables = given.variables.map((variable) => `-var=${variable}`);
  const args = ["init", "-input=false", "-no-color", ...options, ...variables];
  const stderr = await promisify(execFile)(CLI ?? "", args, { cwd: module.directory, env: environment }).then(
    () => "",
    (error: unknown) => String(error instanceof Error && "stderr" in error ? error.stderr : error),
  );
  const errors = [...stderr.matchAll(/^(?:│ )?Error: (.*(?:\n(?:│ )?[^ \n].*)*)$/gm)].map(
    (match) => match[1] ?? "",
  );
  return outcomeOf(sandbox, errors.length === 0 && stderr !== "" ? [stderr] : errors);
}

async function ours(given: Case, sandbox: Sandbox): Promise<Outcome> {
  setUpWorkspaces(sandbox, given);
  const module = await moduleWith(filesOf(given, sandbox));
  const inputs = {
    token: "",
    "backend-config": linesOf(given, sandbox).join("\n"),
    variables: given.variables.join("\n"),
    "terraform-version": "1.11.4",
  };
  const environment = environmentOf(given, sandbox);
  const { step } = stepOnSandbox({ sandbox, ...module, inputs, environment });
  const error = await initCommand(step).then(
    ({ failure }) => failure,
    (thrown: unknown) => thrown,
  );
  if (error !== undefined && !(error instanceof Failure)) throw error;
  return outcomeOf(sandbox, error === undefined ? [] : [error.message]);
}

test.skipIf(CLI === undefined)(
  `${CLI ?? "SKIPPED, neither tofu nor terraform on PATH: the CLI"} is led to the same workspace, or says the same`,
  { timeout: 3_600_000 },
  async () => {
    const cases = fc.sample(initCase(CLI === "tofu"), {
      numRuns: RUNS,
      seed: Number(process.env["SEED"] ?? Date.now()),
    });
    const differences: unknown[] = [];
    const seen = { led: 0, refused: 0 };
    const work = async (sandbox: Sandbox): Promise<void> => {
      for (let given = cases.pop(); given !== undefined; given = cases.pop()) {
        const [their, our] = [await theirs(given, sandbox), await ours(given, sandbox)];
        seen[their.errors.length === 0 ? "led" : "refused"] += 1;
        const difference = differenceOf(given, their, our);
        if (difference !== undefined) differences.push({ difference, their, our, given });
      }
    };
    await Promise.all(sandboxes.map(work));
    expect(differences).toEqual([]);
    if (RUNS >= 10) expect(Math.min(seen.led, seen.refused)).toBeGreaterThan(0);
  },
);
