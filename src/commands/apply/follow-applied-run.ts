import { createReadStream, createWriteStream } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Run } from "../../api/types.ts";
import { followApply } from "../../run/follow-apply.ts";
import type { ApplyOutcome } from "../../run/types.ts";
import type { Findings } from "../findings.ts";
import { onOwnLines, ownFiles } from "../plan/own-lines.ts";
import { readPlanLog } from "../plan/plan-log-text.ts";
import { followContext } from "../plan/run-plan.ts";
import type { Step } from "../step.ts";
import type { ApplyJob } from "./apply-job.ts";

/** Follows the apply of a confirmed run, and brings its log and what it says into the findings. Never stops the run. */
export async function followAppliedRun(step: Step, job: ApplyJob, run: Run): Promise<ApplyOutcome> {
  const { findings, archive } = job;
  const logFile = join(dirname(archive.file), "apply.log");
  const outcome = await followApply(followContext(step, job, { run, logFile }));
  findings.apply = outcome;
  findings.run = outcome.run;
  if (outcome.trouble !== undefined) findings.notes.push(outcome.trouble.message);
  // One that is cancelled now is told of when that is done.
  const isCanceledNext = step.inputs.cancelApply && outcome.stopped !== undefined;
  if (outcome.ending !== "applied" && !isCanceledNext) findings.done = whatWasDone(outcome);
  try {
    await addLog(step, findings, logFile);
  } catch {
    step.log.warning(`The log of the apply could not be added to the log file: it is in ${logFile}`);
  }
  return outcome;
}

function whatWasDone({ counts, countsFrom }: ApplyOutcome): string {
  if (counts === undefined)
    return "How much of the plan was applied is not known: the state and the log tell.";
  const { add, change, destroy, import: imported } = counts;
  const done = `${add} added, ${change} changed, ${destroy} destroyed, ${imported} imported`;
  return `What this apply has done, as the ${countsFrom} tells: ${done}.`;
}

/** The log file holds the log of the plan and of the apply, in their order. */
async function addLog(step: Step, findings: Findings, logFile: string): Promise<void> {
  const log = await readPlanLog(logFile);
  const diagnostics = await onOwnLines(ownFiles(step), log.diagnostics);
  if (findings.shown !== undefined) {
    findings.shown = { ...findings.shown, diagnostics: [...findings.shown.diagnostics, ...diagnostics] };
  }
  if (findings.logFile === undefined) findings.logFile = logFile;
  else await pipeline(createReadStream(logFile), createWriteStream(findings.logFile, { flags: "a" }));
}
