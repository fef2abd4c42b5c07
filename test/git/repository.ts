// Real repositories: a bare remote with the refs of a pull request as GitHub has them, and checkouts as actions/checkout
// makes them.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const environment = {
  PATH: process.env["PATH"],
  HOME: devNull,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: devNull,
  ...{ GIT_AUTHOR_NAME: "Mona", GIT_AUTHOR_EMAIL: "mona@example.com" },
  ...{ GIT_COMMITTER_NAME: "Mona", GIT_COMMITTER_EMAIL: "mona@example.com" },
};

export function git(directory: string, ...given: string[]): string {
  const options = { cwd: directory, env: environment, encoding: "utf8", stdio: "pipe" } as const;
  return execFileSync("git", ["-c", "protocol.file.allow=always", ...given], options).trim();
}

/** Whether there is a git that can recompute merges; says so where tests are skipped for want of it. */
export function hasGit(what: string): boolean {
  try {
    const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(git(tmpdir(), "--version")) ?? [];
    if (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 38)) return true;
  } catch {
    // said below
  }
  process.stderr.write(`skipped: ${what}, there is no git 2.38 on PATH\n`);
  return false;
}

export type Files = Record<string, string | undefined>;

/** The repository behind the remote, to be worked in; `main` has one commit of `files`. */
export function makeRepository(files: Files) {
  const folder = mkdtempSync(join(tmpdir(), "repository-"));
  const [work, remote] = [join(folder, "work"), join(folder, "remote.git")];
  git(folder, "init", "--quiet", "--bare", "--initial-branch=main", remote);
  git(folder, "init", "--quiet", "--initial-branch=main", work);
  const origin = pathToFileURL(remote).href;
  git(work, "remote", "add", "origin", origin);
  const commit = (changed: Files, message = "Change") => {
    write(work, changed);
    git(work, "add", "--all");
    git(work, "commit", "--quiet", "--allow-empty", "-m", message);
    return git(work, "rev-parse", "HEAD");
  };
  const push = (...specs: string[]) => git(work, "push", "--quiet", "--force", "origin", ...specs);
  commit(files, "First");
  push("main");
  const mergeOf = (base: string, head: string) => {
    const tree = git(work, "merge-tree", "--write-tree", base, head);
    return git(work, "commit-tree", tree, "-p", base, "-p", head, "-m", "Merge");
  };
  return {
    ...{ folder, work, remote, origin, commit, push },
    git: (...given: string[]) => git(work, ...given),
    /** Commits on main, as others' pull requests do. */
    onMain: (changed: Files) => {
      git(work, "checkout", "--quiet", "main");
      const sha = commit(changed);
      push("main");
      return sha;
    },
    /** Commits on the branch of pull request 1; GitHub then offers head and trial merge. */
    onBranch: (changed: Files, branch = "change", number = 1) => {
      git(work, "checkout", "--quiet", "-B", branch, branchOr(work, branch));
      const head = commit(changed);
      const trial = mergeOf("main", head);
      push(branch, `${head}:refs/pull/${number}/head`, `${trial}:refs/pull/${number}/merge`);
      return { head, trial };
    },
    /** Merges a head into main in one of GitHub's ways and deletes what GitHub does not keep. */
    merge: (head: string, how: "merge" | "squash" | "rebase" = "merge", number = 1) => {
      git(work, "checkout", "--quiet", "main");
      if (how === "rebase") {
        git(work, "cherry-pick", "--keep-redundant-commits", `main..${head}`);
      } else {
        const merged = mergeOf("main", head);
        const tree = git(work, "rev-parse", `${merged}^{tree}`);
        const squashed = () => git(work, "commit-tree", tree, "-p", "main", "-m", "Squash (#1)");
        git(work, "reset", "--quiet", "--hard", how === "merge" ? merged : squashed());
      }
      push("main");
      git(remote, "update-ref", "-d", `refs/pull/${number}/merge`);
      return git(work, "rev-parse", "HEAD");
    },
    /** As actions/checkout leaves it: one commit, detached; `depth` 0 for the whole history. */
    checkout: (ref: string, depth = 1) => checkout({ folder, origin }, ref, depth),
    /** Writes an object as it is, whatever git thinks of it. */
    object: (type: string, content: Buffer) =>
      execFileSync("git", ["hash-object", "-t", type, "-w", "--literally", "--stdin"], {
        ...{ cwd: work, env: environment, input: content, encoding: "utf8" },
      }).trim(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export type Repository = ReturnType<typeof makeRepository>;

function branchOr(work: string, branch: string): string {
  return git(work, "branch", "--list", branch) === "" ? "main" : branch;
}

function checkout(
  { folder, origin }: { folder: string; origin: string },
  ref: string,
  depth: number,
): string {
  const directory = mkdtempSync(join(folder, "checkout-"));
  git(directory, "init", "--quiet", directory);
  git(directory, "remote", "add", "origin", origin);
  const heads = depth === 0 ? ["+refs/heads/*:refs/remotes/origin/*"] : [`--depth=${depth}`];
  git(
    directory,
    "fetch",
    "--quiet",
    "--no-tags",
    "origin",
    ...heads,
    `+${ref}:refs/remotes/origin/checked-out`,
  );
  git(directory, "checkout", "--quiet", "--detach", "refs/remotes/origin/checked-out");
  return directory;
}

function write(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (content === undefined) rmSync(path);
    else writeFileSync(path, content);
  }
}
