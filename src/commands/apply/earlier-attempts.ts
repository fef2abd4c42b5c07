import type { Run } from "../../api/types.ts";
import { decideNewRun } from "../../gate/decision.ts";
import { type AttemptSubject, type EarlierRun, ofEarlierAttempt } from "../../gate/earlier-attempt.ts";
import type { Decision, Review } from "../../gate/facts.ts";
import { confirmStage } from "../../gate/statuses.ts";
import { wasConfirmed } from "../../run/confirm.ts";
import { isFinal } from "../../run/status.ts";
import { stopRun } from "../../run/stop.ts";
import type { Step } from "../step.ts";
import type { ApplyJob } from "./apply-job.ts";
import { readPlanOfRun } from "./read-plan.ts";
import { factsOf, readContent } from "./read-run.ts";

/** How many of the workspace's newest runs are looked through, and how long stopping one may take. */
const LOOKED_THROUGH = 50;
const STOP_WITHIN_MS = 20_000;

/**
 * The runs of earlier attempts: those that were confirmed, whatever became of them; one that can be confirmed and is surely
 * theirs; one that waits for somebody's decision.
 */
export type EarlierAttempts = { confirmed: EarlierRun[]; waiting?: Run; undecided?: Run };

/**
 * Finds what earlier attempts of this job have left in the workspace, since their runner may have died before it could remove
 * it: a new run would wait behind it. What is of no more use is removed.
 */
export async function settleEarlierAttempts(
  step: Step,
  job: ApplyJob,
  since: string | undefined,
): Promise<EarlierAttempts> {
  const { repository, workflowRunId, workflowRunAttempt } = step.context;
  const mark = { repository, workflowRunId, attempt: Number(workflowRunAttempt) };
  const found: EarlierAttempts = { confirmed: [] };
  if (!(mark.attempt > 1)) return found;
  const subject = { workspaceId: job.workspace.id, mark, since };
  for (const run of await job.server.listRuns(job.workspace.id, LOOKED_THROUGH)) {
    const attempt = await attemptOf(job, run, subject);
    if (attempt === undefined) continue;
    const stage = confirmStage(run.status);
    // What was never confirmed can have changed nothing.
    if (wasConfirmed(run)) found.confirmed.push({ id: run.id, attempt: attempt.number, status: run.status });
    else if (stage === "person") found.undecided = run;
    else if (stage === "rest" && attempt.number !== undefined && found.waiting === undefined)
      found.waiting = run;
    else if (!isFinal(run.status)) await stop(step, job, run);
  }
  return found;
}

/**
 * What to do with a run of an earlier attempt that still waits: exactly what would be done with a new one of the same files, so
 * that it is confirmed where its plan is the reviewed one. `undefined`: it was of no use and is removed.
 */
export async function adopt(
  step: Step,
  job: ApplyJob,
  { run, review, notes }: { run: Run; review: Review | undefined; notes: string[] },
): Promise<Decision | undefined> {
  const { asked, server, ledger } = job;
  const facts = factsOf(await server.readRun(run.id));
  const content = await readContent(job, facts);
  const fresh = { run: facts, plan: await readPlanOfRun(job, facts), content };
  const decision = decideNewRun(asked, { review, fresh, notes });
  const isSame = "digest" in content && content.digest === asked.archiveDigest;
  if (decision.next !== "confirm" || !isSame || run.configurationVersionId === undefined) {
    await stop(step, job, run);
    return undefined;
  }
  ledger.remember({ configurationVersionId: run.configurationVersionId, runId: run.id });
  return { ...decision, notes: [...notes, `Run ${run.id} of an earlier attempt of this job still waited.`] };
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

async function stop({ log, clock, signal }: Step, { server }: ApplyJob, run: Run): Promise<void> {
  signal.throwIfAborted();
  log.line(`Run ${run.id} was left behind by an earlier attempt of this job.`);
  const { message } = await stopRun(server, { runId: run.id }, { clock, deadlineMs: STOP_WITHIN_MS });
  log.line(message);
}
