import type { Store } from "./store.ts";

/** Whose tree: the head's, or that of its merge into the base branch as GitHub made it or would have made it. */
export type ReviewTree = { of: "head" | "merge"; tree: string };

/** `head` and `merge` are commits; `merge` is the one that this job runs on. */
export type ReviewedCommits = { number: number; head: string; merge: string };

/** How much of the history is fetched where it is cut: first, and where that does not reach back to the fork of the branch. */
const DEPTHS = [50, 1000];
/** How many commits of the base branch the head is merged into, newest first. */
const MOST_BASES = 50;

/**
 * The trees that jobs on this pull request may have planned, each once: that of its head; of the trial merge that GitHub
 * still offers, if it is one of this head; and of the merges into the commits that the base branch had before the pull
 * request was merged, back to where the two part. GitHub merges as `git merge-tree` does, without anybody's merge drivers.
 * What could not be found out is added to `problems`, one sentence each.
 */
export async function* reviewTrees(
  store: Store,
  commits: ReviewedCommits,
  problems: string[],
): AsyncGenerator<ReviewTree> {
  const seen = new Set<string>();
  for await (const found of allTrees(store, commits, problems)) {
    if (seen.has(found.tree)) continue;
    seen.add(found.tree);
    yield found;
  }
}

async function* allTrees(
  store: Store,
  commits: ReviewedCommits,
  problems: string[],
): AsyncGenerator<ReviewTree> {
  const { number, head } = commits;
  if (await store.has(head)) yield* treeOf(store, head, "head");
  const trial = `refs/pull/${number}/merge`;
  const refs = await store.lookUp([trial]);
  const remote = refs instanceof Map ? refs : undefined;
  if (!(refs instanceof Map))
    problems.push(`The remote of the checkout cannot be asked for more (${refs.problem}).`);
  const trialMerge = remote?.get(trial);
  if (remote !== undefined)
    await fetchOnce(store, [head, ...(trialMerge === undefined ? [] : [trialMerge])], problems);
  yield* treeOf(store, head, "head");
  if (trialMerge !== undefined && (await isMergeOf(store, trialMerge, head))) {
    yield* treeOf(store, trialMerge, "merge");
  }
  yield* recomputed(store, commits, { canFetch: remote !== undefined, problems });
}

async function* treeOf(store: Store, commit: string, of: ReviewTree["of"]): AsyncGenerator<ReviewTree> {
  const tree = await store.treeOf(commit);
  if (tree !== undefined) yield { of, tree };
}

async function fetchOnce(store: Store, commits: string[], problems: string[]): Promise<void> {
  const missing: string[] = [];
  for (const commit of commits) if (!(await store.has(commit))) missing.push(commit);
  if (missing.length === 0) return;
  const { code, problem } = await store.fetch(missing, 1);
  if (code !== 0) problems.push(`Commits of the pull request could not be fetched (${problem}).`);
}

/** Only GitHub writes that ref; it merges the head into the base, which therefore is the first parent. */
async function isMergeOf(store: Store, commit: string, head: string): Promise<boolean> {
  const parents = await store.parentsOf(commit);
  return parents.length === 2 && parents[1] === head;
}

async function* recomputed(
  store: Store,
  { head, merge }: ReviewedCommits,
  { canFetch, problems }: { canFetch: boolean; problems: string[] },
): AsyncGenerator<ReviewTree> {
  const fork = await findFork(store, { head, merge, canFetch });
  if (fork === undefined) {
    problems.push("The history does not reach back to where the pull request left its base branch.");
    return;
  }
  const range = ["--first-parent", `--max-count=${MOST_BASES}`, fork.base, `^${fork.commit}`];
  const bases = (await store.run(["rev-list", ...range])).stdout.split("\n").filter(Boolean);
  for (const base of bases) {
    const { code, stdout, problem } = await store.run([
      "merge-tree",
      "--write-tree",
      "--no-messages",
      base,
      head,
    ]);
    // 1: it conflicts, so GitHub offered no merge of these two either.
    if (code === 1) continue;
    if (code !== 0) {
      problems.push(`Merges cannot be recomputed (${problem}): it takes git 2.38.`);
      return;
    }
    yield { of: "merge", tree: stdout.trim() };
  }
}

/** Where head and base branch part, and the commit of the base branch right before the merge; history is fetched as needed. */
async function findFork(
  store: Store,
  { head, merge, canFetch }: { head: string; merge: string; canFetch: boolean },
): Promise<{ commit: string; base: string } | undefined> {
  for (const depth of [0, ...(canFetch ? DEPTHS : [])]) {
    if (depth > 0 && (await store.fetch([head, merge], depth)).code !== 0) return undefined;
    const [base] = await store.parentsOf(merge);
    if (base === undefined) continue;
    const { code, stdout } = await store.run(["merge-base", base, head]);
    if (code === 0) return { commit: stdout.trim(), base };
  }
  return undefined;
}
