import type { Run } from "../../api/types.ts";
import { type AttemptSubject, type EarlierRun, ofEarlierAttempt } from "../../gate/earlier-attempt.ts";
import { confirmStage } from "../../gate/statuses.ts";
import { isFinal } from "../../run/status.ts";
import { stopRun } from "../../run/stop.ts";
import type { Step } from "../step.ts";
import type { ApplyJob } from "./apply-job.ts";
import { factsOf, readContent } from "./read-run.ts";

/** How many of the workspace's newest runs are looked through, and how long stopping one may take. */
const LOOKED_THROUGH = 50;
const STOP_WITHIN_MS = 20_000;

/**
 * Removes what earlier attempts of this job have left waiting in the workspace, since their runner may have died before it
 * could: a new run would wait behind it. Gives the runs of theirs that were confirmed, whatever became of them.
 */
export async function settleEarlierAttempts(
  step: Step,
  job: ApplyJob,
  since: string | undefined,
): Promise<EarlierRun[]> {
  const { repository, workflowRunId, workflowRunAttempt } = step.context;
  const mark = { repository, workflowRunId, attempt: Number(workflowRunAttempt) };
  if (!(mark.attempt > 1)) return [];
  const subject = { workspaceId: job.workspace.id, mark, since };
  const confirmed: EarlierRun[] = [];
  for (const run of await job.server.listRuns(job.workspace.id, LOOKED_THROUGH)) {
    const attempt = await attemptOf(job, run, subject);
    if (attempt === undefined) continue;
    if (wasConfirmed(run)) confirmed.push({ id: run.id, attempt: attempt.number, status: run.status });
    else if (!isFinal(run.status)) await stop(step, job, run);
  }
  return confirmed;
}

/** The same runs as they are now. */
export function readEarlier({ server }: ApplyJob, earlier: EarlierRun[]): Promise<EarlierRun[]> {
  return Promise.all(earlier.map(async (run) => ({ ...run, status: (await server.readRun(run.id)).status })));
}

async function attemptOf(
  job: ApplyJob,
  run: Run,
  subject: AttemptSubject,
): Promise<{ number: number | undefined } | undefined> {
  const facts = factsOf(run);
  const found = ofEarlierAttempt(facts, subject);
  if (found === undefined) return undefined;
  if ("attempt" in found) return { number: found.attempt };
  const content = await readContent(job, facts);
  const isSame = "digest" in content && content.digest === job.asked.archiveDigest;
  return isSame ? { number: undefined } : undefined;
}

/** What was never confirmed can have changed nothing. */
function wasConfirmed({ status, statusTimestamps }: Run): boolean {
  const times = ["confirmed-at", "apply-queued-at", "applying-at", "applied-at"];
  return (
    ["applying", "applied"].includes(confirmStage(status)) || times.some((name) => name in statusTimestamps)
  );
}

async function stop({ log, clock, signal }: Step, { server }: ApplyJob, run: Run): Promise<void> {
  signal.throwIfAborted();
  log.line(`Run ${run.id} was left behind by an earlier attempt of this job.`);
  const { message } = await stopRun(server, { runId: run.id }, { clock, deadlineMs: STOP_WITHIN_MS });
  log.line(message);
}
