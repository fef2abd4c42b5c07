import type { ApiError } from "../api/errors.ts";
import type { Phase, Run } from "../api/types.ts";
import type { ApplyCounts } from "./apply-log.ts";
import type { ApplyEnd } from "./status.ts";

/** Where the following of a run prints. The job log fulfils it; tests record it. */
export type RunLog = {
  /** One line of our own words. */
  line: (text: string) => void;
  /** Lines of the remote log, text as received but split into lines; the job log sanitises them. */
  foreign: (lines: string[]) => void;
  startGroup: (title: string) => void;
  endGroup: () => void;
  /** A warning of ours, which becomes an annotation. */
  warning: (text: string) => void;
  /** Registers a secret (signed URL) before anything can print it. */
  mask: (secret: string) => void;
};

/** Time, in milliseconds of a monotonic clock. `sleep` rejects as soon as the signal is aborted. */
export type Clock = { now: () => number; sleep: (ms: number, signal?: AbortSignal) => Promise<void> };

/**
 * A stretch of the remote log: a line without its line end, or, for a line too long to be held in memory, a part of
 * one, whose last part has `ends: true`.
 */
export type LogPiece = { text: string; ends: boolean };

/** What is needed to find a run again: written down before the request that makes the run. */
export type RunMemory = { configurationVersionId: string; runId?: string };

/** One policy check, policy of an evaluation, or run task, and how it ended. `name` and `text` are foreign text. */
export type PolicyResult = {
  name: string;
  kind: "policy-check" | "policy-evaluation" | "run-task";
  outcome: "passed" | "failed" | "advisory-failed" | "needs-override" | "errored" | "canceled" | "skipped";
  text: string;
};

/** A finished cost estimate; amounts are decimal strings in US dollars a month, as the server sends them. */
export type CostResult = { before: string; after: string; delta: string; matched: number; total: number };

/** Limits of following, in milliseconds; `undefined` queue timeout: that of the whole. `deadline` is a time of the clock. */
export type FollowLimits = { queueTimeoutMs: number | undefined; deadline: number };

/** How the following of a plan ended. `run` is the last reading. */
export type PlanEnding =
  | "planned"
  | "no-changes"
  | "policy-failed"
  | "needs-person"
  | "errored"
  | "canceled"
  | "discarded"
  | "timed-out"
  | "queue-timed-out"
  | "interrupted";

export type PlanOutcome = {
  ending: PlanEnding;
  run: Run;
  plan: Phase | undefined;
  /** Every line of the remote log, once and in order, is in `logFile`; false when some of it could not be read. */
  logComplete: boolean;
  policies: PolicyResult[];
  cost: CostResult | undefined;
};

/**
 * How the following of an apply ended. `unknown`: the run was not seen to end (`stopped`, `trouble` say why), or ended in a
 * way in which no apply ends.
 */
export type ApplyEnding = ApplyEnd | "needs-person";

export type ApplyOutcome = {
  ending: ApplyEnding;
  /** The last reading. */
  run: Run;
  /** As it ended; `undefined` where it could not be read. */
  apply: Phase | undefined;
  /**
   * What was done: as the server counts it, else as the log tells; `undefined` where neither does. Without success it may be
   * less than was planned.
   */
  counts: ApplyCounts | undefined;
  countsFrom: "server" | "log";
  /** Objects that the log, as far as it was read, said were done. */
  seen: ApplyCounts;
  /** The CLI said in the log that the apply is complete, whatever the run's status. */
  logSaysComplete: boolean;
  /** Every line of the remote log, once and in order, is in `logFile`. */
  logComplete: boolean;
  /** Why following stopped before the run ended; the apply goes on then. */
  stopped: "timeout" | "interrupted" | undefined;
  /** Why the run could not be read any more. */
  trouble: ApiError | undefined;
};
