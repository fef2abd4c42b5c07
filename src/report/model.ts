import type { Counts, Diagnostic, PlanFacts } from "../plan/model.ts";

/** The verdict that heads a report. */
export type Verdict =
  | "planned"
  | "no-changes"
  | "applied"
  | "held"
  | "errored"
  | "canceled"
  | "discarded"
  | "timed-out"
  | "policy-failed"
  | "unknown";

/** One policy check, policy evaluation or run task and how it ended. */
export type PolicyVerdict = {
  name: string;
  kind: "policy-check" | "policy-evaluation" | "run-task";
  outcome: "passed" | "failed" | "advisory-failed" | "needs-override" | "errored" | "canceled" | "skipped";
  /** Foreign text: what the policy engine printed. */
  text: string;
};

/** A finished cost estimate; amounts are decimal strings in US dollars a month, as the server sends them. */
export type CostEstimate = { before: string; after: string; delta: string; matched: number; total: number };

/** Options of the run that shape its plan, of variables the names only. */
export type ReportOptions = {
  targets: string[];
  replace: string[];
  refresh: boolean;
  variables: string[];
  allowEmptyApply: boolean;
  terraformVersion: string | undefined;
  /** The run is kept as it is, to be applied later. */
  saved: boolean;
};

/** All that a comment or a summary shows. Pure data; every string but the literals of this project is foreign. */
export type Report = {
  verdict: Verdict;
  /** Plan only, or a destroy, or a refresh: shown in the heading. */
  mode: "plan" | "destroy" | "refresh-only";
  options?: ReportOptions;
  /** It was to be applied: what failed is the apply. */
  applying?: boolean;
  /** It was applied without a review, as somebody asked for. */
  unreviewed?: boolean;
  target: { hostname: string; organization: string; workspace: string; directory: string; label: string };
  run?: { id: string; url: string };
  commit?: { sha: string; url: string };
  /** The job that made it: `https://github.com/o/r/actions/runs/1/attempts/2`. */
  job?: { url: string };
  archive?: { digest: string; bytes: number; files: number };
  /** What went into the archive and what stayed out, one fact a line; only the summary shows it. */
  archiveLines?: string[];
  counts?: Counts;
  plan?: PlanFacts;
  /**
   * The plan rendered as the lines of a diff: plain text, markers at column 0, and already without values where
   * `values` is `hide`. It wins over `planText`.
   */
  planLines?: string[];
  /** How many lines of the plan follow those of `planLines`, which fill any report on their own then. */
  morePlanLines?: number;
  /** The log's text of the plan, for servers without a structured plan; already free of control characters. */
  planText?: string;
  diagnostics: Diagnostic[];
  policies: PolicyVerdict[];
  cost?: CostEstimate;
  /** How the plan differs from the reviewed one, as lines; without values where `values` is `hide`. */
  difference?: string[];
  /** The state's outputs after the apply, as lines; they take the place of how the plan changes them. */
  stateOutputs?: string[];
  /** Why it failed, one paragraph. */
  failure?: { reason: string; message: string };
  /** `hide`: addresses and actions only. */
  values: "show" | "hide";
  /** Further facts, one line each, e.g. an incomplete log. */
  notes: string[];
};
