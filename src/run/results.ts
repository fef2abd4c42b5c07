import { ApiError } from "../api/errors.ts";
import type { Phase } from "../api/types.ts";
import { costLines, readCost } from "./cost.ts";
import { policyLines, readPolicies } from "./policy.ts";
import type { PlanOutcome } from "./types.ts";
import type { Watch } from "./watch.ts";

/** What is read of a run when its plan and checks are done. */
export type RunResults = Pick<PlanOutcome, "plan" | "policies" | "cost">;

/** Reads and prints the results of cost estimate and policies, and reads the plan. What is missing is a line, no error. */
export async function readResults(watch: Watch): Promise<RunResults> {
  const { server, run, log } = watch;
  const [plan, cost, policies] = await Promise.all([
    readLastPlan(watch),
    readCost(server, run),
    readPolicies(server, run),
  ]);
  printGroup(watch, "Cost estimate", cost.cost === undefined ? [] : costLines(cost.cost));
  printGroup(watch, "Policies", policies.policies.flatMap(policyLines));
  for (const note of [cost.note, ...policies.notes]) if (note !== undefined) log.foreign([note]);
  return { plan, policies: policies.policies, cost: cost.cost };
}

/** The plan as it ended, where it tells more than its run does. */
async function readLastPlan(watch: Watch): Promise<Phase | undefined> {
  if (watch.run.planId === undefined || !watch.server.facts.planCounts) return undefined;
  try {
    return await watch.server.readPlan(watch.run.planId);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return undefined;
  }
}

function printGroup(watch: Watch, title: string, lines: string[]): void {
  if (lines.length === 0) return;
  watch.log.startGroup(title);
  watch.log.foreign(lines);
  watch.log.endGroup();
}
