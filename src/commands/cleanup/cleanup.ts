import type { Server, Workspace } from "../../api/types.ts";
import { Failure } from "../../failure.ts";
import type { JobMark } from "../../gate/job-mark.ts";
import { readWorkflowRun, type WorkflowRun } from "../../github/workflow-runs.ts";
import { writeJobSummary } from "../../job-summary.ts";
import { codeSpan, fence } from "../../report/markdown.ts";
import { stopRun } from "../../run/stop.ts";
import { onWorkspace } from "../on-workspace.ts";
import type { Step, StepResult } from "../step.ts";
import { findTarget } from "../target/target.ts";
import { type Holder, holdsWorkspace, judge, tableOf } from "./holders.ts";

/** How many of the newest runs are looked through. */
const LISTED = 300;
/** Milliseconds for removing one run. */
const PATIENCE_MS = 30_000;

/**
 * `command: cleanup`: lists the runs that hold the workspace and says which of them were left behind by jobs that have ended;
 * `cleanup discard` removes those, and no other.
 */
export async function cleanupCommand(step: Step): Promise<StepResult> {
  const discards = wantsDiscard(step.inputs.arguments);
  const target = await findTarget(step);
  const name = `${target.organization}/${target.workspace}`;
  step.log.line(`Runs that hold ${name} on ${target.hostname}`);
  return onWorkspace(step, target, async ({ server, workspace }) => {
    const holders = await findHolders(step, server, workspace);
    const lines = [...(holders.length === 0 ? [] : tableOf(holders)), conclusion(holders, discards)];
    step.log.foreign(lines);
    const removal = discards ? await removeAll(step, server, holders) : { lines: [], failed: [] };
    if (step.inputs.summary) await summarise(step, name, [...lines, ...removal.lines]);
    if (removal.failed.length > 0) throw notRemoved(removal.failed);
    return { outputs: { status: "done" } };
  });
}

function wantsDiscard(given: string[]): boolean {
  if (given.length === 0) return false;
  if (given.length === 1 && given[0] === "discard") return true;
  throw new Failure(
    "input",
    `Input "command": cleanup takes no argument but discard, not ${JSON.stringify(given.join(" "))}.`,
  );
}

async function findHolders(step: Step, server: Server, workspace: Workspace): Promise<Holder[]> {
  const { repository, workflowRunId } = step.context;
  const listed = await server.listRuns(workspace.id, LISTED);
  // What holds the workspace may be older than that.
  const { currentRunId } = workspace;
  const isMissing = currentRunId !== undefined && !listed.some(({ id }) => id === currentRunId);
  const runs = isMissing ? [...listed, await server.readRun(currentRunId)] : listed;
  const asked = new Map<string, Promise<WorkflowRun | { problem: string }>>();
  const lookUp = (mark: JobMark) => {
    const key = `${mark.repository}/${mark.workflowRunId}`;
    const answer = asked.get(key) ?? askGitHub(step, mark);
    asked.set(key, answer);
    return answer;
  };
  const around = { keepsMessage: server.facts.keepsMessage, repository, workflowRunId, lookUp };
  const holders: Holder[] = [];
  for (const run of runs.filter(holdsWorkspace)) {
    step.signal.throwIfAborted();
    holders.push(await judge(run, around));
  }
  return holders;
}

async function askGitHub(step: Step, mark: JobMark): Promise<WorkflowRun | { problem: string }> {
  const client = await step.github();
  if (client === undefined) return { problem: "without github-token GitHub cannot be asked" };
  const [owner = "", repo = ""] = mark.repository.split("/");
  return readWorkflowRun(client, { owner, repo }, mark.workflowRunId);
}

function conclusion(holders: Holder[], discards: boolean): string {
  const count = (kind: Holder["kind"]) => holders.filter((holder) => holder.kind === kind).length;
  const dead = count("dead");
  const lost = count("lost");
  const told = lost + count("unknown") === 0 ? "" : ", as far as can be told";
  const what = dead === 0 ? "No run was" : dead === 1 ? "1 run was" : `${dead} runs were`;
  const how = dead === 0 || discards ? "" : " `command: cleanup discard` removes what is left behind.";
  const blind =
    lost === 0
      ? ""
      : ` ${lost} cannot be attributed, as this server loses messages: look at them on the server.`;
  return `${what} left behind by a job that has ended${told}.${how}${blind}`;
}

/** Each is read again before anything is done to it, and after; one that is being applied by then is left alone. */
async function removeAll(
  step: Step,
  server: Server,
  holders: Holder[],
): Promise<{ lines: string[]; failed: string[] }> {
  const lines: string[] = [];
  const failed: string[] = [];
  for (const { run, kind } of holders) {
    if (kind !== "dead") continue;
    step.signal.throwIfAborted();
    const stopping = { clock: step.clock, deadlineMs: PATIENCE_MS };
    const { result, message } = await stopRun(server, { runId: run.id }, stopping);
    lines.push(message);
    step.log.foreign([message]);
    if (result === "failed") failed.push(message);
  }
  return { lines, failed };
}

function notRemoved(failed: string[]): Failure {
  const reason = failed.some((message) => message.includes("may not stop runs")) ? "forbidden" : "server";
  const more = failed.length > 1 ? ` And ${failed.length - 1} more: see the log.` : "";
  return new Failure(reason, `What a job left behind could not be removed. ${failed[0]}${more}`);
}

async function summarise({ log }: Step, name: string, lines: string[]): Promise<void> {
  const text = `### Runs that hold ${codeSpan(name)}\n\n${fence(lines.join("\n"), "text")}\n`;
  const warning = await writeJobSummary(text);
  if (warning !== undefined) log.warning(warning);
}
