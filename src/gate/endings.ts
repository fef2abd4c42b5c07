import type { HoldReason } from "./facts.ts";
import { type ConfirmStage, confirmStage } from "./statuses.ts";

/**
 * What became of this step's confirmation, by the server's answer or its proof. `unanswered`: it may have been taken, and
 * whose was is not proven.
 */
export type Confirmation = "none" | "accepted" | "refused" | "unanswered";

/** What is known of a run when a step that wanted to apply it ends. */
export type ApplyFacts = {
  runId: string;
  status: string;
  /** Status of the apply, and when the run was applied, where the server tells. */
  applyStatus: string | undefined;
  appliedAt: string | undefined;
  confirmation: Confirmation;
  /** Why the step stopped following, if it did. */
  stopped: "timeout" | "interrupted" | undefined;
  /** The apply's log says that it is complete. */
  logSaysComplete: boolean;
};

export type ApplyEnding = {
  status:
    | "applied"
    | "errored"
    | "canceled"
    | "discarded"
    | "timed-out"
    | "policy-failed"
    | "held"
    | "unknown";
  /** Output `failure-reason`, empty on success. */
  reason: HoldReason | "timeout" | "interrupted" | "";
  applied: boolean;
  sentence: string;
};

type Row = Omit<ApplyEnding, "applied" | "sentence"> & { sentence: string };

const MAYBE = "Some of the changes may have been made";

/** A run that ended, or was left, after our confirmation was taken or may have been. */
const CONFIRMED: Readonly<Record<ConfirmStage, Row>> = {
  applied: { status: "applied", reason: "", sentence: "The run is applied." },
  errored: {
    ...{ status: "errored", reason: "run-errored" },
    sentence: `The apply failed. ${MAYBE}: the log says which.`,
  },
  canceled: {
    ...{ status: "canceled", reason: "run-canceled" },
    sentence: `The apply was canceled. ${MAYBE}, and the engine may still be at work: the state and the log tell.`,
  },
  discarded: {
    ...{ status: "discarded", reason: "run-discarded" },
    sentence:
      "Somebody discarded the run before it was applied, or the server did, as another run was applied first.",
  },
  policy: {
    status: "policy-failed",
    reason: "policy",
    sentence: "A policy did not pass; nothing was applied.",
  },
  person: {
    ...{ status: "policy-failed", reason: "needs-approval" },
    sentence: "The run waits for somebody's decision on its page.",
  },
  nothing: {
    ...{ status: "unknown", reason: "server" },
    sentence: "The server took the confirmation and calls the run one without changes.",
  },
  rest: {
    ...{ status: "unknown", reason: "server" },
    sentence: "The run still waits for its confirmation, although the server took it.",
  },
  underway: {
    ...{ status: "unknown", reason: "server" },
    sentence: "What became of the run cannot be told from its status.",
  },
  applying: {
    ...{ status: "unknown", reason: "server" },
    sentence: "The apply goes on and its end was not seen.",
  },
  "apply-person": {
    ...{ status: "policy-failed", reason: "needs-approval" },
    sentence:
      "The run is confirmed, and its apply waits for somebody's decision on its page. Nothing is applied yet.",
  },
};

/** The same for a run that this step's confirmation did not reach: it claims nothing. */
const UNCONFIRMED: Readonly<Record<ConfirmStage, Row>> = {
  applied: {
    ...{ status: "held", reason: "confirmed-elsewhere" },
    sentence: "The run is applied, but somebody else confirmed it.",
  },
  applying: {
    ...{ status: "held", reason: "confirmed-elsewhere" },
    sentence: "The run is being applied, but somebody else confirmed it.",
  },
  "apply-person": {
    ...{ status: "held", reason: "confirmed-elsewhere" },
    sentence: "The run waits for somebody's decision on its page, but somebody else confirmed it.",
  },
  errored: { status: "errored", reason: "run-errored", sentence: "The run failed before it was confirmed." },
  canceled: {
    ...{ status: "canceled", reason: "run-canceled" },
    sentence: "The run was canceled by somebody. This step applied nothing.",
  },
  discarded: {
    ...{ status: "discarded", reason: "run-discarded" },
    sentence: "The run was discarded before it was confirmed: by somebody, or because its plan is stale.",
  },
  policy: CONFIRMED.policy,
  person: CONFIRMED.person,
  nothing: { status: "held", reason: "input", sentence: "The run has ended and cannot be applied." },
  rest: {
    status: "held",
    reason: "server",
    sentence: "The server refused the confirmation; nothing was applied.",
  },
  underway: {
    status: "unknown",
    reason: "server",
    sentence: "What became of the run cannot be told from its status.",
  },
};

/**
 * How a step that wanted to apply a run ends. `applied` needs both: our own confirmation was taken, and the server says that
 * the apply succeeded. The status alone may lie: OTF calls a run canceled that was cancelled after it had been applied, and
 * errored one whose apply, with an import, succeeded; only the first is proven otherwise, by the apply itself.
 */
export function applyEnding(facts: ApplyFacts): ApplyEnding {
  const stage = confirmStage(facts.status);
  const isOurs = facts.confirmation === "accepted";
  const isApplied = isOurs && (stage === "applied" || wasRelabelled(facts, stage));
  if (isApplied) return ending(facts, CONFIRMED.applied, true);
  const isFinal = ["applied", "errored", "canceled", "discarded", "policy", "nothing"].includes(stage);
  // An apply that goes on when the step is stopped is canceled by the step itself, where that is wanted.
  if (isOurs && facts.stopped !== undefined && stage === "canceled")
    return ending(facts, { ...CONFIRMED.canceled, reason: facts.stopped }, false);
  if (facts.stopped !== undefined && !isFinal)
    return ending(facts, stoppedRow(facts.stopped, facts.confirmation, stage), false);
  const row =
    facts.confirmation === "unanswered" ? unansweredRow(stage) : (isOurs ? CONFIRMED : UNCONFIRMED)[stage];
  return ending(facts, withLog(facts, stage, row), false);
}

function wasRelabelled({ applyStatus, appliedAt }: ApplyFacts, stage: ConfirmStage): boolean {
  return stage === "canceled" && applyStatus === "finished" && appliedAt !== undefined;
}

/** An apply in progress is left alone; what has not been confirmed is stopped. */
function stoppedRow(reason: "timeout" | "interrupted", confirmation: Confirmation, stage: ConfirmStage): Row {
  const isSent = confirmation === "accepted" || confirmation === "unanswered";
  const isUnderway = isSent || stage === "applying" || stage === "apply-person";
  if (isUnderway) {
    return {
      status: "unknown",
      reason,
      sentence: "The step ended while the apply was in progress, which goes on.",
    };
  }
  const status = reason === "timeout" ? "timed-out" : stage === "underway" ? "canceled" : "discarded";
  return { status, reason, sentence: "The step ended before the run was confirmed; it is stopped." };
}

const UNPROVEN =
  "This step's confirmation went unanswered, and the server does not prove whose it took: this step's or somebody else's.";

/** What became of a run is known, but not because of whom: it is not claimed. */
const UNANSWERED: Partial<Record<ConfirmStage, string>> = {
  applied: `The run is applied. ${UNPROVEN}`,
  applying: `The run is being applied. ${UNPROVEN}`,
  "apply-person": `The run is confirmed and its apply waits for somebody's decision. ${UNPROVEN}`,
  nothing: `The run has ended. ${UNPROVEN}`,
  rest: "This step's confirmation went unanswered and the run still waits: it is left alone, as it may yet be taken.",
};

function unansweredRow(stage: ConfirmStage): Row {
  const sentence = UNANSWERED[stage];
  return sentence === undefined ? CONFIRMED[stage] : { status: "unknown", reason: "server", sentence };
}

/** What the log says changes no verdict, but is what a person needs to know. */
function withLog(facts: ApplyFacts, stage: ConfirmStage, row: Row): Row {
  if (!facts.logSaysComplete || stage !== "errored") return row;
  const sentence = `${row.sentence} The log, however, says that the apply is complete: compare the state before you repeat it.`;
  return { ...row, sentence };
}

function ending({ runId, status }: ApplyFacts, row: Row, applied: boolean): ApplyEnding {
  return { ...row, applied, sentence: `Run ${runId} (status ${status}): ${row.sentence}` };
}
