import { decideByAutoApprove, decideByRunId, decideWay } from "../../gate/decision.ts";
import type { Decision } from "../../gate/facts.ts";
import { readOptions } from "../../run/options.ts";
import { checkApply } from "../check-workspace.ts";
import type { Ending, Findings } from "../findings.ts";
import { endingOnServer } from "../on-server.ts";
import { checkServer } from "../options.ts";
import { publishPlan } from "../publish.ts";
import type { Job } from "../run-plan.ts";
import { showPlan } from "../show-plan.ts";
import type { Step, StepResult } from "../step.ts";
import { findTarget } from "../target.ts";
import { readAppliedOutputs } from "./applied-outputs.ts";
import { type ApplyJob, closeApplyJob, openApplyJob } from "./apply-job.ts";
import { confirmAndFollow } from "./confirm-and-follow.ts";
import { heldEnding } from "./endings.ts";
import { findMergedPullRequest } from "./merged-pull-request.ts";
import { planAgain } from "./plan-again.ts";
import { readContent, readRunFacts } from "./read-run.ts";
import { decideFromReview } from "./reviewed-runs.ts";

/**
 * `command: apply`, and `destroy`, which is the same of a plan that destroys everything: applies exactly what was reviewed,
 * or nothing, and reports it on the merged pull request.
 */
export async function applyCommand(step: Step): Promise<StepResult> {
  const options = readOptions(step.inputs, { applies: true });
  const target = await findTarget(step);
  step.log.line(`Applying ${target.organization}/${target.workspace} on ${target.hostname}`);
  const findings: Findings = { target, options, notes: [], applying: true };
  const end = await endingOnServer(step, findings, (job) => apply(step, job));
  return publishPlan(step, findings, end);
}

/** The same on a connected server with a packed archive, without the reports. */
export async function apply(step: Step, plain: Job): Promise<Ending> {
  const { findings, workspace, server } = plain;
  const { options = readOptions(step.inputs, { applies: true }) } = findings;
  checkServer(step, plain, options);
  checkApply(workspace, { target: findings.target, runId: step.inputs.runId, facts: server.facts });
  const job = await openApplyJob(step, plain, options);
  try {
    const end = await carryOut(step, job, await firstDecision(step, job));
    if (end.status === "applied" || end.status === "no-changes") await readAppliedOutputs(step, job);
    return end;
  } finally {
    await closeApplyJob(step, job);
  }
}

async function firstDecision(step: Step, job: ApplyJob): Promise<Decision> {
  const { runId, autoApprove } = step.inputs;
  const way = decideWay({ runId, autoApprove });
  if (typeof way !== "string") return way;
  const merged = await findMergedPullRequest(step);
  // Whatever the way, the result is reported where the change was discussed.
  if ("pullRequest" in merged) job.findings.mergedPullRequest = merged.pullRequest.number;
  if (way === "auto-approve") return decideByAutoApprove();
  if (way === "run-id") return decisionByRunId(step, job);
  return "next" in merged ? merged : decideFromReview(step, job, merged);
}

async function decisionByRunId({ inputs: { runId } }: Step, job: ApplyJob): Promise<Decision> {
  const run = await readRunFacts(job.server, runId);
  const content = run === undefined ? { unavailable: "there is no such run" } : await readContent(job, run);
  return decideByRunId(job.asked, { runId, run, content });
}

async function carryOut(step: Step, job: ApplyJob, decision: Decision): Promise<Ending> {
  const { findings, server } = job;
  if ("notes" in decision) tell(step, findings, decision.notes);
  if (decision.next === "hold") return heldEnding(decision, findings);
  if (decision.next === "no-changes") return { status: "no-changes" };
  if (decision.next === "confirm") return confirmAndFollow(step, job, decision);
  const planned = await planAgain(step, job, decision);
  const { outcome } = planned;
  if (outcome !== undefined) findings.shown = await showPlan(step, { server, findings, outcome });
  return "end" in planned ? planned.end(findings) : carryOut(step, job, planned.decision);
}

function tell({ log }: Step, findings: Findings, notes: string[]): void {
  for (const note of notes) {
    if (findings.notes.includes(note)) continue;
    findings.notes.push(note);
    log.line(note);
  }
}
