import { Failure } from "../../failure.ts";
import type { ApplyEnding } from "../../gate/endings.ts";
import type { Hold, HoldReason } from "../../gate/facts.ts";
import type { Ending, Findings } from "../findings.ts";
import type { Step } from "../step.ts";

const OTHER_WAYS =
  "To go on, look at a new plan and apply its run with `run-id`, from a job behind an environment with reviewers.";

/** How to go on after a hold, for reasons whose sentence does not tell it. */
const GO_ON: Partial<Record<HoldReason, string>> = {
  "no-reviewed-plan": `Nothing was applied. ${OTHER_WAYS}`,
  "plan-changed":
    "To go on, look at the difference: undo what made it and run this job again, or plan anew on a pull request and merge that.",
  "archive-changed": `To go on, plan the same files again on a pull request and merge that. ${OTHER_WAYS}`,
  "run-discarded": "To go on, run this job again.",
  "run-canceled": "To go on, run this job again.",
};

/** The ending of an apply that was not allowed; its sentence tells how to go on. */
export function heldEnding({ context }: Step, { reason, sentence }: Hold, { runUrl }: Findings): Ending {
  const known = sentence.includes("To go on") ? undefined : GO_ON[reason];
  const isAgain = reason === "confirmed-elsewhere" && Number(context.workflowRunAttempt) > 1;
  const again = isAgain ? "It may have been confirmed by an earlier attempt of this job." : undefined;
  const whole = [sentence, again, known].filter((part) => part !== undefined).join(" ");
  return { status: "held", failure: new Failure(reason, withPage(whole, runUrl)) };
}

/** The ending of an apply that was confirmed, or was to be. */
export function endingOfApply({ status, reason, sentence }: ApplyEnding, { runUrl }: Findings): Ending {
  if (reason === "") return { status };
  return { status, failure: new Failure(reason, withPage(sentence, runUrl)) };
}

function withPage(sentence: string, url: string | undefined): string {
  return url === undefined ? sentence : `${sentence} See ${url}`;
}
