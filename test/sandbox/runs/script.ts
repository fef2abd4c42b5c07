import { setTimeout as sleep } from "node:timers/promises";
import type { JsonValue } from "../../../src/json.ts";
import type { Counts, EngineResult, Job } from "../world.ts";
import type { CostEstimateSpec, PolicyCheckSpec, TaskStageSpec } from "./check-specs.ts";

/**
 * One step of a scripted phase: log bytes, a pause, something to wait for, or a run status (in HCP Terraform's words)
 * out of the ordinary, e.g. `{ status: "fetching" }` or one that no document knows.
 */
export type Step =
  | { log: string | Uint8Array }
  | { wait: number }
  | { until: () => Promise<unknown> }
  | { status: string };

/** A run that a test writes itself. Without `planJson` there is none; a phase without steps has an empty log. */
export type Script = {
  /** Statuses between `pending` and `plan_queued`. */
  queue?: Step[];
  plan?: Step[];
  apply?: Step[];
  /** The engine fails in this phase. */
  fails?: "plan" | "apply";
  /** Default true. */
  hasChanges?: boolean;
  counts?: Counts;
  planJson?: JsonValue;
  redactedJson?: JsonValue;
  /** The state that its apply writes, also one that fails. */
  state?: string;
  /** Instead of those of the workspace. */
  costEstimate?: CostEstimateSpec;
  policyChecks?: PolicyCheckSpec[];
  taskStages?: TaskStageSpec[];
  /** Ends the plan in this status and leaves the run there, whatever would follow. */
  endsAs?: string;
};

/** Plays the steps of one phase. Stops where the run is cancelled. */
export async function playSteps(
  steps: readonly Step[],
  job: Pick<Job, "log" | "signal">,
  setStatus: (status: string) => void,
): Promise<void> {
  for (const step of steps) {
    if (job.signal.aborted) return;
    if ("log" in step) job.log(step.log);
    else if ("status" in step) setStatus(step.status);
    else if ("wait" in step) await sleep(step.wait, undefined, { signal: job.signal }).catch(() => undefined);
    else await Promise.race([step.until(), aborted(job.signal)]);
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

/** What a scripted phase tells when it has been played. */
export function scriptedResult(script: Script, phase: "plan" | "apply"): EngineResult {
  return {
    ok: script.fails !== phase,
    hasChanges: script.hasChanges ?? true,
    counts: script.counts,
    planJson: script.planJson,
    redactedJson: script.redactedJson,
  };
}
