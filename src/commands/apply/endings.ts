import { Failure } from "../../failure.ts";
import type { ApplyEnding } from "../../gate/endings.ts";
import type { Hold } from "../../gate/facts.ts";
import type { Ending, Findings } from "../findings.ts";

/** The ending of an apply that was not allowed. */
export function heldEnding({ reason, sentence }: Hold, { runUrl }: Findings): Ending {
  return { status: "held", failure: new Failure(reason, withPage(sentence, runUrl)) };
}

/** The ending of an apply that was confirmed, or was to be. */
export function endingOfApply({ status, reason, sentence }: ApplyEnding, { runUrl }: Findings): Ending {
  if (reason === "") return { status };
  return { status, failure: new Failure(reason, withPage(sentence, runUrl)) };
}

function withPage(sentence: string, url: string | undefined): string {
  return url === undefined ? sentence : `${sentence} See ${url}`;
}
