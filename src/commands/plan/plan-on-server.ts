import type { Run, RunAttributes } from "../../api/types.ts";
import { Failure } from "../../failure.ts";
import { lostOptions } from "../../run/option-limits.ts";
import { attributesOf, type RunOptions } from "../../run/options.ts";
import { savesPlan } from "../../run/saved-plan.ts";
import { stageOf } from "../../run/status.ts";
import type { PlanOutcome } from "../../run/types.ts";
import { type Ledger, openLedger } from "../ledger.ts";
import { runMessage } from "../message.ts";
import type { Step } from "../step.ts";
import { checkServer } from "./options.ts";
import { announce, createRun, followToPlan, type Job } from "./run-plan.ts";

/** How often, and how long apart, a run that is to be saved is read after its plan. */
const MOST_LOOKS = 10;
const PAUSE_MS = 1000;

/**
 * Uploads the archive, makes exactly one run of it and follows it to the end of its plan: a speculative run, or a saved
 * plan where one is wanted and the server makes one. Whatever happens on the way, when this returns or throws the run is
 * settled, or written down for the post step; only a saved plan stays, which blocks nothing.
 */
export async function planOnServer(step: Step, job: Job, options: RunOptions): Promise<PlanOutcome> {
  const { server, workspace } = job;
  checkServer(step, job, options);
  const { hostname, facts } = server;
  const applyCanFollow = isForLater(step);
  if (!savesPlan(options, { facts, hostname, workspace, applyCanFollow })) {
    return planWith(step, job, { options, use: "plan-only" });
  }
  try {
    const outcome = await planWith(step, job, { options, use: "saved-plan" });
    const { discardSuperseded } = await import("./superseded-plans.ts");
    await discardSuperseded(step, job, { run: outcome.run, options });
    return outcome;
  } catch (error) {
    if (!(error instanceof NotSaved) || options.savePlan === "true") throw error;
    step.log.warning(`${error.message} An ordinary plan is made instead.`);
    return planWith(step, job, { options, use: "plan-only" });
  }
}

/** The pull request is of the repository itself, so a job with the same rights applies it after the merge. */
function isForLater({ context, pullRequest }: Step): boolean {
  return context.eventName === "pull_request" && pullRequest?.fork === false;
}

/** The server made another run than a saved plan. */
class NotSaved extends Failure {}

type PlanOrder = { options: RunOptions; use: "plan-only" | "saved-plan" };

async function planWith(step: Step, job: Job, { options, use }: PlanOrder): Promise<PlanOutcome> {
  const { server, workspace, findings } = job;
  const ledger = openLedger(findings.target, workspace);
  try {
    const attributes = { ...kindOf(use), message: messageOf(step, job), ...attributesOf(options) };
    const made = await createRun(step, job, { ledger, use, attributes });
    announce(step, job, made);
    // The answer to the POST may promise what later readings do not hold.
    const run = use === "saved-plan" ? await server.readRun(made.id) : made;
    checkKind(run, use, server.hostname);
    checkKept(run, options);
    const outcome = await followToPlan(step, job, { run, ledger });
    checkKept(outcome.run, options);
    tellUntold(step, job, lostOptions(options, outcome.run).untold);
    return use === "saved-plan" ? await keepSaved(step, job, { outcome, ledger }) : outcome;
  } finally {
    findings.stopped = await ledger.settle(server, step);
  }
}

/** From now on the saved plan is nobody's to stop; what waits for a confirmation without being saved is no such plan. */
async function keepSaved(step: Step, job: Job, ended: EndedPlan): Promise<PlanOutcome> {
  const { findings, server } = job;
  const run = await whenSaved(step, job, ended.outcome);
  findings.run = run;
  if (run.status === "planned_and_saved") {
    findings.saved = true;
    ended.ledger.close();
  } else if (isAtRest(ended.outcome, run)) {
    throw notSaved(run, server.hostname);
  }
  return { ...ended.outcome, run };
}

type EndedPlan = { outcome: PlanOutcome; ledger: Ledger };

/** The run, read again while it only passes through a status in which an ordinary run would wait. */
async function whenSaved({ clock, signal }: Step, { server }: Job, outcome: PlanOutcome): Promise<Run> {
  let { run } = outcome;
  for (let look = 0; look < MOST_LOOKS && isAtRest(outcome, run); look += 1) {
    await clock.sleep(PAUSE_MS, signal);
    run = await server.readRun(run.id);
  }
  return run;
}

function isAtRest({ ending }: PlanOutcome, { status }: Run): boolean {
  if (ending !== "planned" && ending !== "no-changes") return false;
  return status !== "planned_and_saved" && stageOf(status) === "checks";
}

// The configuration version is speculative already; a server that passes over that must not make more of it.
function kindOf(use: PlanOrder["use"]): RunAttributes {
  if (use === "plan-only") return { "plan-only": true, "auto-apply": false };
  return { "plan-only": false, "auto-apply": false, "save-plan": true };
}

function messageOf({ inputs, context, pullRequest }: Step, { archive: { digest } }: Job): string {
  return runMessage({ ...context, given: inputs.message, pullRequest, digest });
}

/** A run that could be applied is removed at once, for it blocks the workspace. */
function checkKind(run: Run, use: PlanOrder["use"], hostname: string): void {
  if (use === "saved-plan") {
    if (run.savePlan !== true || run.planOnly === true) throw notSaved(run, hostname);
  } else if (run.planOnly === false) {
    throw new Failure(
      "unsupported",
      `The host ${hostname} made run ${run.id} one that can be applied, although a plan only was asked for. It is stopped.`,
    );
  }
}

function notSaved(run: Run, hostname: string): NotSaved {
  const what = `The host ${hostname} took the option to save the plan and made run ${run.id} an ordinary one`;
  return new NotSaved("unsupported", `${what}. It is stopped, as it would block the workspace.`);
}

/** What was asked for is not what is planned. */
function checkKept(run: Run, options: RunOptions): void {
  const { changed } = lostOptions(options, run);
  if (changed.length === 0) return;
  throw new Failure(
    "unsupported",
    `The server took these inputs and made run ${run.id} without them: ${changed.join(", ")}. Its plan is not what was ` +
      "asked for; leave them out, or plan with the CLI.",
  );
}

function tellUntold({ log }: Step, { findings }: Job, inputs: string[]): void {
  if (inputs.length === 0) return;
  const warning = `The server does not tell whether the run has these inputs: ${inputs.join(", ")}.`;
  log.warning(warning);
  findings.notes.push(warning);
}
