import { join } from "node:path";
import type { Phase, Server } from "../../api/types.ts";
import { Failure } from "../../failure.ts";
import type { Counts } from "../../plan/model.ts";
import { countsFromText } from "../../plan/text.ts";
import type { PlanOutcome } from "../../run/types.ts";
import type { Findings, ShownPlan } from "../findings.ts";
import { resultFolder } from "../result-folder.ts";
import type { Step } from "../step.ts";
import { onOwnLines, ownFiles } from "./own-lines.ts";
import { createTextFile } from "./plan-files.ts";
import { readPlanLog } from "./plan-log-text.ts";
import { type StructuredPlan, showStructuredPlan } from "./structured-plan.ts";

/** A plan that ended, and where to look. */
export type EndedPlan = { server: Server; findings: Findings; outcome: PlanOutcome };

/**
 * What a finished plan would change: the structured plan where the server gives it, else the log's text. A structured
 * plan that cannot be had or understood is a note, not a failure: the run's status alone is the verdict.
 */
export async function showPlan(step: Step, ended: EndedPlan): Promise<ShownPlan> {
  const shown = await readPlan(step, ended);
  return { ...shown, diagnostics: await onOwnLines(ownFiles(step), shown.diagnostics) };
}

async function readPlan(step: Step, ended: EndedPlan): Promise<ShownPlan> {
  const { logFile } = ended.findings;
  const folder = await resultFolder(step.context, ended.findings.archive);
  const textFile = join(folder, "plan.txt");
  const [structured, log] = await Promise.all([
    readStructured(step, ended, { folder, textFile }),
    // A long log is not kept in memory beside the plan; where its text is needed, it is read once more.
    readPlanLog(logFile).then(({ diagnostics, showsPlan }) => ({ diagnostics, inLog: showsPlan })),
  ]);
  if (structured === undefined) return showLogText(ended, textFile);
  const { facts, counts, hasChanges, head, jsonFile } = structured;
  const text = { textFile, lines: head.lines, moreLines: head.more };
  return { ...log, ...text, plan: facts, jsonFile, counts, hasChanges };
}

async function showLogText({ findings, outcome }: EndedPlan, textFile: string): Promise<ShownPlan> {
  const { run, plan: phase } = outcome;
  const { text, planText, diagnostics } = await readPlanLog(findings.logFile);
  const file = createTextFile(textFile);
  await file.write(planText.length === 0 ? [""] : planText);
  await file.finish();
  return {
    ...{ plan: undefined, jsonFile: undefined, textFile, lines: planText, moreLines: 0 },
    ...{ diagnostics, inLog: true },
    counts: countsFromText(text) ?? countsOf(phase),
    hasChanges: run.hasChanges ?? phase?.hasChanges,
  };
}

async function readStructured(
  { inputs }: Step,
  { server, findings, outcome }: EndedPlan,
  files: { folder: string; textFile: string },
): Promise<StructuredPlan | undefined> {
  const { planId } = outcome.run;
  if (planId === undefined) return undefined;
  const place = { ...files, keepJson: inputs.writePlanJson, values: inputs.commentValues };
  try {
    return await showStructuredPlan(server, planId, place);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    findings.notes.push(
      `The structured plan could not be read, so this shows the log's text: ${error.message}`,
    );
    return undefined;
  }
}

function countsOf(phase: Phase | undefined): Counts | undefined {
  return phase?.counts && { ...phase.counts, move: 0, forget: 0 };
}
