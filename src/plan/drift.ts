import { type Described, diffResource } from "./diff-resource.ts";

/** Whether the plan does anything at all, and whether it only refreshes. */
export type DriftOptions = { planChanges: boolean; mode?: "refresh-only" };

/**
 * Whether the CLI shows a change that was made outside (opentofu internal/command/jsonformat/plan.go): in a
 * refresh-only plan always; else, where the plan does anything at all, when it touches attributes that the plan depends
 * on. Moves are shown as such.
 */
export function isShownDrift(change: Described, { planChanges, mode }: DriftOptions): boolean {
  const { action } = change.resource;
  if (action === "no-op") return false;
  return mode === "refresh-only" || (planChanges && action !== "move" && touchesPlan(change));
}

function touchesPlan(change: Described): boolean {
  const { relevantPaths, tooLarge } = change.resource;
  if (relevantPaths === undefined) return false;
  return tooLarge !== undefined || diffResource(change, relevantPaths).mark !== "none";
}
