import type { ReadFlags, RunFlags } from "../../gate/flags.ts";
import { checkOptions } from "../../run/option-limits.ts";
import type { RunOptions } from "../../run/options.ts";
import type { Step } from "../step.ts";
import type { Job } from "./run-plan.ts";

/** Refuses what this server is known not to do, before anything is uploaded; what is only passed over is told. */
export function checkServer({ inputs, log }: Step, { server, findings }: Job, options: RunOptions): void {
  const { hostname, facts } = server;
  const warnings = checkOptions(options, { hostname, facts, applies: inputs.command !== "plan" });
  if (inputs.message !== undefined && !facts.keepsMessage) {
    warnings.push(`${hostname} takes the input "message" and does not keep it.`);
  }
  for (const warning of warnings) log.warning(warning);
  findings.notes.push(...warnings);
}

/** The options that the gate compares. */
export function flagsOf({ mode, refresh, targets, replace, variables }: RunOptions): RunFlags {
  const kind = { destroy: mode === "destroy", refreshOnly: mode === "refresh-only" };
  return { ...kind, refresh, targets, replace, variables };
}

/** The options of a run that is there already, for the report; those that the server does not tell are taken to be as asked. */
export function optionsOfRun(asked: RunOptions, flags: ReadFlags): RunOptions {
  const { destroy, refreshOnly, refresh, targets, replace, variables } = {
    ...flagsOf(asked),
    ...told(flags),
  };
  const mode = destroy ? "destroy" : refreshOnly ? "refresh-only" : "plan";
  return { ...asked, mode, refresh, targets, replace, variables };
}

function told(flags: ReadFlags): Partial<RunFlags> {
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}
