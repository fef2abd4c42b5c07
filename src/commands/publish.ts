import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { publishComment } from "../github/comments.ts";
import { writeJobSummary } from "../job-summary.ts";
import type { Outputs } from "../outputs.ts";
import { annotationsOf } from "../report/annotations.ts";
import { renderComment } from "../report/comment.ts";
import { commentMarker } from "../report/marker.ts";
import type { Report } from "../report/model.ts";
import { renderSummary } from "../report/summary.ts";
import type { Ending, Findings } from "./findings.ts";
import { commentPlace } from "./plan/look-ahead.ts";
import { showInLog } from "./plan/show-in-log.ts";
import { countsOfApply, planReport } from "./plan-report.ts";
import { resultFolder } from "./result-folder.ts";
import type { Step, StepResult } from "./step.ts";

type Files = Pick<Outputs, "plan-text-file" | "plan-json-file" | "log-file" | "comment-file">;

/** Shows a plan wherever people look for it: job log, annotations, job summary, pull request, files and outputs. */
export async function publishPlan(step: Step, findings: Findings, end: Ending): Promise<StepResult> {
  const report = planReport(step, findings, end);
  const { body } = renderComment(report, { marker: commentMarker(report.target) });
  await showInLog(step, findings);
  const [url, files] = await Promise.all([
    isInterrupted(end) ? "" : comment(step, findings, { body, hasChanges: end.status !== "no-changes" }),
    writeFiles(step, findings, body),
    summarise(step, report),
  ]);
  annotate(step, report);
  return {
    outputs: { ...outputsOf(findings), ...files, "comment-url": url, status: end.status },
    ...(end.failure !== undefined && { failure: end.failure }),
  };
}

/** The runner kills an interrupted step a few seconds later: there is no time for the pull request. */
function isInterrupted({ failure }: Ending): boolean {
  return failure?.reason === "interrupted";
}

async function writeFiles(step: Step, findings: Findings, body: string): Promise<Files> {
  const { archive, shown, logFile } = findings;
  const file = join(await resultFolder(step.context, archive), "comment.md");
  await writeFile(file, body, { mode: 0o600 });
  await chmod(file, 0o600);
  return {
    "comment-file": file,
    "plan-text-file": shown?.textFile ?? "",
    "plan-json-file": shown?.jsonFile ?? "",
    "log-file": logFile ?? "",
  };
}

async function comment(
  step: Step,
  findings: Findings,
  { body, hasChanges }: { body: string; hasChanges: boolean },
): Promise<string> {
  const { inputs, log } = step;
  const place = commentPlace(step, findings);
  const client = await (place && step.github());
  if (place === undefined || client === undefined) return "";
  const { comments: found } = findings;
  const request = { ...place, body, mode: inputs.comment, hasChanges };
  const published = await publishComment(client, found === undefined ? request : { ...request, found });
  if (published.warning !== undefined) log.warning(published.warning);
  if (published.url !== undefined) log.line(`Comment ${published.outcome}: ${published.url}`);
  return published.url ?? "";
}

async function summarise({ inputs, log }: Step, report: Report): Promise<void> {
  if (!inputs.summary) return;
  const warning = await writeJobSummary(renderSummary(report).body);
  if (warning !== undefined) log.warning(warning);
}

function annotate({ inputs, log }: Step, report: Report): void {
  if (!inputs.annotations) return;
  for (const { severity, title, message, file, line, endLine } of annotationsOf(report)) {
    const lines = { ...(line !== undefined && { line }), ...(endLine !== undefined && { endLine }) };
    log.annotate(severity, message, { title, position: file === undefined ? undefined : { file, ...lines } });
  }
}

function outputsOf(findings: Findings): Partial<Outputs> {
  const { run, runUrl, target, workspace, archive, shown, apply, applied, planDigest } = findings;
  const { hasChanges } = shown ?? {};
  const counts = apply === undefined ? shown?.counts : countsOfApply(findings);
  const count = (value: number | undefined) => (value === undefined ? "" : String(value));
  return {
    "run-id": run?.id ?? "",
    "run-url": runUrl ?? "",
    workspace: target.workspace,
    "workspace-id": workspace?.id ?? "",
    "has-changes": hasChanges === undefined ? "" : hasChanges ? "true" : "false",
    add: count(counts?.add),
    change: count(counts?.change),
    destroy: count(counts?.destroy),
    import: count(counts?.import),
    move: count(counts?.move),
    forget: count(counts?.forget),
    "archive-digest": archive?.digest ?? "",
    applied: applied === true ? "true" : "false",
    "plan-digest": planDigest ?? "",
    ...findings.stateOutputs?.outputs,
  };
}
