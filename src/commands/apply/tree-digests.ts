import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { packDirectory } from "../../archive/pack.ts";
import { archiveRoot } from "../../archive/root.ts";
import { Failure } from "../../failure.ts";
import type { MergedPullRequest } from "../../gate/pull-request.ts";
import type { Checkout } from "../../git/checkout.ts";
import type { ReviewTree } from "../../git/review-trees.ts";
import type { Store } from "../../git/store.ts";
import type { Step } from "../step.ts";
import type { ApplyJob } from "./apply-job.ts";

/** What jobs on a pull request may have uploaded, told by digests D. */
export type TreeDigests = {
  /** Which of the pull request's trees has this digest. They are exported and packed one by one, until one has it. */
  find: (digest: string) => Promise<ReviewTree["of"] | undefined>;
  /** What was compared and what could not be, one sentence each; empty where nothing was looked for. */
  sentences: () => string[];
};

/** Longest time for all trees; a repository too large for it is told, and nothing is applied. */
const WITHIN_MS = 5 * 60_000;

type Digested = { of: ReviewTree["of"]; digest: string };

/** Nothing is asked of git, nor of its remote, before a digest has to be found. */
export function createTreeDigests(step: Step, job: ApplyJob, pullRequest: MergedPullRequest): TreeDigests {
  const known: Digested[] = [];
  const problems: string[] = [];
  let more: AsyncGenerator<Digested> | undefined;
  return {
    find: async (digest) => {
      const before = known.find((tree) => tree.digest === digest);
      if (before !== undefined) return before.of;
      more ??= digestTrees(step, job, { pullRequest, problems });
      for (let next = await more.next(); next.done !== true; next = await more.next()) {
        known.push(next.value);
        if (next.value.digest === digest) return next.value.of;
      }
      return undefined;
    },
    sentences: () => (more === undefined ? [] : [compared(known), ...problems, ...remedy(problems)]),
  };
}

function compared(known: Digested[]): string {
  const merges = known.filter(({ of }) => of === "merge").length;
  const head = known.length > merges ? "that of the head" : "not that of the head";
  return (
    `Of the pull request's trees ${head} and ${merges} of its merges into the base branch were compared. Files that earlier ` +
    "steps of the plan's job made are not in git, and what holds them equals none of them."
  );
}

function remedy(problems: string[]): string[] {
  if (problems.length === 0) return [];
  return ["With `fetch-depth: 0` and persisted credentials actions/checkout brings what is missing."];
}

async function* digestTrees(
  step: Step,
  job: ApplyJob,
  { pullRequest, problems }: { pullRequest: MergedPullRequest; problems: string[] },
): AsyncGenerator<Digested> {
  const opened = await open(step, job);
  if ("problem" in opened) {
    problems.push(opened.problem);
    return;
  }
  const { reviewTrees } = await import("../../git/review-trees.ts");
  const commits = { number: pullRequest.number, head: pullRequest.headSha, merge: pullRequest.mergeSha };
  const endsAt = step.clock.now() + WITHIN_MS;
  for await (const { of, tree } of reviewTrees(opened.store, commits, problems)) {
    if (step.clock.now() > endsAt) {
      problems.push("Reading the trees took more than five minutes, so not all of them were compared.");
      return;
    }
    const digest = await digestOf(step, job, { ...opened, tree });
    if (typeof digest === "string") yield { of, digest };
    else problems.push(digest.problem);
  }
}

async function open(
  step: Step,
  { folder }: ApplyJob,
): Promise<{ store: Store; checkout: Checkout } | { problem: string }> {
  const { inputs, context, signal, log } = step;
  const [{ openGit }, { readCheckout }, { openStore }] = await Promise.all([
    import("../../git/program.ts"),
    import("../../git/checkout.ts"),
    import("../../git/store.ts"),
  ]);
  const git = openGit({ environment: context.environment, folder, signal });
  if (git === undefined)
    return { problem: "There is no git on PATH to read the pull request's commits with." };
  const { workspaceRoot, environment } = context;
  const place = { directory: inputs.directory, workspaceRoot, home: environment["HOME"] };
  const checkout = await readCheckout(git, place);
  if (checkout === undefined) {
    return { problem: "The directory is no checkout of git, so the pull request's commits cannot be read." };
  }
  for (const [key, value] of checkout.settings) if (key.endsWith(".extraheader")) log.mask(value);
  const store = await openStore(git, checkout, { folder, credentials: credentials(step, checkout) });
  return store === undefined
    ? { problem: "Git cannot make a repository to read commits with." }
    : { store, checkout };
}

/** Where actions/checkout left no credentials (`persist-credentials: false`), the job's token for the same server. */
function credentials({ inputs, context, log }: Step, { remote, settings }: Checkout): [string, string][] {
  const { githubToken } = inputs;
  const server = `${context.serverUrl}/`;
  const isPersisted = settings.some(([key]) => key.endsWith(".extraheader"));
  if (githubToken === undefined || isPersisted || remote?.startsWith(server) !== true) return [];
  if (!server.startsWith("https://")) return [];
  const basic = Buffer.from(`x-access-token:${githubToken}`).toString("base64");
  log.mask(basic);
  return [[`http.${server}.extraheader`, `AUTHORIZATION: basic ${basic}`]];
}

/** The digest of what would be uploaded of a tree, by the rules of this step. */
async function digestOf(
  { inputs, context, signal }: Step,
  { folder, workspace }: ApplyJob,
  { store, checkout, tree }: { store: Store; checkout: Checkout; tree: string },
): Promise<string | { problem: string }> {
  const { exportTree } = await import("../../git/export-tree.ts");
  const repositoryRoot = join(folder, "tree");
  const within = (path: string) => join(repositoryRoot, relative(context.workspaceRoot, path));
  try {
    const { code, problem } = await exportTree(store, tree, within(checkout.top));
    if (code !== 0) return { problem: `The tree ${tree.slice(0, 7)} cannot be read (${problem}).` };
    const { digest } = await packDirectory({
      root: within(archiveRoot(inputs.directory, workspace.workingDirectory)),
      repositoryRoot,
      ignore: inputs.ignore,
      secrets: [],
      destination: join(folder, "tree.tar.gz"),
      signal,
    });
    return digest;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    return { problem: `The tree ${tree.slice(0, 7)} cannot be packed: ${error.message}` };
  } finally {
    await rm(repositoryRoot, { recursive: true, force: true });
  }
}
