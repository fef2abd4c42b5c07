import { randomUUID } from "node:crypto";
import { ApiError } from "../../api/errors.ts";
import type { Run } from "../../api/types.ts";
import { Failure } from "../../failure.ts";
import { applyEnding, type Confirmation } from "../../gate/endings.ts";
import { type Decision, type Hold, hold } from "../../gate/facts.ts";
import { type ConfirmOutcome, confirmRun } from "../../run/confirm.ts";
import { stageOf } from "../../run/status.ts";
import type { Ending } from "../findings.ts";
import { optionsOfRun } from "../plan/options.ts";
import { announce } from "../plan/run-plan.ts";
import { showPlan } from "../plan/show-plan.ts";
import type { Step } from "../step.ts";
import { type ApplyJob, letGo, takeBack } from "./apply-job.ts";
import { type Canceling, cancelApply, endingOfCanceled } from "./cancel-apply.ts";
import { endingOfApply, heldEnding } from "./endings.ts";
import { followAppliedRun } from "./follow-applied-run.ts";
import { createLastLook } from "./last-look.ts";
import { readPlanOfRun } from "./read-plan.ts";

type Confirm = Extract<Decision, { next: "confirm" }>;

/** Confirms the very run that was decided on, once, and follows its apply to the end. */
export async function confirmAndFollow(step: Step, job: ApplyJob, decision: Confirm): Promise<Ending> {
  const { findings } = job;
  findings.options = optionsOfRun(job.options, decision.run.flags);
  if (findings.shown === undefined) await showDecided(step, job, decision);
  const { held, outcome } = await confirm(step, job, decision);
  findings.run = outcome.run;
  const confirmation = confirmationOf(outcome);
  if (outcome.result === "stopped" && confirmation === "none") {
    return heldEnding(step, held ?? hold("server", "The run could not be confirmed."), findings);
  }
  const apply = isFollowed(outcome) ? await followAppliedRun(step, job, outcome.run) : undefined;
  const stopped = apply === undefined ? whyStopped(step) : apply.stopped;
  const canceling = await cancelWhereAsked(step, job, {
    outcome,
    run: apply?.run ?? outcome.run,
    why: stopped,
  });
  const run = canceling?.run ?? apply?.run ?? outcome.run;
  const told = applyEnding({
    ...{ runId: run.id, status: run.status, confirmation, stopped },
    applyStatus: canceling?.applyStatus ?? apply?.apply?.status,
    appliedAt: run.statusTimestamps["applied-at"],
    logSaysComplete: apply?.logSaysComplete ?? false,
  });
  const end = canceling === undefined ? told : endingOfCanceled(told, canceling);
  findings.applied = end.applied;
  const refusal = outcome.refusal === undefined ? "" : ` ${outcome.refusal.message}`;
  const done = findings.done === undefined ? "" : ` ${findings.done}`;
  return endingOfApply({ ...end, sentence: `${end.sentence}${refusal}${done}` }, findings);
}

/** An apply that goes on when the step ends is left alone, unless the input `cancel-apply` asks for the other. */
async function cancelWhereAsked(
  step: Step,
  job: ApplyJob,
  { outcome, run, why }: { outcome: ConfirmOutcome; run: Run; why: Canceling["why"] | undefined },
): Promise<Canceling | undefined> {
  const isOurs = mayBeApplied(outcome) && outcome.result !== "by-somebody-else";
  if (why !== undefined && isOurs && step.inputs.cancelApply) return cancelApply(step, job, { why, run });
  if (isOurs) job.ledger.close();
  return undefined;
}

/** The plan of a run that was not planned by this step. */
async function showDecided(step: Step, job: ApplyJob, { run }: Confirm): Promise<void> {
  const { server, findings } = job;
  const read = await server.readRun(run.id);
  announce(step, job, read);
  const plan = await readPlanOfRun(job, run).catch(noPlan);
  if (plan !== undefined && "digest" in plan) findings.planDigest = plan.publicDigest;
  const nothing = { plan: undefined, logComplete: true, policies: [], cost: undefined };
  const outcome = { ending: "planned" as const, run: read, ...nothing };
  findings.shown = await showPlan(step, { server, findings, outcome });
}

/** Nothing is compared with it: one that cannot be understood is told where the plan is shown. */
function noPlan(error: unknown): undefined {
  if (error instanceof ApiError || !(error instanceof Failure)) throw error;
}

async function confirm(
  step: Step,
  job: ApplyJob,
  decision: Confirm,
): Promise<{ held: Hold | undefined; outcome: ConfirmOutcome }> {
  const { log, signal, clock } = step;
  const last = createLastLook(job, decision.run);
  log.line(`Confirming run ${decision.run.id}`);
  const look = async (run: Run) => {
    const sight = await last.look(run);
    signal.throwIfAborted();
    // From here on a run that this step made must not be removed: the confirmation may be under way.
    if (sight === "confirm") letGo(step, job, decision.run);
    return sight;
  };
  try {
    const comment = `Confirmed by a step of tofu-remote, ${randomUUID()}`;
    const outcome = await confirmRun(job.server, decision.run.id, {
      clock,
      signal,
      look,
      comment,
    });
    if (!mayBeApplied(outcome)) takeBack(job);
    else if (outcome.result === "by-somebody-else") job.ledger.close();
    return { held: last.held(), outcome };
  } catch (error) {
    // It throws only where nothing can have arrived.
    takeBack(job);
    throw error;
  }
}

/** An apply that may be this step's is followed, too, though it is not claimed. */
function isFollowed({ result, run }: ConfirmOutcome): boolean {
  return result === "accepted" || (result === "unknown" && ["apply", "final"].includes(stageOf(run.status)));
}

function mayBeApplied(outcome: ConfirmOutcome): boolean {
  return (
    ["accepted", "unanswered"].includes(confirmationOf(outcome)) || outcome.result === "by-somebody-else"
  );
}

function confirmationOf({ result, answers }: ConfirmOutcome): Confirmation {
  if (result === "accepted") return "accepted";
  if (result === "by-somebody-else") return "none";
  if (answers.includes("unanswered")) return "unanswered";
  return answers.includes("refused") ? "refused" : "none";
}

function whyStopped({ signal }: Step): "timeout" | "interrupted" | undefined {
  if (!signal.aborted) return undefined;
  const reason: unknown = signal.reason;
  return reason instanceof Failure && reason.reason === "timeout" ? "timeout" : "interrupted";
}
