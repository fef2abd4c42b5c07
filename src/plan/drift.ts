import { hasChanges } from "./counts.ts";
import { diffResource } from "./diff-resource.ts";
import type { Plan, ResourceChange } from "./model.ts";

/**
 * The drift that the CLI shows (opentofu internal/command/jsonformat/plan.go): in a refresh-only plan all of it; else,
 * where the plan does anything at all, what changed in attributes that the plan depends on. Moves are shown as such.
 */
export function shownDrift(plan: Plan, mode?: "refresh-only"): ResourceChange[] {
  const real = plan.drift.filter((change) => change.action !== "no-op");
  if (mode === "refresh-only") return real;
  if (!hasChanges(plan)) return [];
  return real.filter((change) => change.action !== "move" && touchesPlan(plan, change));
}

function touchesPlan(plan: Plan, change: ResourceChange): boolean {
  const { relevantPaths } = change;
  return relevantPaths !== undefined && diffResource(plan, change, relevantPaths).mark !== "none";
}
