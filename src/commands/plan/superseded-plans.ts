import type { Run } from "../../api/types.ts";
import { Failure } from "../../failure.ts";
import { supersededPlans } from "../../gate/superseded.ts";
import { readOpenHead } from "../../github/pulls.ts";
import type { RunOptions } from "../../run/options.ts";
import { stopRun } from "../../run/stop.ts";
import { factsOf } from "../apply/read-run.ts";
import type { Step } from "../step.ts";
import { flagsOf } from "./options.ts";
import type { Job } from "./run-plan.ts";

/** The plan that was made last. */
export type NewPlan = { run: Run; options: RunOptions };

/** How many of the newest runs are looked through. */
const LISTED = 100;
const PATIENCE_MS = 6000;

/**
 * Discards the saved plans that this pull request had before: nobody is going to apply them. A failure is a warning, as
 * they harm nobody.
 */
export async function discardSuperseded(step: Step, job: Job, plan: NewPlan): Promise<void> {
  const { log, signal } = step;
  try {
    for (const runId of await findSuperseded(step, job, plan)) {
      signal.throwIfAborted();
      const stopping = { clock: step.clock, deadlineMs: PATIENCE_MS };
      const { message } = await stopRun(job.server, { runId }, stopping);
      log.line(`An older saved plan of this pull request is not needed any more. ${message}`);
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof Failure)) throw error;
    log.warning(`Older saved plans of this pull request could not be looked for: ${error.message}`);
  }
}

async function findSuperseded(step: Step, { server, workspace }: Job, plan: NewPlan): Promise<string[]> {
  const { repository } = step.context;
  const { number, headSha } = step.pullRequest ?? {};
  if (number === undefined || headSha === undefined) return [];
  const runs = await server.listRuns(workspace.id, LISTED);
  const found = supersededPlans(
    runs.map((run) => factsOf(run)),
    {
      ...{ repository, pullRequest: number, headSha },
      ...{ run: factsOf(plan.run), flags: flagsOf(plan.options) },
    },
  );
  // The job of an older head may be the last to run, and after the merge the older plan is the reviewed one.
  return found.length > 0 && (await openHead(step, number)) === headSha ? found : [];
}

async function openHead({ context, github }: Step, number: number): Promise<string | undefined> {
  const client = await github();
  const [owner = "", repo = ""] = context.repository.split("/");
  return client && readOpenHead(client, { owner, repo }, number);
}
