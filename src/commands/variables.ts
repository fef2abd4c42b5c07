import type { RunVariables } from "../config/language/run-variables.ts";
import { Failure } from "../failure.ts";
import type { RunOptions } from "../run/options.ts";
import type { Findings } from "./findings.ts";
import type { Job } from "./plan/run-plan.ts";
import type { Step } from "./step.ts";
import { optionValues } from "./target/cli-arguments.ts";

/**
 * The options with the variables of the run: those of the inputs `variables` and `var-files` and of `TF_VAR_*`. What is
 * sensitive is masked before anything else is printed. Throws Failure, before anything is uploaded, for values that do not
 * fit, and where the server would not count them.
 */
export async function withVariables(step: Step, job: Job, options: RunOptions): Promise<RunOptions> {
  const { findings } = job;
  const found = await readVariables(step, sentEnvironment(step, job));
  if (found === undefined) return options;
  for (const warning of found.warnings) step.log.warning(warning);
  findings.notes.push(...found.warnings);
  if (found.alsoInFiles.length > 0) checkPrecedence(job, found.alsoInFiles);
  findings.options = { ...options, variables: found.variables };
  return findings.options;
}

/** The same for a plan that the binary makes: it reads and checks its variables itself, reports and masks are ours. */
export async function maskVariables(step: Step, findings: Findings): Promise<void> {
  const { options } = findings;
  const found = await readVariables(step, step.context.environment);
  if (found === undefined || options === undefined) return;
  findings.options = { ...options, variables: found.variables };
}

/**
 * Masks what is sensitive among the variables of the step and of a command line, `-var` and `-var-file`. What is wrong with them is left
 * to the binary to say.
 */
export async function maskGiven(step: Step, options: string[]): Promise<void> {
  const { inputs, context, log } = step;
  const variables = [...inputs.variables, ...optionValues("var", options)];
  const varFiles = [...inputs.varFiles, ...optionValues("var-file", options)];
  const given = givenInputs({ ...step, inputs: { ...inputs, variables, varFiles } }, context.environment);
  if (given === undefined) return;
  const { sensitiveTexts } = await import("../config/language/run-variables.ts");
  try {
    for (const secret of await sensitiveTexts(given)) log.mask(secret);
  } catch (error) {
    if (!(error instanceof Failure) || error.reason === "internal") throw error;
  }
}

async function readVariables(
  step: Step,
  environment: Record<string, string | undefined>,
): Promise<RunVariables | undefined> {
  const given = givenInputs(step, environment);
  if (given === undefined) return undefined;
  const { runVariables } = await import("../config/language/run-variables.ts");
  const found = await runVariables(given);
  for (const secret of found.masks) step.log.mask(secret);
  return found;
}

/** `undefined` where no variable is given. */
function givenInputs({ inputs, context }: Step, environment: Record<string, string | undefined>) {
  const { variables, varFiles, directory } = inputs;
  const names = Object.keys(environment).filter(isVariable);
  if (variables.length + varFiles.length + names.length === 0) return undefined;
  return { module: { directory, workspaceRoot: context.workspaceRoot }, variables, varFiles, environment };
}

/**
 * The CLI sends `TF_VAR_*` for a `cloud` block and keeps them to itself for `backend "remote"`: the same configuration is
 * to be planned the same by both.
 */
function sentEnvironment({ context, log }: Step, { findings }: Job): Record<string, string | undefined> {
  if (findings.target.kind !== "remote") return context.environment;
  const names = Object.keys(context.environment).filter(isVariable);
  if (names.length > 0) {
    log.line(
      `Not sent, as the CLI does not for backend "remote" (use the input variables): ${names.join(", ")}`,
    );
  }
  return {};
}

function isVariable(name: string): boolean {
  return name.startsWith("TF_VAR_");
}

/** OTF writes the variables of a run into terraform.tfvars: there they are a duplicate, or lose against *.auto.tfvars. */
function checkPrecedence({ server }: Job, names: string[]): void {
  if (server.facts.runVariablesWin) return;
  throw new Failure(
    "unsupported",
    `The host ${server.hostname} does not let the variables of a run win over uploaded files, and terraform.tfvars or ` +
      `*.auto.tfvars set these, too: ${names.join(", ")}. Remove them there, or do not give them; nothing was uploaded.`,
  );
}
