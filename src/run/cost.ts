import type { CostEstimateAnswer } from "../api/check-types.ts";
import { ApiError } from "../api/errors.ts";
import type { Run, Server } from "../api/types.ts";
import { checkState } from "./status.ts";
import type { CostResult } from "./types.ts";

/** A finished estimate, or why there is none: one sentence, `undefined` where none was to be expected. */
export type CostReading = { cost: CostResult | undefined; note: string | undefined };

/**
 * The cost estimate of a run. It decides nothing, so that it is missing (OTF refers to estimates that it does not
 * serve) or cannot be read is a note.
 */
export async function readCost(server: Server, run: Run): Promise<CostReading> {
  const id = run.costEstimateId;
  if (id === undefined || !server.facts.costEstimates) return { cost: undefined, note: undefined };
  try {
    return costReading(await server.readCostEstimate(id));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const why = error.status === 404 ? "the server does not have it" : error.message;
    return { cost: undefined, note: `No cost estimate: ${why}` };
  }
}

/** What an answer says; the states are those of go-tfe's cost_estimate.go. */
export function costReading(answer: CostEstimateAnswer): CostReading {
  const note = {
    wait: `The cost estimate is not ready (${answer.status}).`,
    skipped: "No cost estimate: the server makes none for a plan of chosen targets.",
    errored: `The cost estimate failed: ${answer.errorMessage ?? "the server gives no reason"}`,
    canceled: "The cost estimate was canceled.",
    passed: undefined,
  };
  const state = checkState("cost", answer.status);
  if (state !== "passed")
    return { cost: undefined, note: Object.entries(note).find(([key]) => key === state)?.[1] };
  const cost = {
    before: answer.priorMonthlyCost,
    after: answer.proposedMonthlyCost,
    delta: answer.deltaMonthlyCost,
    matched: answer.matchedResourcesCount,
    total: answer.resourcesCount,
  };
  return { cost, note: undefined };
}

/** The estimate in lines for the job log, in the manner of the CLI. Amounts are foreign text. */
export function costLines(cost: CostResult): string[] {
  const sign = cost.delta.startsWith("-") ? "-" : "+";
  const delta = cost.delta.replace(/^[+-]/, "");
  return [
    `Resources: ${cost.matched} of ${cost.total} estimated`,
    `           $${cost.after}/mo ${sign}$${delta}`,
  ];
}
