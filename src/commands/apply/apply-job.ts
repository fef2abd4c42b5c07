import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Asked, RunFacts } from "../../gate/facts.ts";
import type { RunOptions } from "../../run/options.ts";
import type { RunMemory } from "../../run/types.ts";
import { type Ledger, openLedger } from "../ledger.ts";
import { flagsOf } from "../plan/options.ts";
import type { Job } from "../plan/run-plan.ts";
import type { Step } from "../step.ts";

/** An apply under way: what was asked for, and what is kept until it is over. */
export type ApplyJob = Job & {
  options: RunOptions;
  asked: Asked;
  /** Keys the digests of plans; drawn anew by every step, so that they tell nobody else anything. */
  key: Uint8Array;
  /** Folder for what is downloaded to be compared. It may hold secrets and goes with the job. */
  folder: string;
  ledger: Ledger;
  /** The run that this step made, as it was remembered last. */
  own: RunMemory | undefined;
  /** Structured plans that were read, by the id of their run. */
  planFiles: Map<string, PlanFile>;
};

/** A structured plan as received. */
export type PlanFile = { file: string; form: "plain" | "redacted" };

/** To be closed whatever happens. */
export async function openApplyJob({ inputs }: Step, job: Job, options: RunOptions): Promise<ApplyJob> {
  const { archive, workspace, findings } = job;
  const ledger = openLedger(findings.target, workspace);
  const applyJob: ApplyJob = {
    ...job,
    options,
    asked: {
      workspaceId: workspace.id,
      flags: flagsOf(options),
      requireSameArchive: inputs.requireSameArchive,
      archiveDigest: archive.digest,
    },
    key: randomBytes(32),
    folder: await mkdtemp(join(dirname(archive.file), "compare-")),
    ledger: {
      ...ledger,
      remember: (memory) => {
        applyJob.own = memory;
        ledger.remember(memory);
      },
    },
    own: undefined,
    planFiles: new Map(),
  };
  return applyJob;
}

/** Removes the run that this step made unless its confirmation was sent, and what was downloaded. */
export async function closeApplyJob(step: Step, job: ApplyJob): Promise<void> {
  job.findings.stopped = await job.ledger.settle(job.server, step);
  await rm(job.folder, { recursive: true, force: true });
}

/**
 * From now on this run may be applied because of this step: nobody is to stop it, the post step neither, unless the input
 * `cancel-apply` asks for that.
 */
export function letGo({ inputs }: Step, { ledger }: ApplyJob, run: RunFacts): void {
  const { id: runId, configurationVersionId = "" } = run;
  if (inputs.cancelApply) ledger.confirming({ runId, configurationVersionId });
  else ledger.close();
}

/** The confirmation surely did not count: a run that this step made is to be removed after all, and no other. */
export function takeBack({ ledger, own }: ApplyJob): void {
  if (own === undefined) ledger.close();
  else ledger.remember(own);
}
