import type { BoundRun, Unbound } from "./bind-run.ts";
import type { PlanDigest } from "./canonical.ts";
import {
  type Asked,
  type Content,
  type Decision,
  type Hold,
  hold,
  type PlanReading,
  type Review,
  type RunFacts,
} from "./facts.ts";
import { differingFlags } from "./flags.ts";
import { whyNotConfirmable } from "./statuses.ts";

/** A run of the workspace and what was found out about it; the plan is needed of bound ones only. */
export type Candidate = { run: RunFacts; binding: BoundRun; content: Content; plan: PlanReading };

const HOW_TO_GO_ON =
  "Nothing was applied. To go on, look at a new plan and either apply its run with `run-id`, from a job behind an " +
  "environment with reviewers, or set `auto-approve: true`.";

/**
 * The reviewed run, and whether it can be confirmed itself or has to be planned again and compared. `complete`: the list
 * of runs was read back to before the pull request was opened. Several reviewed runs must have the same plan: which of
 * different ones a reviewer saw nobody can tell.
 */
export function decideByReview(
  asked: Asked,
  { candidates, complete }: { candidates: Candidate[]; complete: boolean },
): Decision {
  if (!complete)
    return none("the workspace's runs could not be read back to the opening of the pull request");
  const chosen = reviewsFor(asked, candidates);
  if ("next" in chosen) return chosen;
  const confirmable = chosen.filter(({ run }) => isSavedPlan(run));
  const [newest = chosen[0]] = confirmable;
  const differs = whyDifferent(chosen);
  if (differs !== undefined) return differs;
  const notes = [bindingNote(newest), ...archiveNote(asked, newest.content)];
  if (confirmable.length > 0) {
    return { next: "confirm", way: "saved-plan", run: newest.run, reviewedRunId: newest.run.id, notes };
  }
  return whyUnreadable(newest.plan) ?? { next: "plan-again", review: newest, notes };
}

type Reviews = [Review, ...Review[]];

/** Bound runs of the same options and, where that is required, of the same archive; newest first. */
function reviewsFor(asked: Asked, candidates: Candidate[]): Reviews | Hold {
  const bound = candidates.flatMap(({ binding, ...rest }) =>
    "bound" in binding && binding.bound !== undefined ? [{ ...rest, evidence: binding.bound }] : [],
  );
  if (bound.length === 0) return none(whyNone(candidates));
  const sameFlags = bound.filter(({ run }) => differingFlags(asked.flags, run.flags).length === 0);
  const [closest] = sameFlags;
  if (closest === undefined) {
    const names = new Set(bound.flatMap(({ run }) => differingFlags(asked.flags, run.flags)));
    return none(`it was planned with other options than this apply has: ${[...names].join(", ")}`);
  }
  const isSame = ({ content }: Review) => "digest" in content && content.digest === asked.archiveDigest;
  const kept = asked.requireSameArchive ? sameFlags.filter(isSame) : sameFlags;
  // What the server called outdated counts only where nothing newer was planned.
  const current = kept.filter(({ run }) => run.outdated !== true);
  const sorted = (current.length > 0 ? current : kept).toSorted((a, b) => timeOf(b.run) - timeOf(a.run));
  const [newest, ...others] = sorted;
  return newest === undefined ? archiveChanged(asked, closest.content) : [newest, ...others];
}

function timeOf(run: RunFacts): number {
  return Date.parse(run.createdAt ?? "");
}

/** `planned_and_saved` is what only a server that has saved plans says; one that ignores the option says `planned`. */
function isSavedPlan(run: RunFacts): boolean {
  return run.status === "planned_and_saved" && whyNotConfirmable(run) === undefined;
}

function whyDifferent([first, ...others]: Reviews): Hold | undefined {
  for (const other of others) {
    const hidden = whyUnreadable(first.plan) ?? whyUnreadable(other.plan);
    if (hidden !== undefined) return hidden;
    if (!arePlansEqual(first.plan, other.plan)) {
      return none("several runs planned it, and their plans differ: which one was reviewed cannot be told");
    }
  }
  return undefined;
}

/** Why a plan cannot be compared; never is its text compared instead. */
export function whyUnreadable(plan: PlanReading): Hold | undefined {
  const isHidden = "digest" in plan && plan.concealed;
  if ("digest" in plan && !isHidden) return undefined;
  const why = "digest" in plan ? "its sensitive values are hidden from this token" : plan.unavailable;
  return hold(
    "no-structured-plan",
    `The plans cannot be compared, as the structured plan cannot be read: ${why}. ${HOW_TO_GO_ON} On HCP Terraform the ` +
      "structured plan takes a token with admin access to the workspace.",
  );
}

/** Whether both are known, in the same form and complete, and equal. */
export function arePlansEqual(a: PlanReading, b: PlanReading): boolean {
  return isComparable(a) && isComparable(b) && a.form === b.form && a.digest === b.digest;
}

function isComparable(plan: PlanReading): plan is PlanDigest {
  return "digest" in plan && !plan.concealed;
}

/** The archive is part of what was reviewed only where that is required; else a difference is told. */
export function archiveNote(asked: Asked, content: Content): string[] {
  if ("unavailable" in content)
    return [`The reviewed archive could not be compared: ${content.unavailable}.`];
  const isSame = content.digest === asked.archiveDigest;
  return isSame ? [] : [archivesSentence(asked, content.digest)];
}

export function archiveChanged(asked: Asked, content: Content): Hold {
  const sentence =
    "digest" in content
      ? archivesSentence(asked, content.digest)
      : `The reviewed archive cannot be compared: ${content.unavailable}.`;
  return hold("archive-changed", `${sentence} With \`require-same-archive\` nothing is applied then.`);
}

function archivesSentence(asked: Asked, reviewed: string): string {
  return `The reviewed archive ${reviewed.slice(0, 16)} differs from this one, ${asked.archiveDigest.slice(0, 16)}.`;
}

function bindingNote({ run, evidence }: Review): string {
  const what = evidence === "message" ? "the run's message" : "the content of its configuration version";
  const outdated =
    run.outdated === true
      ? " Its saved plan is outdated, as another run was applied since: it is planned again and compared."
      : "";
  return `Reviewed run ${run.id}, bound to the pull request by ${what}.${outdated}`;
}

function none(why: string): Hold {
  return hold(
    "no-reviewed-plan",
    `No reviewed plan of this pull request can be used: ${why}. ${HOW_TO_GO_ON}`,
  );
}

/** Said in this order: what comes closest to a review first. */
const UNBOUND_SENTENCES: Readonly<Record<Unbound, string>> = {
  swapped: "the archive of its run was replaced after it was planned",
  "another-head":
    "its runs planned an older or another head, and the pull request was merged with a newer one",
  "not-planned": "its runs made no plan, or somebody discarded it",
  "other-content": "no run of the workspace planned what the head or the merge holds",
  "no-evidence": "the server keeps neither the message of a run nor lets its configuration be downloaded",
  "other-message":
    "the workspace's runs were not made by this action for a pull request, as their messages tell",
  "after-merge": "the workspace's runs were all made after the merge",
  "another-pull-request": "the workspace's runs planned other pull requests",
  "another-workspace": "no run belongs to this workspace",
};

function whyNone(candidates: Candidate[]): string {
  const reasons = new Set<string | undefined>(
    candidates.map(({ binding }) => ("why" in binding ? binding.why : undefined)),
  );
  const closest = Object.entries(UNBOUND_SENTENCES).find(([why]) => reasons.has(why));
  return closest?.[1] ?? "no run of this workspace planned it";
}
