import { bindingOf, type ReadBinding } from "./binding.ts";
import type { Content, RunFacts } from "./facts.ts";
import type { MergedPullRequest } from "./pull-request.ts";
import { type ConfirmStage, confirmStage } from "./statuses.ts";

/** What a run has to be bound to. `trees`: digests D of what the pull request's commits hold, as far as they are known. */
export type ReviewSubject = {
  pullRequest: MergedPullRequest;
  workspaceId: string;
  trees: { head: string | undefined; merge: string | undefined; current: string };
};

/** Why a run is no review of this pull request. */
export type Unbound =
  | "another-workspace"
  | "after-merge"
  | "not-planned"
  | "another-pull-request"
  | "another-head"
  | "swapped"
  | "other-message"
  | "other-content"
  | "no-evidence";

/** `needs`: the answer depends on what the run's configuration version holds, which is to be downloaded. */
export type BoundRun =
  | { bound: "message" | "content" }
  | { needs: "content" }
  | { bound: undefined; why: Unbound };

/**
 * Whether a run planned this pull request for review, told from what the server holds. A binding in the message decides,
 * for or against: the same content planned for another pull request or an older head is no review. What it says of the
 * content must be what the configuration version still holds, since a server may let it be overwritten (OTF does, for an
 * hour). Where the message is lost (OTF) the content itself decides, being that of the head or of a merge; a message without a
 * binding says that something else made the run.
 */
export function bindRun(run: RunFacts, subject: ReviewSubject, content?: Content): BoundRun {
  const excluded = whyExcluded(run, subject);
  if (excluded !== undefined) return unbound(excluded);
  const binding = bindingOf(run.message);
  const contradiction = binding && whyContradicted(binding, subject.pullRequest);
  if (contradiction !== undefined) return unbound(contradiction);
  if (binding === undefined && run.message.trim() !== "") return unbound("other-message");
  if (content === undefined) return { needs: "content" };
  return binding === undefined ? byContent(content, subject) : byMessage(binding, content);
}

function whyExcluded(run: RunFacts, { workspaceId, pullRequest }: ReviewSubject): Unbound | undefined {
  if (run.workspaceId !== workspaceId) return "another-workspace";
  // What was planned after the merge nobody saw before it; a time that cannot be read compares as false.
  const isBefore = Date.parse(run.createdAt ?? "") < Date.parse(pullRequest.mergedAt);
  if (!isBefore) return "after-merge";
  return wasPlanned(run) ? undefined : "not-planned";
}

/** Stages of runs whose plan was made, without a look at the plan itself. */
const PLANNED: readonly ConfirmStage[] = ["rest", "applying", "apply-person", "applied", "nothing", "policy"];

/**
 * A cancel may relabel a run that had ended (OTF): then the status of its plan, which need not be known otherwise, tells
 * whether there is one. Who discards a plan rejects it; a server that does so only calls it outdated.
 */
function wasPlanned({ status, planStatus, outdated }: RunFacts): boolean {
  const stage = confirmStage(status);
  if (stage === "discarded") return outdated === true;
  if (stage === "errored") return false;
  return planStatus === undefined ? PLANNED.includes(stage) : planStatus === "finished";
}

function whyContradicted(binding: ReadBinding, pull: MergedPullRequest): Unbound | undefined {
  const isSame = binding.repository.toLowerCase() === pull.repository.toLowerCase();
  if (!isSame || binding.pullRequest !== pull.number) return "another-pull-request";
  // What a merge queue had planned of its group's commit was shown to nobody who could still say no.
  return binding.headSha === pull.headSha ? undefined : "another-head";
}

function byMessage(binding: ReadBinding, content: Content): BoundRun {
  const isSwapped = "digest" in content && !content.digest.startsWith(binding.digestStart);
  return isSwapped ? unbound("swapped") : { bound: "message" };
}

function byContent(content: Content, { trees }: ReviewSubject): BoundRun {
  if ("unavailable" in content) return unbound("no-evidence");
  const isSame = [trees.head, trees.merge, trees.current].includes(content.digest);
  return isSame ? { bound: "content" } : unbound("other-content");
}

function unbound(why: Unbound): BoundRun {
  return { bound: undefined, why };
}
