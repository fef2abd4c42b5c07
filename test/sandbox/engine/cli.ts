import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { JsonValue } from "../../../src/json.ts";
import { addState } from "../add-state.ts";
import type { Counts, Engine, EngineResult, Job, World } from "../world.ts";
import { type Binary, type Ran, run as runBinary } from "./binary.ts";
import { redactPlan } from "./redact.ts";
import { unpack } from "./unpack.ts";

const overrideFile = "zzzz_sandbox_override.tf";
const variablesFile = "zzzz_sandbox.tfvars";
const planFile = "sandbox.tfplan";

/** Carries out runs with the real CLI, in a temporary copy of the archive with its state in a file. */
export function cliEngine(world: World, binary: Binary): Engine {
  return {
    name: `${binary.name} ${binary.version}`,
    plan: (job) => plan(world, binary, job),
    apply: (job) => apply(world, binary, job),
  };
}

async function plan(world: World, binary: Binary, job: Job): Promise<EngineResult> {
  const directory = await prepare(job);
  const silent = { cwd: directory, signal: job.signal };
  if (world.profile.logHeading) {
    const product = binary.name === "tofu" ? "OpenTofu" : "Terraform";
    job.log(`${product} v${binary.version}\non linux_amd64\nInitializing plugins and modules...\n`);
  }
  const loud = { ...silent, onOutput: job.log };
  const init = await runBinary(binary, ["init", "-input=false"], world.profile.initLogged ? loud : silent);
  if (init.code !== 0) {
    if (!world.profile.initLogged) job.log(init.output);
    return failed(world, job, { step: "init", ran: init });
  }
  const planned = await runBinary(binary, ["plan", ...planOptions(job)], loud);
  if (planned.code !== 0 && planned.code !== 2) return failed(world, job, { step: "plan", ran: planned });
  return { ok: true, hasChanges: planned.code === 2, ...(await structuredPlan(world, binary, silent)) };
}

/** The end of a phase that failed; OTF says once more, flattened, what the engine wrote to stderr. */
function failed(world: World, job: Job, { step, ran }: { step: string; ran: Ran }): EngineResult {
  if (world.profile.errorsRepeated) {
    const plain = stripVTControlCharacters(ran.stderr).replaceAll(/[^\x20-\x7e\s]/gu, "");
    job.log(`Error: executing ${step}: exit status ${ran.code}: ${plain.split(/\s+/u).join(" ").trim()}\n`);
  }
  return { ok: false };
}

type Silent = { cwd: string; signal: AbortSignal };

async function structuredPlan(world: World, binary: Binary, silent: Silent): Promise<Partial<EngineResult>> {
  const wantsSchemas = world.profile.planJsonRedacted;
  const [shown, schemas] = await Promise.all([
    runBinary(binary, ["show", "-json", planFile], silent),
    wantsSchemas ? runBinary(binary, ["providers", "schema", "-json"], silent) : undefined,
  ]);
  const planJson = parse(shown.stdout);
  const redactedJson = schemas === undefined ? undefined : redactPlan(planJson, parse(schemas.stdout));
  return { planJson, redactedJson, counts: countsOf(planJson) };
}

const parse = (text: string): JsonValue => {
  const value: JsonValue = JSON.parse(text);
  return value;
};

/** Counts of the summary line, from the structured plan. */
export function countsOf(plan: JsonValue): Counts {
  const counts = { add: 0, change: 0, destroy: 0, import: 0 };
  const changes = isObject(plan) && Array.isArray(plan["resource_changes"]) ? plan["resource_changes"] : [];
  for (const { change, mode } of changes.filter(isObject)) {
    if (!isObject(change) || mode === "data") continue;
    const actions = Array.isArray(change["actions"]) ? change["actions"] : [];
    if (actions.includes("create")) counts.add += 1;
    if (actions.includes("update")) counts.change += 1;
    if (actions.includes("delete")) counts.destroy += 1;
    if (isObject(change["importing"])) counts.import += 1;
  }
  return counts;
}

const isObject = (value: JsonValue | undefined): value is { [key: string]: JsonValue } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Unpacks the archive, points the configuration at a local state and returns the working directory. */
async function prepare(job: Job): Promise<string> {
  const root = mkdtempSync(path.join(tmpdir(), "sandbox-run-"));
  job.run.directory = root;
  await unpack(job.archive, root);
  const directory = path.join(root, job.workspace.workingDirectory);
  if (job.workspace.workingDirectory !== "" && job.run.attributes.isDestroy)
    mkdirSync(directory, { recursive: true });
  if (!existsSync(directory))
    throw new Error(`working directory ${job.workspace.workingDirectory} is not in the archive`);
  writeFileSync(path.join(directory, overrideFile), 'terraform {\n  backend "local" {}\n}\n');
  writeFileSync(path.join(directory, variablesFile), variableLines(job).join(""));
  const state = job.workspace.states.at(-1);
  if (state !== undefined) writeFileSync(path.join(directory, "terraform.tfstate"), state.json);
  return directory;
}

/** Variables of the workspace, and of the run, which count more. */
function variableLines({ run, workspace }: Job): string[] {
  const own = workspace.variables.filter(({ category }) => category === "terraform");
  const values = new Map(own.map(({ key, value, hcl }) => [key, hcl ? value : JSON.stringify(value)]));
  for (const { key, value } of run.attributes.variables) values.set(key, value);
  return [...values].map(([key, value]) => `${key} = ${value}\n`);
}

function planOptions(job: Job): string[] {
  const { attributes } = job.run;
  return [
    "-input=false",
    "-detailed-exitcode",
    `-out=${planFile}`,
    ...(job.workspace.structuredRunOutput ? ["-json"] : []),
    ...(variableLines(job).length > 0 ? [`-var-file=${variablesFile}`] : []),
    ...(attributes.isDestroy ? ["-destroy"] : []),
    ...(attributes.refresh ? [] : ["-refresh=false"]),
    ...(attributes.refreshOnly ? ["-refresh-only"] : []),
    ...attributes.targetAddrs.map((address) => `-target=${address}`),
    ...attributes.replaceAddrs.map((address) => `-replace=${address}`),
  ];
}

async function apply(world: World, binary: Binary, job: Job): Promise<EngineResult> {
  const directory = path.join(job.run.directory ?? "", job.workspace.workingDirectory);
  const options = ["-input=false", ...(job.workspace.structuredRunOutput ? ["-json"] : [])];
  const silent = { cwd: directory, signal: job.signal };
  const applied = await runBinary(binary, ["apply", ...options, planFile], { ...silent, onOutput: job.log });
  const state = readFileSync(path.join(directory, "terraform.tfstate"), "utf8");
  if (state !== job.workspace.states.at(-1)?.json) addState(job.workspace, state);
  if (applied.code !== 0) return failed(world, job, { step: "apply", ran: applied });
  return { ok: true, counts: job.run.plan.counts };
}
