import type { PlanDigest } from "./canonical.ts";
import type { ReadFlags, RunFlags } from "./flags.ts";

/**
 * A run as the server tells it; `undefined`: it does not. Times are ISO 8601, `status` as the API has it. `planStatus` is that
 * of its plan, to be looked up only where a canceled run may have been planned before.
 */
export type RunFacts = {
  id: string;
  workspaceId: string | undefined;
  configurationVersionId: string | undefined;
  planId: string | undefined;
  status: string;
  planStatus: string | undefined;
  planOnly: boolean | undefined;
  autoApply: boolean | undefined;
  hasChanges: boolean | undefined;
  confirmable: boolean | undefined;
  canApply: boolean | undefined;
  message: string;
  createdAt: string | undefined;
  flags: ReadFlags;
  /** A saved plan that the server discarded as another run was applied after it (`isOutdated`). */
  outdated?: boolean;
};

/** The digest D of what a configuration version holds now, downloaded and computed; else why it is not known. */
export type Content = { digest: string } | { unavailable: string };

/** A structured plan, digested; else why there is none. */
export type PlanReading = PlanDigest | { unavailable: string };

/** What this step was asked to apply. `archiveDigest`: D of what it checked out and would upload. */
export type Asked = {
  workspaceId: string;
  flags: RunFlags;
  requireSameArchive: boolean;
  archiveDigest: string;
};

/** Why nothing is applied: what the output `failure-reason` says. */
export type HoldReason =
  | "no-reviewed-plan"
  | "plan-changed"
  | "archive-changed"
  | "no-structured-plan"
  | "not-found"
  | "input"
  | "needs-approval"
  | "forbidden"
  | "confirmed-elsewhere"
  | "run-discarded"
  | "run-canceled"
  | "run-errored"
  | "policy"
  | "server"
  | "unsupported";

export type Hold = { next: "hold"; reason: HoldReason; sentence: string };

/** How an apply came to be allowed. */
export type Way = "run-id" | "saved-plan" | "compared" | "auto-approve";

/** The reviewed run that everything is compared with. `evidence`: what binds it to the pull request. */
export type Review = {
  run: RunFacts;
  evidence: "message" | "content";
  content: Content;
  plan: PlanReading;
};

/** `confirm`: this very run, after `beforeConfirm`. `notes`: what the log and the comment have to say beside. */
export type Decision =
  | { next: "confirm"; way: Way; run: RunFacts; reviewedRunId: string; notes: string[] }
  | { next: "plan-again"; review: Review | undefined; notes: string[] }
  | { next: "no-changes"; notes: string[] }
  | Hold;

export function hold(reason: HoldReason, sentence: string): Hold {
  return { next: "hold", reason, sentence };
}
