import { Failure } from "../failure.ts";
import type { RunOptions } from "../run/options.ts";
import type { Job } from "./run-plan.ts";
import type { Step } from "./step.ts";

/**
 * The options with the variables of the run: those of the inputs `variables` and `var-files` and of `TF_VAR_*`. What is
 * sensitive is masked before anything else is printed. Throws Failure, before anything is uploaded, for values that do not
 * fit, and where the server would not count them.
 */
export async function withVariables(step: Step, job: Job, options: RunOptions): Promise<RunOptions> {
  const { inputs, context, log } = step;
  const { findings } = job;
  const environment = sentEnvironment(step, job);
  const names = Object.keys(environment).filter(isVariable);
  if (inputs.variables.length + inputs.varFiles.length + names.length === 0) return options;
  const { runVariables } = await import("../config/language/run-variables.ts");
  const found = await runVariables({
    module: { directory: inputs.directory, workspaceRoot: context.workspaceRoot },
    ...{ variables: inputs.variables, varFiles: inputs.varFiles, environment },
  });
  for (const secret of found.masks) log.mask(secret);
  for (const warning of found.warnings) log.warning(warning);
  findings.notes.push(...found.warnings);
  if (found.alsoInFiles.length > 0) checkPrecedence(job, found.alsoInFiles);
  findings.options = { ...options, variables: found.variables };
  return findings.options;
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
