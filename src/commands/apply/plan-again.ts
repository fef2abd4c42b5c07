import type { RunAttributes } from "../../api/types.ts";
import { Failure } from "../../failure.ts";
import { decideNewRun, verifyNewRun } from "../../gate/decision.ts";
import type { Decision } from "../../gate/facts.ts";
import { attributesOf } from "../../run/options.ts";
import type { PlanOutcome } from "../../run/types.ts";
import { type Ending, endingOfPlan, type Findings } from "../findings.ts";
import { runMessage } from "../message.ts";
import { announce, createRun, followToPlan } from "../plan/run-plan.ts";
import type { Step } from "../step.ts";
import type { ApplyJob } from "./apply-job.ts";
import { readDifference } from "./difference.ts";
import { readPlanOfRun } from "./read-plan.ts";
import { factsOf, readContent } from "./read-run.ts";

/** What to do after the new plan; or that it ended in a way that leaves nothing to decide, told once it is shown. */
export type PlannedAgain =
  | { outcome: PlanOutcome | undefined; decision: Decision }
  | { outcome: PlanOutcome; end: (findings: Findings) => Ending };

/**
 * Makes a run that can be applied, follows its plan, and decides by comparing it with the reviewed one. Unless it is
 * confirmed, the run is removed when the job is closed.
 */
export async function planAgain(
  step: Step,
  job: ApplyJob,
  { review, notes }: Extract<Decision, { next: "plan-again" }>,
): Promise<PlannedAgain> {
  const { asked, server, ledger } = job;
  const made = await createRun(step, job, {
    ledger,
    use: "apply",
    attributes: attributesFor(step, job),
  });
  announce(step, job, made);
  const again = await server.readRun(made.id);
  const wrong = verifyNewRun(asked, factsOf(made)) ?? verifyNewRun(asked, factsOf(again));
  if (wrong !== undefined) {
    // At once: it may be about to be applied.
    const stopped = await ledger.settle(server, step);
    if (stopped !== "failed") ledger.close();
    return { outcome: undefined, decision: wrong };
  }
  const outcome = await followToPlan(step, job, { run: again, ledger });
  step.signal.throwIfAborted();
  if (outcome.ending === "needs-person") {
    // It is left to whoever decides: without it nothing could be applied after the decision.
    ledger.close();
    return { outcome, end: undecided };
  }
  if (outcome.ending !== "planned" && outcome.ending !== "no-changes") {
    return { outcome, end: (findings) => endingOfPlan(outcome.ending, findings) };
  }
  const run = factsOf(await server.readRun(made.id));
  const fresh = { run, plan: await readPlanOfRun(job, run), content: await readContent(job, run) };
  if ("digest" in fresh.plan) job.findings.planDigest = fresh.plan.publicDigest;
  const decision = decideNewRun(asked, { review, fresh, notes });
  if (decision.next === "hold" && decision.reason === "plan-changed" && review !== undefined) {
    await readDifference(step, job, { reviewed: review, fresh });
  }
  return { outcome, decision };
}

function undecided({ run, runUrl }: Findings): Ending {
  const message =
    `Run ${run?.id} waits for somebody who may override its policies or run tasks. Nothing is applied. Decide on its page, ` +
    `then apply this very run with \`run-id: ${run?.id}\`, or discard it there: ${runUrl}`;
  return { status: "policy-failed", failure: new Failure("needs-approval", message) };
}

/** The message says where the run comes from, but binds it to no pull request: nobody reviews it. */
function attributesFor(
  { inputs, context, pullRequest }: Step,
  { options, archive }: ApplyJob,
): RunAttributes {
  const number = pullRequest?.number;
  const message = runMessage({
    ...context,
    given: inputs.message,
    pullRequest: number === undefined ? undefined : { number },
    digest: archive.digest,
  });
  return { message, "plan-only": false, "auto-apply": false, ...attributesOf(options) };
}
