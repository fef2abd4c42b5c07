import { ApiError } from "../../api/errors.ts";
import type { Target } from "../../config/target.ts";
import { Failure, type FailureReason } from "../../failure.ts";
import type { Step } from "../step.ts";

const MOST_POSTS = 3;
const PAUSE_MS = 500;

/** How to look for a thing, and how to make it with one POST; a `422` of its name being taken is not told from others. */
export type Making<Thing> = {
  what: string;
  find: () => Promise<Thing | undefined>;
  create: () => Promise<Thing>;
};

/**
 * Makes a thing that is known by its name. After a POST whose effect is unknown, or that was refused because somebody else
 * was faster, it is looked for, and only asked for again where it is not there and the POST may have been lost.
 * @throws ApiError of the last POST.
 */
export async function createOnce<Thing>(
  { clock, signal }: Pick<Step, "clock" | "signal">,
  { find, create }: Making<Thing>,
): Promise<Thing> {
  for (let post = 1; ; post++) {
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof ApiError) || !mayBeThere(error)) throw error;
      if (error.ambiguous) await clock.sleep(PAUSE_MS, signal);
      const found = await find();
      if (found !== undefined) return found;
      if (!error.ambiguous || post === MOST_POSTS) throw error;
    }
  }
}

function mayBeThere({ ambiguous, status }: ApiError): boolean {
  return ambiguous || status === 409 || status === 422;
}

/** Turns a refusal, which some servers tell by 404, into one that says what the token may not do and what helps. */
export function notAllowed(
  { hostname, tokenSource }: Target,
  problem: string,
  reason: FailureReason = "forbidden",
): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ApiError) || (error.status !== 403 && error.status !== 404)) throw error;
    throw new Failure(
      reason,
      `Insufficient rights: ${tokenSource} ${problem} on ${hostname} (${error.status}). Use a token of a team that may ` +
        "manage them, or have an administrator do it once.",
      { cause: error },
    );
  };
}
