import type { PolicyCheck, PolicySetOutcome, TaskStage } from "../api/check-types.ts";
import { ApiError } from "../api/errors.ts";
import type { Run, Server } from "../api/types.ts";
import { checkState } from "./status.ts";
import type { PolicyResult } from "./types.ts";

/** Every verdict that could be read, and a sentence for each that could not. */
export type PolicyReading = { policies: PolicyResult[]; notes: string[] };

type Outcome = PolicyResult["outcome"];

/** Policy checks, policy evaluations and run tasks of a run, in that order. What cannot be read is a note. */
export async function readPolicies(server: Server, run: Run): Promise<PolicyReading> {
  if (!server.facts.policies) return { policies: [], notes: [] };
  const readings = await Promise.all([
    ...run.policyCheckIds.map((id) => orNote(`policy check ${id}`, () => readPolicyCheck(server, id))),
    ...run.taskStageIds.map((id) => orNote(`task stage ${id}`, () => readStage(server, id))),
  ]);
  return { policies: readings.flatMap((one) => one.policies), notes: readings.flatMap((one) => one.notes) };
}

/** Whether a task stage of the run waits until a person overrides its outcome. Unreadable stages do not. */
export async function awaitsOverride(server: Server, run: Run): Promise<boolean> {
  const stages = await Promise.all(
    run.taskStageIds.map((id) => server.readTaskStage(id).catch(ignoreApiError)),
  );
  return stages.some((stage) => stage !== undefined && checkState("task", stage.status) === "needs-override");
}

function ignoreApiError(error: unknown): undefined {
  if (!(error instanceof ApiError)) throw error;
}

async function orNote(what: string, read: () => Promise<PolicyResult[]>): Promise<PolicyReading> {
  try {
    return { policies: await read(), notes: [] };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { policies: [], notes: [`The result of ${what} could not be read: ${error.message}`] };
  }
}

async function readPolicyCheck(server: Server, id: string): Promise<PolicyResult[]> {
  const check = await server.readPolicyCheck(id);
  if (checkState("policy-check", check.status) === "wait") return [policyCheckResult(check, "")];
  // A check that was never run has no output.
  const output = await server.readPolicyCheckOutput(id).catch(() => "");
  return [policyCheckResult(check, output)];
}

/** The verdict of a (Sentinel) policy check. */
export function policyCheckResult(check: PolicyCheck, output: string): PolicyResult {
  const name = check.scope === "organization" ? "Organization policy check" : "Workspace policy check";
  return { name, kind: "policy-check", outcome: policyCheckOutcome(check), text: output };
}

function policyCheckOutcome(check: PolicyCheck): Outcome {
  const state = checkState("policy-check", check.status);
  if (state === "passed") return hasAdvisoryFailures(check) ? "advisory-failed" : "passed";
  if (state === "soft-failed") return "needs-override";
  return state === "wait" ? "skipped" : state;
}

function hasAdvisoryFailures(check: PolicyCheck): boolean {
  const { result } = check;
  if (result === null || typeof result !== "object" || Array.isArray(result)) return false;
  const failures = result["advisory-failed"];
  return typeof failures === "number" && failures > 0;
}

async function readStage(server: Server, id: string): Promise<PolicyResult[]> {
  const stage = await server.readTaskStage(id);
  const sets = await Promise.all(stage.policyEvaluationIds.map((one) => server.readPolicySetOutcomes(one)));
  return [...sets.flat().flatMap((set) => policySetResults(set, stage)), ...taskResults(stage)];
}

/** The verdicts of the policies of one set, as evaluated in `stage`. */
export function policySetResults(set: PolicySetOutcome, stage: TaskStage): PolicyResult[] {
  const kind = "policy-evaluation";
  const failure: PolicyResult[] =
    set.error === "" ? [] : [{ name: set.policySet, kind, outcome: "errored", text: set.error }];
  const verdicts = set.outcomes.map((one): PolicyResult => {
    const text = [one.description, one.output].filter((part) => part !== "").join("\n");
    return { name: `${set.policySet}/${one.policy}`, kind, outcome: enforced(one, stage), text };
  });
  return [...failure, ...verdicts];
}

/** The verdicts of the run tasks of a stage. */
export function taskResults(stage: TaskStage): PolicyResult[] {
  return stage.taskResults.map((task) => {
    const text = [task.message, task.url === "" ? "" : `Details: ${task.url}`]
      .filter((part) => part !== "")
      .join("\n");
    return { name: task.name, kind: "run-task", outcome: enforced(task, stage), text };
  });
}

/** An advisory failure stops nothing; a mandatory one can be overridden while the stage waits for it. */
function enforced(one: { status: string; enforcement: string }, stage: TaskStage): Outcome {
  const state = checkState("task", one.status);
  if (state === "wait" || state === "soft-failed" || state === "needs-override") return "skipped";
  if (state !== "failed" && state !== "errored") return state;
  if (one.enforcement === "advisory") return "advisory-failed";
  if (state === "errored") return "errored";
  return checkState("task", stage.status) === "needs-override" ? "needs-override" : "failed";
}

/** Whether a verdict stops a run for good. */
export function stopsRun(result: PolicyResult): boolean {
  return result.outcome === "failed" || result.outcome === "needs-override" || result.outcome === "errored";
}

/** The verdict in lines for the job log; all of it foreign text. */
export function policyLines(result: PolicyResult): string[] {
  const text = result.text === "" ? [] : result.text.split(/\r?\n/).map((line) => `  ${line}`);
  return [`${result.name}: ${result.outcome}`, ...text];
}
