import type { Run } from "../../api/types.ts";
import { beforeConfirm } from "../../gate/decision.ts";
import { type Content, type Hold, hold, type RunFacts } from "../../gate/facts.ts";
import type { ApplyJob } from "./apply-job.ts";
import { factsOf, readContent } from "./read-run.ts";

/** The look at a run right before each confirmation, and why it said no, if it did. */
export type LastLook = {
  look: (run: Run) => Promise<"confirm" | "read-again" | "stop">;
  held: () => Hold | undefined;
};

/** How often an answer older than the decision is asked for again. */
const MOST_READS = 20;

/**
 * Looks whether the run is still the one that was decided on. Where the archive must be the same, it is downloaded first
 * and the run read once more after it, so that nothing but the confirmation follows that reading.
 */
export function createLastLook(job: ApplyJob, decided: RunFacts): LastLook {
  const { asked, server } = job;
  let held: Hold | undefined;
  let stale = 0;
  const sight = async (run: Run) => {
    if (!asked.requireSameArchive)
      return beforeConfirm(asked, { decided, now: factsOf(run), content: unread });
    const content = await readContent(job, decided);
    return beforeConfirm(asked, { decided, now: factsOf(await server.readRun(decided.id)), content });
  };
  return {
    look: async (run) => {
      const seen = await sight(run);
      if (seen.next === "confirm") return "confirm";
      stale += 1;
      if (seen.next === "read-again" && stale < MOST_READS) return "read-again";
      held =
        seen.next === "hold"
          ? seen
          : hold("server", `The server goes on answering for run ${decided.id} as before it was planned.`);
      return "stop";
    },
    held: () => held,
  };
}

const unread: Content = { unavailable: "not asked for" };
