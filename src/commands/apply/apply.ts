import { decideByAutoApprove, decideByRunId, decideWay } from "../../gate/decision.ts";
import { afterEarlierAttempt } from "../../gate/earlier-attempt.ts";
import { type Decision, type Hold, hold } from "../../gate/facts.ts";
import { holdUnconfirmable } from "../../gate/statuses.ts";
import { readOptions } from "../../run/options.ts";
import { checkApply } from "../check-workspace.ts";
import type { Ending, Findings } from "../findings.ts";
import { endingOnServer } from "../on-server.ts";
import { checkServer } from "../plan/options.ts";
import type { Job } from "../plan/run-plan.ts";
import { showPlan } from "../plan/show-plan.ts";
import { publishPlan } from "../publish.ts";
import type { Step, StepResult } from "../step.ts";
import { findTarget } from "../target/target.ts";
import { withVariables } from "../variables.ts";
import { readAppliedOutputs } from "./applied-outputs.ts";
import { type ApplyJob, closeApplyJob, openApplyJob } from "./apply-job.ts";
import { confirmAndFollow } from "./confirm-and-follow.ts";
import { adopt, type EarlierAttempts, readEarlier, settleEarlierAttempts } from "./earlier-attempts.ts";
import { heldEnding } from "./endings.ts";
import { findMergedByPush, type MergedByPush } from "./merged-pull-request.ts";
import { planAgain } from "./plan-again.ts";
import { factsOf, readContent, readRunFacts } from "./read-run.ts";
import { decideFromReviews } from "./reviewed-runs.ts";

/**
 * `command: apply`, and `destroy`, which is the same of a plan that destroys everything: applies exactly what was reviewed,
 * or nothing, and reports it on the merged pull request.
 */
export async function applyCommand(step: Step): Promise<StepResult> {
  const options = readOptions(step.inputs, { applies: true });
  const target = await findTarget(step);
  const what = options.mode === "destroy" ? "Destroying what is in" : "Applying";
  step.log.line(`${what} ${target.organization}/${target.workspace} on ${target.hostname}`);
  const findings: Findings = { target, options, notes: [], applying: true };
  // Asked at once, for whatever happens on the way is reported where the change was discussed.
  const merged = mergedByPush(step);
  findings.merged = merged;
  const end = await endingOnServer(step, findings, (job) => apply(step, job));
  tellWhere(findings, await merged);
  return publishPlan(step, findings, end);
}

function mergedByPush(step: Step): Promise<MergedByPush | Hold> {
  return findMergedByPush(step).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    return hold("no-reviewed-plan", `The merged pull request could not be asked for: ${why}`);
  });
}

function tellWhere(findings: Findings, merged: MergedByPush | Hold): void {
  if ("main" in merged) findings.mergedPullRequest ??= merged.main.pullRequest.number;
}

/** The same on a connected server with a packed archive, without the reports. */
export async function apply(step: Step, plain: Job): Promise<Ending> {
  const { findings, workspace, server } = plain;
  const given = findings.options ?? readOptions(step.inputs, { applies: true });
  const options = await withVariables(step, plain, given);
  checkServer(step, plain, options);
  checkApply(workspace, { target: findings.target, runId: step.inputs.runId, facts: server.facts });
  const job = await openApplyJob(step, plain, options);
  const merged = await (findings.merged ?? mergedByPush(step));
  tellWhere(findings, merged);
  try {
    const decision = await firstDecision(step, job, merged);
    const since = "main" in merged ? merged.main.pullRequest.mergedAt : undefined;
    const end = await carryOut(step, job, { decision, since });
    if (end.status === "applied" || end.status === "no-changes") await readAppliedOutputs(step, job);
    return end;
  } finally {
    await closeApplyJob(step, job);
  }
}

async function firstDecision(step: Step, job: ApplyJob, merged: MergedByPush | Hold): Promise<Decision> {
  const { runId, autoApprove } = step.inputs;
  const way = decideWay({ runId, autoApprove });
  if (typeof way !== "string") return way;
  if (way === "auto-approve") return decideByAutoApprove();
  if (way === "run-id") return decisionByRunId(step, job);
  return "next" in merged ? merged : decideFromReviews(step, job, merged);
}

async function decisionByRunId({ inputs: { runId } }: Step, job: ApplyJob): Promise<Decision> {
  const run = await readRunFacts(job.server, runId);
  const content = run === undefined ? { unavailable: "there is no such run" } : await readContent(job, run);
  return decideByRunId(job.asked, { runId, run, content });
}

/** `since`: when the change was merged, where that is known. */
type Decided = { decision: Decision; since: string | undefined };

async function carryOut(step: Step, job: ApplyJob, { decision, since }: Decided): Promise<Ending> {
  const { findings, server } = job;
  if ("notes" in decision) tell(step, findings, decision.notes);
  if (decision.next === "hold") return heldEnding(step, decision, findings);
  if (decision.next === "no-changes") return { status: "no-changes" };
  if (decision.next === "confirm") return confirmAndFollow(step, job, decision);
  const earlier = await settleEarlierAttempts(step, job, since);
  const adopted = await decideByEarlier(step, job, { earlier, decision });
  if (adopted !== undefined) return carryOut(step, job, { decision: adopted, since });
  const planned = await planAgain(step, job, decision);
  const { outcome } = planned;
  if (outcome !== undefined) findings.shown = await showPlan(step, { server, findings, outcome });
  if ("end" in planned) return planned.end(findings);
  const isEmpty = outcome?.ending === "no-changes";
  const after = { earlier: await readEarlier(job, earlier.confirmed), isEmpty };
  return carryOut(step, job, { decision: afterEarlierAttempt(planned.decision, after), since });
}

type ByEarlier = { earlier: EarlierAttempts; decision: Extract<Decision, { next: "plan-again" }> };

/** The decision where an earlier attempt's run stands before a new one. */
async function decideByEarlier(
  step: Step,
  job: ApplyJob,
  { earlier: { waiting, undecided }, decision }: ByEarlier,
): Promise<Decision | undefined> {
  if (undecided !== undefined) return holdUnconfirmable(factsOf(undecided));
  return waiting && adopt(step, job, { ...decision, run: waiting });
}

function tell({ log }: Step, findings: Findings, notes: string[]): void {
  for (const note of notes) {
    if (findings.notes.includes(note)) continue;
    findings.notes.push(note);
    log.line(note);
  }
}
