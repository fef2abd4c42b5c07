import { open } from "node:fs/promises";
import type { Phase, Run, Server } from "../api/types.ts";
import { Failure } from "../failure.ts";
import { plainText, splitLines } from "../foreign-text.ts";
import { countChanges, hasChanges } from "../plan/counts.ts";
import { diagnosticsFromText } from "../plan/diagnostics.ts";
import type { Counts, Diagnostic } from "../plan/model.ts";
import { readPlan } from "../plan/read.ts";
import { renderPlan } from "../plan/render.ts";
import { parseStructuredLine } from "../plan/structured-log.ts";
import { countsFromText, planTextFromLog } from "../plan/text.ts";
import type { PlanOutcome } from "../run/types.ts";
import type { Findings, ShownPlan } from "./findings.ts";

/** The last part of a log is enough for its diagnostics and the plan's text; the whole of it is in the log file. */
const LOG_BYTES = 16 * 1024 * 1024;

/**
 * What a finished plan would change: the structured plan where the server gives it, else the log's text. A structured
 * plan that cannot be had or understood is a note, not a failure: the run's status alone is the verdict.
 */
export async function showPlan(server: Server, findings: Findings, outcome: PlanOutcome): Promise<ShownPlan> {
  const { run, plan: phase } = outcome;
  const [answer, log] = await Promise.all([readStructured(server, run, findings), readLog(findings.logFile)]);
  const { text, diagnostics } = logContents(log);
  const fromLog = planTextFromLog(text);
  const common = { diagnostics, inLog: fromLog.length > 0 };
  if (answer !== undefined) {
    const { plan, json } = answer;
    const lines = renderPlan(plan, { values: "show" });
    return { ...common, plan, json, counts: countChanges(plan), hasChanges: hasChanges(plan), lines };
  }
  const counts = countsFromText(text) ?? countsOf(phase);
  const changes = run.hasChanges ?? phase?.hasChanges;
  return { ...common, plan: undefined, json: undefined, counts, hasChanges: changes, lines: fromLog };
}

async function readStructured(server: Server, run: Run, findings: Findings) {
  if (run.planId === undefined) return undefined;
  try {
    const answer = await server.readPlanJson(run.planId);
    return answer && { plan: readPlan(answer.form, answer.value), json: answer.value };
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

async function readLog(file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, LOG_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return splitLines(buffer.toString("utf8"));
  } finally {
    await handle.close();
  }
}

/** A log is text, or JSON lines, or both: JSON lines bring their own diagnostics. */
function logContents(log: string[]): { text: string[]; diagnostics: Diagnostic[] } {
  const text: string[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const line of log) {
    const structured = parseStructuredLine(line);
    if (structured === undefined) text.push(plainText(line));
    else {
      text.push(...structured.text.map(plainText));
      if (structured.diagnostic !== undefined) diagnostics.push(structured.diagnostic);
    }
  }
  return { text, diagnostics: diagnostics.length > 0 ? diagnostics : diagnosticsFromText(text) };
}
