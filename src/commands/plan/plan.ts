import { type RunOptions, readOptions } from "../../run/options.ts";
import { type Ending, endingOfPlan, type Findings } from "../findings.ts";
import { endingOnServer } from "../on-server.ts";
import { publishPlan } from "../publish.ts";
import type { Step, StepResult } from "../step.ts";
import { findTarget } from "../target/target.ts";
import { withVariables } from "../variables.ts";
import { findCommentsEarly } from "./look-ahead.ts";
import { planOnServer } from "./plan-on-server.ts";
import type { Job } from "./run-plan.ts";
import { showPlan } from "./show-plan.ts";

/** `command: plan`: a speculative plan of the directory, followed live and reported where people review it. */
export async function planCommand(step: Step): Promise<StepResult> {
  const options = readOptions(step.inputs, { applies: false });
  const target = await findTarget(step);
  step.log.line(`Planning ${target.organization}/${target.workspace} on ${target.hostname}`);
  const findings: Findings = { target, options, notes: [] };
  const end = await endingOnServer(step, findings, (job) => plan(step, job, options));
  return publishPlan(step, findings, end);
}

async function plan(step: Step, job: Job, given: RunOptions): Promise<Ending> {
  const { server, findings } = job;
  const options = await withVariables(step, job, given);
  const outcome = await planOnServer(step, job, options);
  step.signal.throwIfAborted();
  findings.comments = findCommentsEarly(step, findings);
  findings.shown = await showPlan(step, { server, findings, outcome });
  return endingOfPlan(outcome.ending, findings);
}
