import { ApiError } from "../../api/errors.ts";
import type { Run, Server } from "../../api/types.ts";
import { type BoundRun, bindRun, type ReviewSubject } from "../../gate/bind-run.ts";
import type { Content, Decision, PlanReading, RunFacts } from "../../gate/facts.ts";
import { isOutdated } from "../../gate/outdated.ts";
import { type Candidate, decideByReview } from "../../gate/review.ts";
import { confirmStage } from "../../gate/statuses.ts";
import { type DecidedPull, decideTogether } from "../../gate/together.ts";
import type { Step } from "../step.ts";
import type { ApplyJob } from "./apply-job.ts";
import type { Merged, MergedByPush } from "./merged-pull-request.ts";
import { readPlanOfRun } from "./read-plan.ts";
import { factsOf, readContent } from "./read-run.ts";
import { createTreeDigests, type TreeDigests } from "./tree-digests.ts";

/** How many of the newest runs are listed: first, and where that does not reach back far enough. */
const LISTED = [100, 1000];
const NOT_LOOKED_AT = { unavailable: "not looked at" };

/** The decision by the reviews of all pull requests that the push has merged; their comments are where it is reported. */
export async function decideFromReviews(
  step: Step,
  job: ApplyJob,
  { main, beside }: MergedByPush,
): Promise<Decision> {
  const decide = async (merged: Merged): Promise<DecidedPull> => {
    return { number: merged.pullRequest.number, decision: await decideFromReview(step, job, merged) };
  };
  const last = await decide(main);
  const others: DecidedPull[] = [];
  for (const merged of beside) others.push(await decide(merged));
  const { number, decision } = decideTogether([last, ...others]);
  job.findings.mergedPullRequest = number;
  return decision;
}

/**
 * The decision by the runs that planned a merged pull request for review. They are looked for in the server's own list
 * and bound by what the server holds; no comment is read.
 */
async function decideFromReview(step: Step, job: ApplyJob, merged: Merged): Promise<Decision> {
  const { asked, workspace, server } = job;
  const { runs, complete } = await runsSince(server, workspace.id, merged.openedAt);
  const { pullRequest } = merged;
  // Of the pull request's trees there is the merge's, which the job has checked out; others are looked for when needed.
  const known = { head: undefined, merge: undefined, current: asked.archiveDigest };
  const subject = { pullRequest, workspaceId: workspace.id, trees: known };
  const trees = createTreeDigests(step, job, pullRequest);
  const candidates: Candidate[] = [];
  for (const run of runs) {
    step.signal.throwIfAborted();
    candidates.push(await lookAt(job, run, { subject, trees, runs }));
  }
  const decision = decideByReview(asked, { candidates, complete });
  if (decision.next !== "hold") return decision;
  return { ...decision, sentence: [decision.sentence, ...trees.sentences()].join(" ") };
}

/** The workspace's runs back to before `openedAt`, without those before; `complete`: all of them. */
async function runsSince(
  server: Server,
  workspaceId: string,
  openedAt: string | undefined,
): Promise<{ runs: Run[]; complete: boolean }> {
  const opened = Date.parse(openedAt ?? "");
  const isBefore = ({ createdAt }: Run) => Date.parse(createdAt ?? "") < opened;
  for (const limit of LISTED) {
    const listed = await server.listRuns(workspaceId, limit);
    const runs = listed.filter((run) => !isBefore(run));
    if (listed.length < limit || runs.length < listed.length) return { runs, complete: true };
  }
  return { runs: [], complete: false };
}

type Search = { subject: ReviewSubject; trees: TreeDigests; runs: Run[] };

async function lookAt(job: ApplyJob, listed: Run, { subject, trees, runs }: Search): Promise<Candidate> {
  const outdated = isOutdated(listed, runs);
  const first = { ...(await withPlanStatus(job.server, listed)), outdated };
  const binding = bindRun(first, subject);
  if (!("needs" in binding)) return { run: first, binding, content: NOT_LOOKED_AT, plan: NOT_LOOKED_AT };
  // A list may be older than the run itself.
  const read = await job.server.readRun(listed.id);
  const run = { ...(await withPlanStatus(job.server, read)), outdated: isOutdated(read, runs) };
  const content = await readContent(job, run);
  const bound = await bindByTrees(run, content, { subject, trees });
  return { run, binding: bound, content, plan: await planOf(job, run, bound) };
}

/** A run that planned other content than this job's may have planned what the pull request held before its merge. */
async function bindByTrees(
  run: RunFacts,
  content: Content,
  { subject, trees }: Pick<Search, "subject" | "trees">,
): Promise<BoundRun> {
  const bound = bindRun(run, subject, content);
  if (!("why" in bound) || bound.why !== "other-content" || !("digest" in content)) return bound;
  const of = await trees.find(content.digest);
  if (of === undefined) return bound;
  return bindRun(run, { ...subject, trees: { ...subject.trees, [of]: content.digest } }, content);
}

async function planOf(job: ApplyJob, run: RunFacts, binding: BoundRun): Promise<PlanReading> {
  const isBound = "bound" in binding && binding.bound !== undefined;
  return isBound ? readPlanOfRun(job, run) : NOT_LOOKED_AT;
}

/** A cancel may relabel a run that had ended (OTF); then its plan tells whether there is one. */
async function withPlanStatus(server: Server, run: Run): Promise<RunFacts> {
  if (confirmStage(run.status) !== "canceled" || run.planId === undefined) return factsOf(run);
  try {
    return factsOf(run, (await server.readPlan(run.planId)).status);
  } catch (error) {
    if (error instanceof ApiError) return factsOf(run);
    throw error;
  }
}
