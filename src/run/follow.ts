import type { Phase, Run, Server, Workspace } from "../api/types.ts";
import { createBudget } from "./clock.ts";
import { armHalt, type Halt } from "./halt.ts";
import { createLogFile } from "./log-file.ts";
import type { RenderLine } from "./log-printer.ts";
import { REQUEST_RATE } from "./pacing.ts";
import { followPhaseLog, type LoggedPhase } from "./phase-log.ts";
import { openPlanGroup } from "./plan-group.ts";
import { awaitsOverride, stopsRun } from "./policy.ts";
import { queueReasons, readQueueFacts } from "./queue.ts";
import { type RunResults, readResults } from "./results.ts";
import { stageOf } from "./status.ts";
import type { Clock, FollowLimits, PlanEnding, PlanOutcome, RunLog } from "./types.ts";
import { currentVerdict, startWatch, type Watch, watchUntil } from "./watch.ts";

/** What following a plan needs. */
export type FollowContext = {
  /** Connected; following re-binds it to its own limits. */
  server: Server;
  organization: string;
  workspace: Pick<Workspace, "id" | "name">;
  /** As the POST answered it, or as last read. */
  run: Run;
  log: RunLog;
  /** Path of the file that gets every line of the remote log. */
  logFile: string;
  limits: FollowLimits;
  clock: Clock;
  /** Aborted when the step is interrupted. */
  signal: AbortSignal;
  render: RenderLine;
};

/** A run that leaves the queue within this time, in milliseconds, has no queue to speak of. */
const QUEUE_UNTOLD = 1_000;
const REASONS_EVERY = 60_000;
const STAGES_EVERY = 10_000;

/**
 * Follows a run until its plan and all checks of it are done: prints why it waits, its log live, and the results of
 * the cost estimate and the policies. The ending is the server's status and nothing else; a log that cannot be read is
 * one warning. When a limit or an interruption ends the following, the run goes on: the caller stops it. Throws
 * ApiError when the run cannot be read any more, Failure "outputs" when the log file cannot be made.
 */
export async function followPlan(context: FollowContext): Promise<PlanOutcome> {
  const halt = armHalt(context.clock, context.limits, context.signal);
  const server = context.server.withSignal(halt.signal);
  const budget = createBudget(context.clock, REQUEST_RATE);
  const { clock, log, run } = context;
  const watch = startWatch({ server, clock, budget, log, signal: halt.signal, run });
  const state: Following = { context, watch, halt, logComplete: false, results: noResults };
  try {
    const ending = await followStages(state);
    return outcome(state, ending);
  } catch (error) {
    const reason = halt.reason();
    if (reason === undefined) throw error;
    return outcome(state, reason);
  } finally {
    halt.close();
  }
}

type Following = {
  context: FollowContext;
  watch: Watch;
  halt: Halt;
  logComplete: boolean;
  results: RunResults;
};

const noResults: RunResults = { plan: undefined, policies: [], cost: undefined };

function outcome(state: Following, ending: PlanEnding): PlanOutcome {
  return { ending, run: state.watch.run, logComplete: state.logComplete, ...state.results };
}

async function followStages(state: Following): Promise<PlanEnding> {
  const { watch } = state;
  // Its answer is needed as soon as the plan begins, so it is asked for while the run still waits.
  const firstPlan = readPlanEarly(watch);
  await waitInQueue(state);
  state.halt.queueIsOver();
  if (hasLog(watch.run)) {
    state.logComplete = await followPhaseLog(watch, planOf(state, firstPlan));
  } else {
    state.logComplete = true;
  }
  const ending = await waitForChecks(state);
  state.results = await readResults(watch);
  return isPolicyFailure(ending, state.results) ? "policy-failed" : ending;
}

function planOf({ context, watch }: Following, first: Promise<Phase | undefined>): LoggedPhase {
  return {
    ...{ name: "plan", read: readPlan, first, render: context.render },
    isOver: () => stageOf(watch.run.status) !== "plan" || currentVerdict(watch).verdict !== "wait",
    openFile: () => createLogFile(context.logFile),
    openGroup: () => openPlanGroup(watch.log),
  };
}

async function readPlan(server: Server, { planId }: Run): Promise<Phase | undefined> {
  return planId === undefined ? undefined : server.readPlan(planId);
}

async function readPlanEarly(watch: Watch): Promise<Phase | undefined> {
  if (watch.run.planId === undefined) return undefined;
  try {
    await watch.budget.take(watch.signal);
    return await readPlan(watch.server, watch.run);
  } catch {
    // Whoever needs it asks again and hears the reason.
    return undefined;
  }
}

/** A run that was taken out of the queue has never made a plan. */
function hasLog(run: Run): boolean {
  const removed = ["canceled", "force_canceled", "discarded"].includes(run.status);
  const begun = "planning-at" in run.statusTimestamps || "planned-at" in run.statusTimestamps;
  return run.planId !== undefined && (!removed || begun);
}

async function waitInQueue(state: Following): Promise<void> {
  const { context, watch } = state;
  let tellAt = watch.clock.now() + QUEUE_UNTOLD;
  let grouped = false;
  const tell = async () => {
    if (watch.clock.now() < tellAt) return;
    tellAt = watch.clock.now() + REASONS_EVERY;
    const reasons = queueReasons(await readQueueFacts(watch, context));
    if (!grouped) watch.log.startGroup("Queue");
    grouped = true;
    watch.log.foreign(reasons);
  };
  const reached = () => stageOf(watch.run.status) !== "queue" || currentVerdict(watch).verdict !== "wait";
  try {
    await watchUntil(watch, { until: "begin", reached, between: tell });
  } finally {
    if (grouped) watch.log.endGroup();
  }
}

async function waitForChecks(state: Following): Promise<PlanEnding> {
  const { watch } = state;
  let told = "";
  let lookAt = watch.clock.now() + STAGES_EVERY;
  let override = false;
  const between = async () => {
    if (watch.run.status !== told) watch.log.foreign([`Waiting: the run is ${watch.run.status}.`]);
    told = watch.run.status;
    if (watch.clock.now() < lookAt || watch.run.taskStageIds.length === 0) return;
    lookAt = watch.clock.now() + STAGES_EVERY;
    override = await awaitsOverride(watch.server, watch.run);
  };
  const reached = () => override || currentVerdict(watch).verdict !== "wait";
  await watchUntil(watch, { until: "checked", reached, between });
  const verdict = currentVerdict(watch);
  return verdict.verdict === "wait" ? "needs-person" : verdict.ending;
}

/** A run that errored because of a policy or a run task failed for that, not for its plan. */
function isPolicyFailure(ending: PlanEnding, results: RunResults): boolean {
  const { plan, policies } = results;
  return ending === "errored" && plan !== undefined && plan.status !== "errored" && policies.some(stopsRun);
}
