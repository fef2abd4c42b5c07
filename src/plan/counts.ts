import type { Counts, PlanFacts, ResourceFacts } from "./model.ts";

/** Whether the CLI shows the change at all: reads that end with the configuration, and no-ops, are silent. */
export function isShown(change: Pick<ResourceFacts, "action" | "mode">): boolean {
  return change.action !== "no-op" && !(change.action === "delete" && change.mode === "data");
}

/**
 * The counts of the CLI's "Plan:" line (opentofu internal/command/jsonformat/plan.go): a replacement adds one and
 * destroys one, unless the old object is forgotten; reads count nowhere; `move` counts changes of address, alone or
 * with another change, beside the others.
 */
export function countChanges(plan: Pick<PlanFacts, "resources">): Counts {
  const counts: Counts = { add: 0, change: 0, destroy: 0, import: 0, move: 0, forget: 0 };
  for (const change of plan.resources.filter(isShown)) {
    const { action } = change;
    const forgets = action === "forget" || change.replaceOrder === "forget";
    if (action === "create" || action === "replace") counts.add += 1;
    if (action === "update") counts.change += 1;
    if ((action === "delete" || action === "replace") && !forgets) counts.destroy += 1;
    if (forgets) counts.forget += 1;
    if (change.importing !== undefined) counts.import += 1;
    if (change.previousAddress !== undefined) counts.move += 1;
  }
  return counts;
}

/** Whether applying the plan would do anything: to objects, to their addresses or management, or to outputs. */
export function hasChanges(plan: Pick<PlanFacts, "resources" | "outputs">): boolean {
  return plan.resources.some(isShown) || plan.outputs.some((output) => output.action !== "no-op");
}

/** The CLI's line: `Plan: 1 to import, 2 to add, 0 to change, 1 to destroy, 1 to forget.`; imports and forgets only where there are some. */
export function planLine(counts: Counts): string {
  const parts = [
    ...(counts.import > 0 ? [`${counts.import} to import`] : []),
    `${counts.add} to add`,
    `${counts.change} to change`,
    `${counts.destroy} to destroy`,
    ...(counts.forget > 0 ? [`${counts.forget} to forget`] : []),
  ];
  return `Plan: ${parts.join(", ")}.`;
}
