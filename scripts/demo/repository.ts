import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import path from "node:path";
import { onPath } from "../../test/sandbox/engine/binary.ts";
import { temporaryDirectory } from "../../test/sandbox/temporary.ts";

const configurations = path.resolve(import.meta.dirname, "../../test/fixtures/sandbox");

/** A checked out pull request: `head` is its newest commit, `merge` the commit that the job runs on. */
export type Repository = { directory: string; base: string; head: string; merge: string };

/** Makes a repository with a pull request as `actions/checkout` leaves it; without git only its files. */
export function makeRepository(backend: string): Repository {
  const directory = temporaryDirectory("demo-repository-");
  const git = onPath("git") === undefined ? () => "" : gitIn(directory);
  git("init", "--quiet", "--initial-branch=main");
  writeFileSync(path.join(directory, "README.md"), "# Infrastructure of the shop\n");
  writeConfiguration(directory, "before", backend);
  const base = commit(git, "The shop as it is");
  git("switch", "--quiet", "--create", "change");
  writeConfiguration(directory, "after", backend);
  const head = commit(git, "Open the web shop, upgrade the database");
  git("switch", "--quiet", "--detach", "main");
  git("merge", "--quiet", "--no-ff", "-m", `Merge ${head} into ${base}`, "change");
  return { directory, base, head, merge: git("rev-parse", "HEAD") || "2".repeat(40) };
}

function writeConfiguration(directory: string, name: string, backend: string): void {
  const target = path.join(directory, "infra");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  cpSync(path.join(configurations, name), target, { recursive: true });
  writeFileSync(path.join(target, "backend.tf"), backend);
}

type Git = (...args: string[]) => string;

function commit(git: Git, message: string): string {
  git("add", "--all");
  git("commit", "--quiet", "-m", message);
  return git("rev-parse", "HEAD") || (message.startsWith("The") ? "0" : "1").repeat(40);
}

const gitIn =
  (directory: string): Git =>
  (...args) =>
    execFileSync("git", args, { cwd: directory, encoding: "utf8", env: gitEnvironment() }).trim();

const gitEnvironment = (): Record<string, string | undefined> => ({
  ...process.env,
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "mona",
  GIT_AUTHOR_EMAIL: "mona@example.com",
  GIT_COMMITTER_NAME: "mona",
  GIT_COMMITTER_EMAIL: "mona@example.com",
});
