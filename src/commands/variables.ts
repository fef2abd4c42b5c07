import type { RunVariables } from "../config/language/run-variables.ts";
import { Failure } from "../failure.ts";
import type { RunOptions } from "../run/options.ts";
import type { Findings } from "./findings.ts";
import type { Job } from "./run-plan.ts";
import type { Step } from "./step.ts";

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

async function readVariables(
  { inputs, context, log }: Step,
  environment: Record<string, string | undefined>,
): Promise<RunVariables | undefined> {
  const { variables, varFiles } = inputs;
  const names = Object.keys(environment).filter(isVariable);
  if (variables.length + varFiles.length + names.length === 0) return undefined;
  const { runVariables } = await import("../config/language/run-variables.ts");
  const module = { directory: inputs.directory, workspaceRoot: context.workspaceRoot };
  const found = await runVariables({ module, variables, varFiles, environment });
  for (const secret of found.masks) log.mask(secret);
  return found;
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
