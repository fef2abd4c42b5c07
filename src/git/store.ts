import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Checkout } from "./checkout.ts";
import type { Git, GitAnswer } from "./program.ts";

/**
 * A repository of our own that sees the objects of the checkout, and that fetches what is missing there: the checkout is
 * never written to, and of its settings only those that reach its remote count.
 */
export type Store = {
  directory: string;
  has: (commit: string) => Promise<boolean>;
  /** The tree of a commit. */
  treeOf: (commit: string) => Promise<string | undefined>;
  /** Its parents as it names them, also where the history is cut. */
  parentsOf: (commit: string) => Promise<string[]>;
  /** The commits that these refs of the remote point to; an answer that failed where it cannot be reached. */
  lookUp: (refs: string[]) => Promise<Map<string, string> | GitAnswer>;
  /** Fetches commits with as much of their history. */
  fetch: (commits: string[], depth: number) => Promise<GitAnswer>;
  /** Any command on this repository. */
  run: (given: string[], variables?: Record<string, string>) => Promise<GitAnswer>;
};

const FETCH_TIMEOUT_MS = 120_000;
const COMMIT = /^[0-9a-f]{40}$/;

/** `credentials`: settings beside the checkout's. `undefined` where no repository can be made, as git is too old. */
export async function openStore(
  git: Git,
  checkout: Checkout,
  options: { folder: string; credentials: [string, string][] },
): Promise<Store | undefined> {
  const directory = join(options.folder, "objects.git");
  const made = await git({ arguments: ["init", "--quiet", "--bare", "--template=", directory] });
  if (made.code !== 0) return undefined;
  lend(checkout, directory);
  const settings = [...checkout.settings, ...options.credentials];
  const run = (given: string[], variables: Record<string, string> = {}) =>
    git({ arguments: [`--git-dir=${directory}`, ...given], settings, variables });
  return {
    directory,
    run,
    has: async (commit) => (await run(["cat-file", "-e", `${commit}^{commit}`])).code === 0,
    treeOf: async (commit) => {
      const { code, stdout } = await run(["rev-parse", "--verify", "--quiet", `${commit}^{tree}`]);
      return code === 0 ? stdout.trim() : undefined;
    },
    parentsOf: async (commit) => {
      const { stdout } = await run(["cat-file", "commit", commit]);
      const [header = ""] = stdout.split("\n\n");
      return [...header.matchAll(/^parent ([0-9a-f]{40})$/gm)].map(([, parent = ""]) => parent);
    },
    lookUp: (refs) => lookUp(run, checkout.remote, refs),
    fetch: (commits, depth) => {
      const remote = checkout.remote ?? "";
      const options = ["--quiet", "--no-tags", "--no-write-fetch-head", "--force", `--depth=${depth}`];
      const specs = commits
        .filter((commit) => COMMIT.test(commit))
        .map((sha) => `${sha}:refs/fetched/${sha}`);
      const given = [`--git-dir=${directory}`, "fetch", ...options, "--end-of-options", remote, ...specs];
      return git({ arguments: given, settings, timeoutMs: FETCH_TIMEOUT_MS });
    },
  };
}

/** Objects of a partial clone are not lent: what is missing there would seem to be here. */
function lend({ objects, shallow, partial }: Checkout, directory: string): void {
  if (partial || /["\n]/.test(objects)) return;
  writeFileSync(join(directory, "objects", "info", "alternates"), `${objects}\n`);
  if (existsSync(shallow)) copyFileSync(shallow, join(directory, "shallow"));
}

async function lookUp(
  run: Store["run"],
  remote: string | undefined,
  refs: string[],
): Promise<Map<string, string> | GitAnswer> {
  if (remote === undefined)
    return { code: 1, stdout: "", problem: "the checkout has no remote that can be used" };
  const listed = await run(["ls-remote", "--quiet", "--end-of-options", remote, ...refs]);
  if (listed.code !== 0) return listed;
  const found = [...listed.stdout.matchAll(/^([0-9a-f]{40})\t(.+)$/gm)];
  return new Map(found.map(([, sha = "", ref = ""]) => [ref, sha]));
}
