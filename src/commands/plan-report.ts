import { relative } from "node:path";
import { describeArchive } from "../archive/describe.ts";
import type { Counts } from "../plan/model.ts";
import { toDiff } from "../plan/to-diff.ts";
import type { Report, ReportOptions } from "../report/model.ts";
import type { RunOptions } from "../run/options.ts";
import type { Ending, Findings, ShownPlan } from "./findings.ts";
import type { Step } from "./step.ts";

/** The report of a plan, from what was found out and how the step ends. */
export function planReport(step: Step, findings: Findings, end: Ending): Report {
  const { inputs } = step;
  const { target, archive, run, runUrl, outcome, shown, notes } = findings;
  return {
    verdict: end.status === "done" ? "unknown" : end.status,
    mode: findings.options?.mode ?? "plan",
    ...(findings.options !== undefined && { options: shownOptions(findings.options, findings.saved) }),
    target: { ...target, directory: directoryName(step), label: inputs.label },
    ...(run !== undefined && runUrl !== undefined && { run: { id: run.id, url: runUrl } }),
    ...commit(step),
    ...job(step),
    ...(archive !== undefined && {
      archive,
      archiveLines: [...describeArchive(archive), ...archive.warnings],
    }),
    ...(shown !== undefined && planParts(shown, inputs.commentValues)),
    ...applyParts(findings),
    ...(inputs.autoApprove && { unreviewed: true }),
    diagnostics: shown?.diagnostics ?? [],
    policies: outcome?.policies ?? [],
    ...(outcome?.cost !== undefined && { cost: outcome.cost }),
    ...(end.failure !== undefined && { failure: end.failure }),
    values: inputs.commentValues,
    notes: isLogComplete(findings) ? notes : [...notes, "The log is incomplete: see the run's page."],
  };
}

/** Values of variables may be secrets: names only. */
function shownOptions(options: RunOptions, saved = false): ReportOptions {
  const { mode: _, savePlan: __, variables, ...shown } = options;
  return { ...shown, variables: variables.map(({ key }) => key), saved };
}

function isLogComplete({ outcome, apply }: Findings): boolean {
  return outcome?.logComplete !== false && apply?.logComplete !== false;
}

function applyParts(findings: Findings): Partial<Report> {
  const { applying, applied, difference, stateOutputs } = findings;
  const counts = applied === true ? countsOfApply(findings) : undefined;
  return {
    ...(applying === true && { applying }),
    ...(difference !== undefined && { difference }),
    ...(counts !== undefined && { counts }),
    ...(applied === true && stateOutputs !== undefined && { stateOutputs: stateOutputs.lines }),
  };
}

/** What an apply did, as far as it is known; one that succeeded did what was planned, moves and forgets included. */
export function countsOfApply({ apply, applied, shown }: Findings): Counts | undefined {
  if (applied !== true) return apply?.counts && { ...apply.counts, move: 0, forget: 0 };
  const { move, forget } = shown?.counts ?? { move: 0, forget: 0 };
  return apply?.counts === undefined ? shown?.counts : { ...apply.counts, move, forget };
}

function planParts(shown: ShownPlan, values: "show" | "hide"): Partial<Report> {
  const { plan, counts, lines, moreLines } = shown;
  if (plan === undefined) {
    return {
      ...(counts !== undefined && { counts }),
      ...(values === "show" && { planText: lines.join("\n") }),
    };
  }
  return {
    plan,
    planLines: toDiff(lines),
    morePlanLines: moreLines,
    ...(counts !== undefined && { counts }),
  };
}

/** The root module relative to the job's workspace, `.` for the workspace itself. */
export function directoryName({ inputs, context }: Pick<Step, "inputs" | "context">): string {
  return relative(context.workspaceRoot, inputs.directory).replaceAll("\\", "/") || ".";
}

function commit({ context, pullRequest }: Step): Partial<Report> {
  const sha = pullRequest?.headSha ?? context.sha;
  if (sha === "" || context.repository === "") return {};
  return { commit: { sha, url: `${context.serverUrl}/${context.repository}/commit/${sha}` } };
}

function job({ context }: Step): Partial<Report> {
  const { serverUrl, repository, workflowRunId, workflowRunAttempt } = context;
  if (repository === "" || workflowRunId === "") return {};
  return {
    job: { url: `${serverUrl}/${repository}/actions/runs/${workflowRunId}/attempts/${workflowRunAttempt}` },
  };
}
