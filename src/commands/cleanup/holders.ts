import type { Run } from "../../api/types.ts";
import { type JobMark, jobMarkOf } from "../../gate/job-mark.ts";
import type { WorkflowRun } from "../../github/workflow-runs.ts";
import { isFinal, isKnownRunStatus, stageOf } from "../../run/status.ts";

/** What a run that holds the workspace is: only a `dead` one may be removed. */
export type Holder = {
  run: Run;
  kind: "dead" | "this-job" | "at-work" | "applying" | "unknown" | "foreign" | "lost";
  /** Why, as the end of a line. */
  why: string;
};

/** What decides about a run besides itself. */
export type Surroundings = {
  /** The server keeps the messages of runs, which say who made them. */
  keepsMessage: boolean;
  repository: string;
  workflowRunId: string;
  /** Asks GitHub for a job's workflow run; it may say why it is not known. */
  lookUp: (mark: JobMark) => Promise<WorkflowRun | { problem: string }>;
};

/** Clocks of GitHub and the server may differ by so many milliseconds. */
const CLOCKS_MS = 5 * 60_000;

/**
 * Whether a run keeps others of its workspace waiting, or would if somebody confirmed it. Saved plans wait for their apply on
 * purpose and hold nothing.
 */
export function holdsWorkspace({ status }: Run): boolean {
  return !isFinal(status) && status !== "planned_and_saved";
}

/**
 * What a run that holds the workspace is. A dead one was made by a job of this action, as its message says at its end, whose
 * workflow run GitHub tells to be completed, and was created while that was at work; a run that is or may be applied is none.
 */
export async function judge(run: Run, around: Surroundings): Promise<Holder> {
  // Terrakube calls plans and applies alike.
  if (stageOf(run.status) === "apply" || run.status === "running" || !isKnownRunStatus(run.status))
    return { run, kind: "applying", why: "is or may be applied: never touched" };
  const mark = jobMarkOf(run.message);
  if (mark === undefined) {
    const isLost = run.message === "" && !around.keepsMessage;
    const lost = "this server loses messages, so that nobody can tell which job made it";
    return isLost
      ? { run, kind: "lost", why: lost }
      : { run, kind: "foreign", why: "not made by this action" };
  }
  const page = `${mark.repository}/actions/runs/${mark.workflowRunId}`;
  if (mark.repository === around.repository && mark.workflowRunId === around.workflowRunId)
    return { run, kind: "this-job", why: "made by this workflow run" };
  const job = await around.lookUp(mark);
  if ("problem" in job) return { run, kind: "unknown", why: `${page} is not known: ${job.problem}` };
  if (job.status !== "completed") return { run, kind: "at-work", why: `${page} is ${job.status}` };
  if (!wasAtWork(run, job))
    return { run, kind: "unknown", why: `${page} was not at work when the run was created` };
  return { run, kind: "dead", why: `${page} is completed` };
}

/** Another GitHub server may have a repository and a workflow run of the same name and number. */
function wasAtWork({ createdAt }: Run, job: WorkflowRun): boolean {
  const created = Date.parse(createdAt ?? "");
  return created >= job.createdAt - CLOCKS_MS && created <= job.updatedAt + CLOCKS_MS;
}

/** The holders as lines of a table with aligned columns. */
export function tableOf(holders: Holder[]): string[] {
  const rows = [
    ["RUN", "STATUS", "CREATED", "JOB"],
    ...holders.map(({ run, why }) => [run.id, run.status, run.createdAt ?? "-", why]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
}
