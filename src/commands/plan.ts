import { type Ending, endingOfPlan, type Findings } from "./findings.ts";
import { findCommentsEarly } from "./look-ahead.ts";
import { endingOnServer } from "./on-server.ts";
import { publishPlan } from "./publish.ts";
import { type Job, runPlan } from "./run-plan.ts";
import { showPlan } from "./show-plan.ts";
import type { Step, StepResult } from "./step.ts";
import { findTarget } from "./target.ts";

/** `command: plan`: a speculative plan of the directory, followed live and reported where people review it. */
export async function planCommand(step: Step): Promise<StepResult> {
  const target = await findTarget(step);
  step.log.line(`Planning ${target.organization}/${target.workspace} on ${target.hostname}`);
  const findings: Findings = { target, notes: [] };
  const end = await endingOnServer(step, findings, (job) => plan(step, job));
  return publishPlan(step, findings, end);
}

async function plan(step: Step, job: Job): Promise<Ending> {
  const { server, findings } = job;
  const outcome = await runPlan(step, job);
  step.signal.throwIfAborted();
  findings.comments = findCommentsEarly(step, findings);
  findings.shown = await showPlan(step, { server, findings, outcome });
  return endingOfPlan(outcome.ending, findings);
}
