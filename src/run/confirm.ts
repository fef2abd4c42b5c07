import { ApiError } from "../api/errors.ts";
import type { Run, Server } from "../api/types.ts";
import { applyStep, isFinal, stageOf } from "./status.ts";
import type { Clock } from "./types.ts";

export type ConfirmOptions = {
  clock: Clock;
  signal: AbortSignal;
  /**
   * The last look at the run, as read right before each confirmation is sent: whether it is still the run, plan and
   * configuration that was decided on and rests. `read-again`: the reading is older than that. Nothing but the request
   * follows a `confirm`.
   */
  look: (run: Run) => "confirm" | "read-again" | "stop" | Promise<"confirm" | "read-again" | "stop">;
  /** Said with the confirmation: a text that nobody else can send, by which the server proves it to be this one. */
  comment: string;
};

/** What became of one confirmation: `unanswered` may have been taken, `unsent` surely was not. */
export type ConfirmAnswer = "accepted" | "refused" | "unanswered" | "unsent";

/**
 * `accepted`: the run is being applied because of this, as the server said. `by-somebody-else`: it is, or was, applied, and
 * not because of this. `not-confirmable`: the server does not take it (`refusal`), or the run has gone elsewhere.
 * `stopped`: `look` said so, nothing was sent then. `unknown`: a confirmation went unanswered, and either the run is
 * applied and nothing proves because of whom, or it cannot be told whether it is.
 */
export type ConfirmResult = "accepted" | "by-somebody-else" | "not-confirmable" | "stopped" | "unknown";

export type ConfirmOutcome = {
  result: ConfirmResult;
  /** The last reading. */
  run: Run;
  answers: ConfirmAnswer[];
  refusal: ApiError | undefined;
};

type Confirming = {
  answers: ConfirmAnswer[];
  refusal: ApiError | undefined;
  readsAtRest: number;
  /** The server's time of the last look. */
  lookedAt: string | undefined;
};

/** How often a confirmation that may have reached the server is sent. */
const MOST_POSTS = 3;
/** How often a run is read that still waits for a confirmation that went unanswered, before that counts as lost. */
const READS_AT_REST = 3;
/** How often the run's comments are read: they may come a little after the run. */
const READS_FOR_PROOF = 3;
const PAUSE_AFTER_ANSWER = 500;
const PAUSE_BETWEEN_READS = 1_500;
const PAUSE_UNSENT = 2_000;

/**
 * Confirms this very run. The API has no idempotency key, but an apply names its run and a server takes only the first, so
 * what went unanswered is settled by reading the run, and sent again only where the run still waits after several
 * readings. That the run moved on then proves nothing, as somebody else may have confirmed it: only the server's answer
 * does, or the comment that was sent along. Before each confirmation the run is read and looked at anew. Throws when the
 * run cannot be read (ApiError), the signal is aborted (its reason) or `look` throws before anything can have arrived; after
 * that all of them end in a result.
 */
export async function confirmRun(
  server: Server,
  runId: string,
  options: ConfirmOptions,
): Promise<ConfirmOutcome> {
  const state: Confirming = { answers: [], refusal: undefined, readsAtRest: 0, lookedAt: undefined };
  let run: Run | undefined;
  try {
    for (;;) {
      run = await server.readRun(runId);
      const step = nextStep(run, state);
      const sight = step === "send" ? await options.look(run) : step;
      if (step === "send") state.lookedAt = run.readAt;
      if (sight === "stop") return outcome(state, "stopped", run);
      if (sight === "prove") return outcome(state, await whose(server, runId, options), run);
      if (sight === "confirm") await send(server, runId, { state, options });
      else if (sight === "read-again") await options.clock.sleep(PAUSE_BETWEEN_READS, options.signal);
      else return outcome(state, sight, run);
    }
  } catch (error) {
    if (run === undefined || !mayHaveArrived(state)) throw error;
    return outcome(state, state.answers.includes("accepted") ? "accepted" : "unknown", run);
  }
}

function outcome({ answers, refusal }: Confirming, result: ConfirmResult, run: Run): ConfirmOutcome {
  return { result, run, answers, refusal };
}

/** Whether the server keeps the comment of this confirmation, and so took it. */
async function whose(
  server: Server,
  runId: string,
  { comment, clock, signal }: ConfirmOptions,
): Promise<"accepted" | "unknown"> {
  for (let reads = 0; server.facts.keepsComments && reads < READS_FOR_PROOF; reads++) {
    if (reads > 0) await clock.sleep(PAUSE_BETWEEN_READS, signal);
    const comments = await server.listRunComments(runId);
    if (comments.some((text) => text.includes(comment))) return "accepted";
  }
  return "unknown";
}

/** What follows from the confirmations so far and the run as just read. */
function nextStep(run: Run, state: Confirming): "send" | "read-again" | "prove" | ConfirmResult {
  const { answers } = state;
  if (answers.includes("accepted")) return "accepted";
  if (wasConfirmed(run)) {
    return answers.includes("unanswered") && !wasConfirmedBefore(run, state.lookedAt)
      ? "prove"
      : "by-somebody-else";
  }
  if (isFinal(run.status)) return endedElsewhere(run, answers);
  if (isRight(state.refusal)) return "not-confirmable";
  if (answers.at(-1) === "unanswered" && ++state.readsAtRest < READS_AT_REST) return "read-again";
  const posts = answers.filter((answer) => answer !== "unsent").length;
  return posts < MOST_POSTS ? "send" : "not-confirmable";
}

const CONFIRMED_TIMES = ["confirmed-at", "apply-queued-at", "applying-at", "applied-at"];

/** Whether anybody has confirmed the run; its apply may have ended, badly, before it was looked at. */
export function wasConfirmed({ status, statusTimestamps: times }: Run): boolean {
  if (stageOf(status) === "apply" || applyStep(status) === "applied") return true;
  return CONFIRMED_TIMES.some((name) => name in times);
}

/** By the server's own clock: the last look was at an old answer, and somebody else had confirmed the run by then. */
function wasConfirmedBefore({ statusTimestamps: times }: Run, lookedAt: string | undefined): boolean {
  return CONFIRMED_TIMES.some((name) => Date.parse(times[name] ?? "") < Date.parse(lookedAt ?? ""));
}

/** A run that was discarded has not been applied; of another the times of its statuses tell, where there are any. */
function endedElsewhere(run: Run, answers: ConfirmAnswer[]): ConfirmResult {
  const isKnown = run.status === "discarded" || Object.keys(run.statusTimestamps).length > 0;
  return isKnown || !answers.includes("unanswered") ? "not-confirmable" : "unknown";
}

/** What this token may not do, or is not there, does not come about by repeating it. */
function isRight(refusal: ApiError | undefined): boolean {
  return [401, 403, 404, 405].includes(refusal?.status ?? 0);
}

type Sending = { state: Confirming; options: ConfirmOptions };

async function send(server: Server, runId: string, { state, options }: Sending): Promise<void> {
  state.readsAtRest = 0;
  try {
    await server.applyRun(runId, options.comment);
    state.answers.push("accepted");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const answer = answerOf(server, error);
    state.answers.push(answer);
    if (answer === "refused") state.refusal = error;
    await options.clock.sleep(answer === "unsent" ? PAUSE_UNSENT : PAUSE_AFTER_ANSWER, options.signal);
  }
}

/** OTF refuses an apply in a wrong state with 500; elsewhere 500 leaves open what was done. */
function answerOf({ facts }: Server, { status, ambiguous }: ApiError): ConfirmAnswer {
  if (status === 500 && facts.refusesWith500) return "refused";
  if (ambiguous) return "unanswered";
  return status === undefined || status === 429 ? "unsent" : "refused";
}

function mayHaveArrived({ answers }: Confirming): boolean {
  return answers.includes("accepted") || answers.includes("unanswered");
}
