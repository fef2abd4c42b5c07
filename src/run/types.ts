import type { Phase, Run } from "../api/types.ts";

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

/** Limits of following, in milliseconds; `undefined` queue timeout: that of the whole. */
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
};
