import { connectToWorkspace } from "../api/server.ts";
import { Failure } from "../failure.ts";
import { checkWorkspace } from "./check-workspace.ts";
import { type Ending, endingOfFailure, endingOfPlan, type Findings } from "./findings.ts";
import { findCommentsEarly } from "./look-ahead.ts";
import { prepareArchive } from "./prepare-archive.ts";
import { publishPlan } from "./publish.ts";
import { runPlan } from "./run-plan.ts";
import { showPlan } from "./show-plan.ts";
import type { Step, StepResult } from "./step.ts";
import { connectOptions, findTarget } from "./target.ts";

/** `command: plan`: a speculative plan of the directory, followed live and reported where people review it. */
export async function planCommand(step: Step): Promise<StepResult> {
  const target = await findTarget(step);
  step.log.line(`Planning ${target.organization}/${target.workspace} on ${target.hostname}`);
  const findings: Findings = { target, notes: [] };
  return publishPlan(step, findings, await endingOf(step, findings));
}

/** How the plan ends; a failure on the way is an ending too, because it is reported like any other. */
async function endingOf(step: Step, findings: Findings): Promise<Ending> {
  try {
    return await planOnServer(step, findings);
  } catch (error) {
    const cause: unknown = step.signal.aborted ? step.signal.reason : error;
    if (cause instanceof Failure) return endingOfFailure(cause, findings.stopped);
    throw cause;
  }
}

async function planOnServer(step: Step, findings: Findings): Promise<Ending> {
  const { target } = findings;
  const options = { ...connectOptions(step, target), workspace: target.workspace };
  const { server, workspace } = await connectToWorkspace(options);
  try {
    findings.workspace = workspace;
    checkWorkspace(workspace, target);
    const { archive } = await prepareArchive(step, workspace.workingDirectory, target.token);
    findings.archive = archive;
    const outcome = await runPlan(step, { server, workspace, archive, findings });
    findings.outcome = outcome;
    step.signal.throwIfAborted();
    findings.comments = findCommentsEarly(step, findings);
    findings.shown = await showPlan(step, { server, findings, outcome });
    return endingOfPlan(outcome.ending, findings);
  } finally {
    await server.close();
  }
}
