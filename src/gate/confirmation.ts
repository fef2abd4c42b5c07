import { confirmStage } from "./statuses.ts";

/** What became of our own `POST actions/apply`. `unanswered`: the connection broke, or 5xx. */
export type Confirmation = "none" | "accepted" | "refused" | "unanswered";

/** What follows from it once the run is read again. `accepted`: it is ours, follow the apply. */
export type AfterConfirm = "accepted" | "repeat" | "read-again" | "not-ours";

/** How often a run must be seen at rest before a confirmation that went unanswered counts as lost. */
const READS_AT_REST = 3;

/**
 * What the run says after `reads` readings. `confirmedAt`: when the server says that it was confirmed, or began to be applied;
 * `lookedAt`: the server's time (its header `Date`) when it was last seen at rest. Either may not be told.
 */
export type ReadAfterConfirm = {
  status: string;
  reads: number;
  confirmedAt: string | undefined;
  lookedAt: string | undefined;
};

/**
 * Settles our confirmations, `answers` in their order, by reading the run again. A run that was at rest at the last look and
 * has moved on after a confirmation went unanswered took that one, unless by the server's own clock it was confirmed
 * before that look, whose answer was old then; a repetition that is refused says nothing else. Repeating is safe: it names
 * the same run, and a server takes only the first. What moved on although ours was refused, somebody else confirmed.
 */
export function afterConfirm(
  answers: Exclude<Confirmation, "none">[],
  { status, reads, confirmedAt, lookedAt }: ReadAfterConfirm,
): AfterConfirm {
  if (answers.includes("accepted")) return "accepted";
  if (!answers.includes("unanswered")) return "not-ours";
  const stage = confirmStage(status);
  const wasBefore = Date.parse(confirmedAt ?? "") < Date.parse(lookedAt ?? "");
  if (stage === "applying" || stage === "applied") return wasBefore ? "not-ours" : "accepted";
  if (stage === "underway") return "read-again";
  if (stage !== "rest") return "not-ours";
  return reads < READS_AT_REST ? "read-again" : "repeat";
}
