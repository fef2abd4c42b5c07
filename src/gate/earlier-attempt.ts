import type { Decision, RunFacts } from "./facts.ts";
import { type JobMark, jobMarkOf } from "./job-mark.ts";
import { confirmStage } from "./statuses.ts";

/** A run that an earlier attempt of this job made. `attempt`: `undefined` where only its content tells. */
export type EarlierRun = { id: string; attempt: number | undefined; status: string };

/** What tells the run of an earlier attempt from others: `mark` is this attempt's, `since` when its change was merged. */
export type AttemptSubject = { workspaceId: string; mark: JobMark; since: string | undefined };

/**
 * Whether an earlier attempt of this very job made the run. GitHub starts an attempt only when the one before has ended, so
 * nobody is behind such a run any more. Its message tells, where the server keeps it. Where it is lost, a run that can be
 * applied, was made after the merge and has exactly this content counts as one (`needs`: that content is to be read);
 * where messages are kept, one without a mark is somebody else's.
 */
export function ofEarlierAttempt(
  run: Pick<RunFacts, "workspaceId" | "planOnly" | "status" | "message" | "createdAt">,
  { workspaceId, mark, since }: AttemptSubject,
): { attempt: number } | { needs: "content" } | undefined {
  if (run.workspaceId !== workspaceId || run.planOnly !== false || mark.attempt < 2) return undefined;
  // A saved plan blocks nobody, and another job of the workflow may be about to apply it.
  if (run.status === "planned_and_saved") return undefined;
  if (run.message !== "") {
    const other = jobMarkOf(run.message);
    const isSame =
      other?.repository.toLowerCase() === mark.repository.toLowerCase() &&
      other.workflowRunId === mark.workflowRunId &&
      other.attempt < mark.attempt;
    return isSame ? { attempt: other.attempt } : undefined;
  }
  const isAfter = Date.parse(run.createdAt ?? "") > Date.parse(since ?? "");
  return isAfter ? { needs: "content" } : undefined;
}

/**
 * What an earlier attempt has to do with a plan that is not the reviewed one. Where that attempt's run is applied and the new
 * plan is empty, nothing is left to do; this step applied nothing. Where it may have done a part, that is said.
 */
export function afterEarlierAttempt(
  decision: Decision,
  { earlier, isEmpty }: { earlier: EarlierRun[]; isEmpty: boolean },
): Decision {
  if (decision.next !== "hold" || decision.reason !== "plan-changed") return decision;
  const applied = earlier.find(({ status }) => confirmStage(status) === "applied");
  if (applied !== undefined && isEmpty) {
    const sentence = `${nameOf(applied)} is applied, and the new plan has no changes: there is nothing left to apply.`;
    return { next: "no-changes", notes: [sentence] };
  }
  const sentences = earlier.map(
    (run) => `${nameOf(run)} is ${run.status}: it may have applied a part of the plan.`,
  );
  return { ...decision, sentence: [decision.sentence, ...sentences].join(" ") };
}

function nameOf({ id, attempt }: EarlierRun): string {
  if (attempt === undefined) return `Run ${id}, made of the same content after the merge,`;
  return `Run ${id}, made by attempt ${attempt} of this job,`;
}
