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
import { contradictedFlags, differingFlags } from "./flags.ts";
import { archiveChanged, archiveNote, arePlansEqual, whyUnreadable } from "./review.ts";
import { confirmStage, holdUnconfirmable } from "./statuses.ts";

/** Which of the ways is asked for. Throws nothing: two that exclude each other are a hold. */
export function decideWay(options: {
  runId: string;
  autoApprove: boolean;
}): "run-id" | "review" | "auto-approve" | Hold {
  const { runId, autoApprove } = options;
  if (runId !== "" && autoApprove) {
    return hold(
      "input",
      "`run-id` confirms one run that was looked at, `auto-approve` a new one that nobody saw: give one of both.",
    );
  }
  if (runId !== "") return "run-id";
  return autoApprove ? "auto-approve" : "review";
}

/** `run-id`: whether exactly this run may be confirmed. `run`: as read from the server, `undefined` where it knows none. */
export function decideByRunId(
  asked: Asked,
  found: { runId: string; run: RunFacts | undefined; content: Content },
): Decision {
  const { runId, run, content } = found;
  if (run === undefined || run.id !== runId) {
    return hold("not-found", `There is no run ${runId}, or this token may not see it. Nothing was applied.`);
  }
  if (run.workspaceId !== asked.workspaceId) {
    return hold("input", `Run ${runId} belongs to another workspace than this step's. Nothing was applied.`);
  }
  const wrong = holdUnconfirmable(run) ?? holdOtherFlags(run, contradictedFlags(asked.flags, run.flags));
  if (wrong !== undefined) return wrong;
  if (asked.requireSameArchive && !isSameArchive(asked, content)) return archiveChanged(asked, content);
  return { next: "confirm", way: "run-id", run, reviewedRunId: run.id, notes: archiveNote(asked, content) };
}

/** `auto-approve`: a new run, which nobody has seen. */
export function decideByAutoApprove(): Decision {
  const notes = ["Applied without a review, as `auto-approve` says."];
  return { next: "plan-again", review: undefined, notes };
}

/**
 * Whether the server has made the run that was asked for; it may take an option and ignore it (OTF: `refresh-only`), or
 * have been told to apply by itself. To be asked of the answer to the POST and of a second read, as only the latter says
 * what was kept. A hold: the run is to be cancelled or discarded at once.
 */
export function verifyNewRun(asked: Asked, run: RunFacts): Hold | undefined {
  if (run.workspaceId !== asked.workspaceId) {
    return hold(
      "server",
      `The server made run ${run.id} in another workspace. It is stopped, nothing was applied.`,
    );
  }
  if (run.autoApply !== false) {
    return hold(
      "server",
      `The server does not confirm that run ${run.id} waits for its confirmation (auto-apply: false). It is stopped, unless ` +
        "it is being applied already.",
    );
  }
  if (run.planOnly !== false) {
    return hold("unsupported", `The server made run ${run.id} a plan only, which cannot be applied.`);
  }
  return holdOtherFlags(run, differingFlags(asked.flags, run.flags));
}

function holdOtherFlags(run: RunFacts, names: string[]): Hold | undefined {
  if (names.length === 0) return undefined;
  return hold(
    "unsupported",
    `Run ${run.id} has other options than this step asks for: ${names.join(", ")}. Either the server ignores them, or the ` +
      "run was made with others. Nothing was applied.",
  );
}

/** A run that was made for this apply and has been planned. */
export type NewRun = { run: RunFacts; plan: PlanReading; content: Content };

/**
 * Whether the new run may be confirmed: with a review, only if its structured plan is the reviewed one. Unless it is
 * confirmed, it is to be discarded. After `plan-changed`, `differingElements` tells the difference.
 */
export function decideNewRun(
  asked: Asked,
  { review, fresh, notes }: { review: Review | undefined; fresh: NewRun; notes: string[] },
): Decision {
  const { run, plan, content } = fresh;
  const wrong = verifyNewRun(asked, run);
  if (wrong !== undefined) return wrong;
  const stage = confirmStage(run.status);
  const hasEnded = stage === "nothing";
  const unusable = hasEnded ? undefined : holdUnconfirmable(run);
  if (unusable !== undefined) return unusable;
  const differs = review && (holdOtherReview(asked, review, content) ?? holdChanged(review, fresh));
  if (differs !== undefined) return differs;
  if (hasEnded) return decideEnded(run, plan, notes);
  const way = review === undefined ? "auto-approve" : "compared";
  return { next: "confirm", way, run, reviewedRunId: review?.run.id ?? run.id, notes };
}

/** What was uploaded for the new run must be what is asked to be applied, and what the review was of. */
function holdOtherReview(asked: Asked, review: Review, content: Content): Hold | undefined {
  if (review.run.workspaceId !== asked.workspaceId) {
    return hold("no-reviewed-plan", `The reviewed run ${review.run.id} belongs to another workspace.`);
  }
  const names = differingFlags(asked.flags, review.run.flags);
  if (names.length > 0)
    return hold("no-reviewed-plan", `The reviewed run has other options: ${names.join(", ")}.`);
  if (!asked.requireSameArchive) return undefined;
  if (!isSameArchive(asked, review.content)) return archiveChanged(asked, review.content);
  return isSameArchive(asked, content) ? undefined : archiveChanged(asked, content);
}

function holdChanged(review: Review, { run, plan }: NewRun): Hold | undefined {
  const hidden = whyUnreadable(review.plan) ?? whyUnreadable(plan);
  if (hidden !== undefined) return hidden;
  if (arePlansEqual(review.plan, plan)) return undefined;
  return hold(
    "plan-changed",
    `The plan of run ${run.id} differs from the reviewed one of run ${review.run.id}. Nothing was applied: the state, a ` +
      "variable, or what else the plan is made of has changed since the review.",
  );
}

/** A server may end a run that would only import, move or forget as one without changes (OTF), which none can confirm. */
function decideEnded(run: RunFacts, plan: PlanReading, notes: string[]): Decision {
  const isChange = (key: string) => key.startsWith('["resource"') || key.startsWith('["output"');
  const wouldChange = "digest" in plan && [...plan.elements.keys()].some(isChange);
  if (run.hasChanges !== true && !wouldChange) return { next: "no-changes", notes };
  return hold(
    "unsupported",
    `The server has ended run ${run.id} as one without changes, although its plan has some (imports, moves or objects to ` +
      "be forgotten, for example): it cannot be applied there. Add another change to it, or apply it with the CLI.",
  );
}

function isSameArchive(asked: Asked, content: Content): boolean {
  return "digest" in content && content.digest === asked.archiveDigest;
}

/** What to do right before the confirmation. `read-again`: the answer is older than what was decided on. */
export type LastLook = { next: "confirm" } | { next: "read-again" } | Hold;

/**
 * The last look before `POST /runs/:id/actions/apply`: the run, read again, is still the one that was decided on. `content`
 * is what its configuration version holds now, needed where the archive must be the same.
 */
export function beforeConfirm(
  asked: Asked,
  { decided, now, content }: { decided: RunFacts; now: RunFacts; content: Content },
): LastLook {
  const isOther =
    now.id !== decided.id ||
    now.workspaceId !== asked.workspaceId ||
    now.planId !== decided.planId ||
    now.configurationVersionId !== decided.configurationVersionId;
  if (isOther) {
    return hold(
      "server",
      `The server answers with another run, plan or configuration than that of run ${decided.id}.`,
    );
  }
  if (JSON.stringify(now.flags) !== JSON.stringify(decided.flags)) {
    return hold("server", `The options of run ${decided.id} are not those that were decided on any more.`);
  }
  if (confirmStage(now.status) === "underway") return { next: "read-again" };
  const unusable = holdUnconfirmable(now);
  if (unusable !== undefined) return unusable;
  if (asked.requireSameArchive && !isSameArchive(asked, content)) return archiveChanged(asked, content);
  return { next: "confirm" };
}
