import { bindingOf } from "./binding.ts";
import type { RunFacts } from "./facts.ts";
import { differingFlags, type RunFlags } from "./flags.ts";

/** The plan that was just made for the head of a pull request. */
export type NewerPlan = {
  run: RunFacts;
  flags: RunFlags;
  repository: string;
  pullRequest: number;
  headSha: string;
};

/**
 * The ids of saved plans of the same pull request that the new one replaces: those of other heads, and of the same head
 * with the same options. They are found by the message, which servers that have saved plans keep.
 */
export function supersededPlans(runs: RunFacts[], newer: NewerPlan): string[] {
  const isReplaced = (run: RunFacts) => {
    const binding = bindingOf(run.message);
    if (binding === undefined || binding.pullRequest !== newer.pullRequest) return false;
    if (binding.repository.toLowerCase() !== newer.repository.toLowerCase()) return false;
    return binding.headSha !== newer.headSha || differingFlags(newer.flags, run.flags).length === 0;
  };
  return runs.filter((run) => isOlderSavedPlan(run, newer.run) && isReplaced(run)).map(({ id }) => id);
}

function isOlderSavedPlan({ id, status, workspaceId, createdAt }: RunFacts, newer: RunFacts): boolean {
  if (status !== "planned_and_saved" || id === newer.id || workspaceId !== newer.workspaceId) return false;
  return Date.parse(createdAt ?? "") <= Date.parse(newer.createdAt ?? "");
}
