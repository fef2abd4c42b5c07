import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Binary, findBinary } from "../../cli/binary.ts";
import type { CommandCall } from "../../cli/commands.ts";
import { cliEnvironment, type Preparation } from "../../cli/environment.ts";
import { type CliSettings, cliSettings } from "../../config/cli-settings.ts";
import { hostOfTokenVariable, tokenVariableOf } from "../../config/credentials.ts";
import { fileNames } from "../../config/directory.ts";
import type { Target } from "../../config/target.ts";
import { Failure } from "../../failure.ts";
import type { Step } from "../step.ts";
import { findTarget, targetRequest } from "../target/target.ts";

/** A binary with all that it needs to find the workspace of this step. */
export type Prepared = {
  binary: Binary;
  environment: Record<string, string | undefined>;
  /** Where the state is kept, for commands that need it. */
  backend: { target: Target; settings: CliSettings; initOptions: string[] } | undefined;
  /** Folder for the files of this step, of the job's user only. */
  folder: string;
};

/** What a command needs; `what` says it in a few words, `target` is where it is known already. */
export type Need = {
  needs: CommandCall["facts"]["needs"];
  what: string;
  folder: string;
  target?: Target;
};

/**
 * Finds binary, workspace and token, and prepares the environment; for a command without a state only the binary is
 * needed. Throws Failure before anything is run.
 */
export async function prepareBinary(step: Step, { needs, what, folder, target }: Need): Promise<Prepared> {
  const { inputs, context, signal } = step;
  // A program cannot be run in a directory that is not there.
  await fileNames({ directory: inputs.directory, workspaceRoot: context.workspaceRoot });
  const environment = cliEnvironment(context.environment, {});
  const binary = await findBinary(what, { directory: inputs.directory, environment, signal });
  step.log.line(`Binary: ${binary.file} (${binary.product} ${binary.version})`);
  const nowhere = { binary, environment, backend: undefined, folder };
  if (needs === "nothing") return nowhere;
  // To initialise a directory once more, the CLI looks at its state even where the command does not.
  if (needs === "modules")
    return { ...nowhere, environment: await withBackend(step).catch(() => environment) };
  const found = target ?? (await findTarget(needs === "state" ? step : withAnyWorkspace(step)));
  const settings = await cliSettings(targetRequest(inputs, context), found, { selects: needs === "state" });
  if (settings.backend === "none") throw noBackend(what);
  const initOptions = await initOptionsOf(step, settings, folder);
  const backend = { target: found, settings, initOptions };
  return {
    ...nowhere,
    backend,
    environment: cliEnvironment(context.environment, preparationOf(step, found, settings)),
  };
}

async function withBackend(step: Step): Promise<Prepared["environment"]> {
  const target = await findTarget(withAnyWorkspace(step));
  const settings = await cliSettings(targetRequest(step.inputs, step.context), target, { selects: false });
  return cliEnvironment(step.context.environment, preparationOf(step, target, settings));
}

/** Commands about workspaces need none that is selected, only where they are kept. */
function withAnyWorkspace(step: Step): Step {
  return { ...step, inputs: { ...step.inputs, workspace: step.inputs.workspace ?? "any" } };
}

function noBackend(what: string): Failure {
  const block = 'terraform { backend "remote" {} }';
  return new Failure(
    "configuration",
    `${what} works on the state of a workspace, which the binary finds only through the configuration, and it has neither a ` +
      `backend "remote" nor a cloud block. Add ${block}; hostname, organization and workspace may go on being inputs.`,
  );
}

function preparationOf(
  { context }: Step,
  target: Target,
  { workspace, variables }: CliSettings,
): Preparation {
  const { hostname, token } = target;
  const names = Object.keys(context.environment);
  return {
    token: {
      // A host with a port has no portable variable, but one whose name holds it as it is.
      variable: tokenVariableOf(hostname) ?? `TF_TOKEN_${hostname}`,
      value: token,
      instead: names.filter((name) => hostOfTokenVariable(name) === hostname),
    },
    ...(workspace !== undefined && { workspace }),
    more: variables,
  };
}

async function initOptionsOf({ inputs }: Step, settings: CliSettings, folder: string): Promise<string[]> {
  const given = [...inputs.backendConfig, ...settings.backendConfig];
  const options = given.map((line) => `-backend-config=${line}`);
  if (settings.backendFile === undefined) return options;
  const file = join(folder, "workspace.tfbackend");
  await writeFile(file, settings.backendFile, { mode: 0o600 });
  return [...options, `-backend-config=${file}`];
}
