import type { Run, Workspace } from "../api/types.ts";
import type { Archive } from "../archive/pack.ts";
import type { Target } from "../config/target.ts";
import { Failure, type FailureReason } from "../failure.ts";
import type { Hold } from "../gate/facts.ts";
import type { Found } from "../github/find-comments.ts";
import type { Answer } from "../github/retry.ts";
import type { Outputs } from "../outputs.ts";
import type { Counts, Diagnostic, PlanFacts } from "../plan/model.ts";
import type { RunOptions } from "../run/options.ts";
import type { ApplyOutcome, PlanEnding, PlanOutcome } from "../run/types.ts";
import type { MergedByPush } from "./apply/merged-pull-request.ts";

/** What the step knows of the plan's content. */
export type ShownPlan = {
  /** Absent where the server gives no structured plan; then there is only the log's text. */
  plan: PlanFacts | undefined;
  counts: Counts | undefined;
  hasChanges: boolean | undefined;
  /** The whole plan as plain text. */
  textFile: string;
  /** The structured plan as received, where the input asks for it. */
  jsonFile: string | undefined;
  /** The first lines of the plan for reports, without values where the input asks for that and there is a choice. */
  lines: string[];
  /** Lines of the plan that follow those. */
  moreLines: number;
  /** The log has shown the plan's text already. */
  inLog: boolean;
  diagnostics: Diagnostic[];
};

/** What a plan found out so far. It grows as the story goes on, and is reported wherever that ends. */
export type Findings = {
  target: Target;
  /** Of the run; none where the step makes no run. */
  options?: RunOptions;
  workspace?: Workspace;
  archive?: Archive;
  run?: Run;
  runUrl?: string;
  logFile?: string;
  outcome?: PlanOutcome;
  shown?: ShownPlan;
  /** The comments that are there already. */
  comments?: Promise<Found | Answer | undefined>;
  /** Which pull requests the push has merged, being asked for. */
  merged?: Promise<MergedByPush | Hold>;
  /** The pull request that was merged as this commit: it gets the comment where the event tells none. */
  mergedPullRequest?: number;
  /** What became of the apply that this step confirmed. */
  apply?: ApplyOutcome;
  /** What an apply that did not end well has done, a sentence or two. */
  done?: string;
  /** The apply is proven to have succeeded because of this step. */
  applied?: boolean;
  /** The outputs that the state has after it; `lines` for reports: foreign text, without sensitive values. */
  stateOutputs?: { outputs: Pick<Outputs, "outputs" | "outputs-file">; lines: string[] };
  /** Digest of the plan that was to be applied, without sensitive values. */
  planDigest?: string;
  /** How that plan differs from the reviewed one: foreign text. */
  difference?: string[];
  /** The run is a saved plan, left to be applied later. */
  saved?: boolean;
  /** The command is to apply. */
  applying?: boolean;
  /** How the run was stopped, when this step had to. */
  stopped?: string | undefined;
  /** Facts for the report, one line each. */
  notes: string[];
};

/** How the step ends: the output `status` and, unless it succeeds, why not. */
export type Ending = { status: Outputs["status"]; failure?: Failure };

type Verdict = { status: Outputs["status"]; failed?: [reason: FailureReason, what: string] };

const VERDICTS: Record<PlanEnding, Verdict> = {
  planned: { status: "planned" },
  "no-changes": { status: "no-changes" },
  "policy-failed": { status: "policy-failed", failed: ["policy", "failed a policy"] },
  "needs-person": { status: "policy-failed", failed: ["needs-approval", "waits for somebody's decision"] },
  errored: { status: "errored", failed: ["run-errored", "failed"] },
  canceled: { status: "canceled", failed: ["run-canceled", "was canceled by somebody else"] },
  discarded: { status: "discarded", failed: ["run-discarded", "was discarded by somebody else"] },
  "timed-out": { status: "timed-out", failed: ["timeout", "took longer than the timeout"] },
  "queue-timed-out": {
    status: "timed-out",
    failed: ["locked", "did not get its turn within the queue-timeout"],
  },
  interrupted: { status: "canceled", failed: ["interrupted", "was interrupted"] },
};

/** The ending of a step whose plan ended like this. The first error of the plan is part of the failure's message. */
export function endingOfPlan(ending: PlanEnding, findings: Findings): Ending {
  const { status, failed } = VERDICTS[ending];
  if (failed === undefined) return { status };
  const [reason, what] = failed;
  const error = findings.shown?.diagnostics.find(({ severity }) => severity === "error");
  const cause = ending === "errored" && error !== undefined ? `: ${error.summary.replace(/[.:]+$/, "")}` : "";
  const message = `The plan of ${findings.target.workspace} ${what}${cause}. See ${findings.runUrl ?? "the job log"}`;
  return { status, failure: new Failure(reason, message) };
}

/** The ending of a step that something else ended: `stopped` is what became of its run. */
export function endingOfFailure(failure: Failure, stopped: string | undefined): Ending {
  if (failure.reason === "timeout") return { status: "timed-out", failure };
  if (failure.reason !== "interrupted") return { status: "errored", failure };
  return { status: stopped === "discarded" ? "discarded" : "canceled", failure };
}
