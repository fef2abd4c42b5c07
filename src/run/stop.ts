import { ApiError } from "../api/errors.ts";
import type { Run, Server } from "../api/types.ts";
import { withTimeLimit } from "./clock.ts";
import { isFinal, stageOf } from "./status.ts";
import { canDo, nextAction, type StopAction } from "./stop-rules.ts";
import type { Clock } from "./types.ts";

/** The run to stop, or, where the answer to the POST never came, what it was made from. */
export type StopTarget = { runId: string } | { workspaceId: string; configurationVersionId: string };

export type StopOptions = {
  clock: Clock;
  /** For everything together; 6 s is what a runner leaves an interrupted step. */
  deadlineMs: number;
  /** Also cancel an apply that is in progress. */
  cancelApply?: boolean;
};

export type StopResult = "canceled" | "discarded" | "finished" | "left-applying" | "not-found" | "failed";

/** `run` is the last reading; `message` says in one sentence what happened, for the job log. */
export type StopOutcome = { result: StopResult; run: Run | undefined; message: string };

type Stopping = {
  server: Server;
  /** The server has an endpoint to cancel runs. */
  cancels: boolean;
  options: StopOptions;
  endsAt: number;
  /** What was asked for, whatever the answer. */
  asked: StopAction | undefined;
  /** What was asked for and accepted. */
  accepted: StopAction | undefined;
  /** What the token may not do, or the server does not do. */
  refused: Map<StopAction, number>;
  run: Run | undefined;
};

const REQUEST_LIMIT = 3_000;
const PAUSE = 250;
const RUNS_LOOKED_THROUGH = 50;

/**
 * Stops a run that must not be left behind. It is read first, for a cancel that comes late relabels a finished run on
 * OTF; then cancelled if it can be, else discarded, else left. Never throws: what could not be done is in the outcome.
 */
export async function stopRun(
  server: Server,
  target: StopTarget,
  options: StopOptions,
): Promise<StopOutcome> {
  const endsAt = options.clock.now() + options.deadlineMs;
  const stopping: Stopping = {
    ...{
      server,
      cancels: server.facts.cancels,
      options,
      endsAt,
      asked: undefined,
      accepted: undefined,
      refused: new Map(),
      run: undefined,
    },
  };
  try {
    const runId = "runId" in target ? target.runId : await findRun(stopping, target);
    if (runId === undefined) return outcome(stopping, "not-found", "No run that this step made was found.");
    return await stopKnownRun(stopping, runId);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      return outcome(stopping, "not-found", "The run does not exist, or this token may not see it.");
    }
    const why = error instanceof Error ? error.message : String(error);
    return outcome(stopping, "failed", `The run could not be stopped: ${why}`);
  }
}

/** A POST that is under way while we look may take effect after the first look; who has the time looks later, too. */
async function findRun(
  stopping: Stopping,
  target: { workspaceId: string; configurationVersionId: string },
): Promise<string | undefined> {
  for (const pause of [0, 1000, 5000]) {
    if (pause >= timeLeft(stopping)) break;
    if (pause > 0) await stopping.options.clock.sleep(pause);
    const runs = await request(stopping, (server) =>
      server.listRuns(target.workspaceId, RUNS_LOOKED_THROUGH),
    );
    const ours = runs.filter((run) => run.configurationVersionId === target.configurationVersionId);
    const run = ours.find((candidate) => !isFinal(candidate.status)) ?? ours[0];
    if (run !== undefined) return run.id;
  }
  return undefined;
}

async function stopKnownRun(stopping: Stopping, runId: string): Promise<StopOutcome> {
  for (;;) {
    const run = await readAgain(stopping, runId);
    stopping.run = run;
    const settled = settledOutcome(stopping, run);
    if (settled !== undefined) return settled;
    const action = nextAction(run, stopping);
    if (action !== undefined) await act(stopping, runId, action);
    else if (timeLeft(stopping) <= PAUSE) return unsettledOutcome(stopping, run);
    else await stopping.options.clock.sleep(PAUSE);
  }
}

function settledOutcome(stopping: Stopping, run: Run): StopOutcome | undefined {
  if (isFinal(run.status)) return finalOutcome(stopping, run);
  // Terrakube has one word, "unknown", for every job that was stopped.
  if (stopping.accepted === "discard" && run.status === "unknown") {
    return outcome(stopping, "discarded", `Run ${run.id} was discarded and is now ${run.status}.`);
  }
  const applying = stageOf(run.status) === "apply";
  if (applying && stopping.options.cancelApply !== true) {
    return outcome(
      stopping,
      "left-applying",
      `Run ${run.id} is being applied (${run.status}) and is left alone.`,
    );
  }
  const hopeless = stopping.refused.size > 0 && stopping.accepted === undefined;
  const nothingLeft = !canDo(run, stopping, "cancel") && !canDo(run, stopping, "discard");
  return hopeless && nothingLeft ? unsettledOutcome(stopping, run) : undefined;
}

function finalOutcome(stopping: Stopping, run: Run): StopOutcome {
  const stopped = { canceled: "canceled", force_canceled: "canceled", discarded: "discarded" } as const;
  const result = Object.entries(stopped).find(([status]) => status === run.status)?.[1];
  if (stopping.asked === undefined || result === undefined) {
    return outcome(stopping, "finished", `Run ${run.id} had already ended (${run.status}).`);
  }
  return outcome(stopping, result, `Run ${run.id} is ${run.status}.`);
}

function unsettledOutcome(stopping: Stopping, run: Run): StopOutcome {
  if (stopping.accepted === "cancel") {
    return outcome(stopping, "canceled", `Run ${run.id} was told to cancel and is still ${run.status}.`);
  }
  const refusals = [...stopping.refused].map(([action, status]) => `${action}: ${status}`).join(", ");
  const may = [...stopping.refused.values()].includes(403) ? "This token may not stop runs. " : "";
  const how = refusals === "" ? "it can be neither cancelled nor discarded now" : `refused (${refusals})`;
  const advice = "Cancel or discard it on the server, or it may keep the workspace from running.";
  return outcome(stopping, "failed", `Run ${run.id} is still ${run.status}: ${how}. ${may}${advice}`);
}

/** Reads the run, again and again while the server cannot be reached and there is time. */
async function readAgain(stopping: Stopping, runId: string): Promise<Run> {
  for (;;) {
    try {
      return await request(stopping, (server) => server.readRun(runId));
    } catch (error) {
      if (isRefusal(error) || timeLeft(stopping) <= PAUSE) throw error;
      await pauseWithin(stopping);
    }
  }
}

/** Sends the action. Whatever comes back, the next reading of the run decides; a refusal is not repeated. */
async function act(stopping: Stopping, runId: string, action: StopAction): Promise<void> {
  stopping.asked = action;
  try {
    await request(stopping, (server) =>
      action === "cancel" ? server.cancelRun(runId) : server.discardRun(runId),
    );
    stopping.accepted = action;
  } catch (error) {
    if (isRefusal(error) && error.status !== 401) stopping.refused.set(action, error.status);
    else if (isRefusal(error) || timeLeft(stopping) <= PAUSE) throw error;
    else await pauseWithin(stopping);
  }
}

function isRefusal(error: unknown): error is ApiError & { status: number } {
  return error instanceof ApiError && [401, 403, 404, 405].includes(error.status ?? 0);
}

async function pauseWithin(stopping: Stopping): Promise<void> {
  await stopping.options.clock.sleep(Math.max(1, Math.min(PAUSE, timeLeft(stopping))));
}

/** One request of at most 3 s, and not past the deadline. */
function request<T>(stopping: Stopping, call: (server: Server) => Promise<T>): Promise<T> {
  const ms = Math.min(REQUEST_LIMIT, timeLeft(stopping));
  return withTimeLimit({ clock: stopping.options.clock, ms }, (signal) =>
    call(stopping.server.withSignal(signal)),
  );
}

function timeLeft(stopping: Stopping): number {
  return stopping.endsAt - stopping.options.clock.now();
}

function outcome(stopping: Stopping, result: StopResult, message: string): StopOutcome {
  return { result, run: stopping.run, message };
}
