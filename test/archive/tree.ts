import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { type Archive, type PackRequest, packDirectory } from "../../src/archive/pack.ts";

/** Some tests need an index of git's. */
export const hasGit = spawnSync("git", ["--version"]).error === undefined;
if (!hasGit) process.stderr.write("SKIPPED: tests of git's index and archives, for git is not on PATH\n");

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new empty directory that is removed after the tests of the file. */
export function temporaryFolder(inside = tmpdir()): string {
  const folder = realpathSync(mkdtempSync(join(inside, "archive-test-")));
  folders.push(folder);
  return folder;
}

/** Content of a file; a `mode` makes it that, `null` makes a directory, a link says where it leads. */
export type Content = string | Buffer | null | { link: string } | { mode: number; content: string };

/**
 * Makes a repository with the directory `infra` in it, in which the paths are; `../x` lies beside it.
 */
export function repository(contents: Record<string, Content>): { repositoryRoot: string; root: string } {
  const repositoryRoot = temporaryFolder();
  const root = join(repositoryRoot, "infra");
  mkdirSync(root);
  for (const [path, content] of Object.entries(contents)) create(join(root, path), content);
  return { repositoryRoot, root };
}

export function create(path: string, content: Content): void {
  mkdirSync(content === null ? path : dirname(path), { recursive: true });
  if (content === null) return;
  if (typeof content === "string" || Buffer.isBuffer(content)) writeFileSync(path, content);
  else if ("link" in content) symlinkSync(content.link, path);
  else {
    writeFileSync(path, content.content);
    chmodSync(path, content.mode);
  }
}

/** Packs with defaults for what a test does not care about. */
export function pack(
  request: Pick<PackRequest, "root" | "repositoryRoot"> & Partial<PackRequest>,
): Promise<Archive> {
  return packDirectory({
    ignore: [],
    secrets: [],
    destination: join(temporaryFolder(), "archive.tar.gz"),
    signal: new AbortController().signal,
    ...request,
  });
}

/** The names in an archive as the system's tar lists them: directories with a slash, links as `name -> target`. */
export function list(file: string): string[] {
  return verbose(file).map((line) => line.split(/\s+/).slice(5).join(" "));
}

/** The lines of `tar -tv` with numeric owners and full times in UTC. */
export function verbose(file: string): string[] {
  const options = ["--numeric-owner", "--full-time", "--quoting-style=literal", "-tvzf", file];
  const output = execFileSync("tar", options, {
    encoding: "utf8",
    env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" },
  });
  return output.split("\n").filter((line) => line !== "");
}

/** Unpacks with the system's tar into a new folder. */
export function unpack(file: string): string {
  const folder = temporaryFolder();
  execFileSync("tar", ["-xzf", file, "-C", folder]);
  return folder;
}
