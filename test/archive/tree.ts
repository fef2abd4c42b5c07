import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { extract, list as listEntries, type ReadEntry } from "tar";
import { afterAll } from "vitest";
import { type Archive, type PackRequest, packDirectory } from "../../src/archive/pack.ts";

/** Some tests need an index of git's. */
export const hasGit = spawnSync("git", ["--version"]).error === undefined;
if (!hasGit) process.stderr.write("SKIPPED: tests of git's index and archives, for git is not on PATH\n");

/** The system's tar is the referee of what this action packs; elsewhere the package reads what it wrote. */
export const hasGnuTar = String(spawnSync("tar", ["--version"]).stdout).includes("GNU tar");
if (!hasGnuTar)
  process.stderr.write("SKIPPED: GNU tar as a second reader of archives, for it is not on PATH\n");

/** Named pipes are made by a program of the system. */
export const hasPipes = spawnSync("mkfifo", ["--version"]).error === undefined;
if (!hasPipes) process.stderr.write("SKIPPED: tests of named pipes, for mkfifo is not on PATH\n");

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

/** The names in an archive as `tar -tv` lists them: directories with a slash, links as `name -> target`. */
export function list(file: string): string[] {
  return verbose(file).map((line) => line.split(/\s+/).slice(5).join(" "));
}

/** The lines of GNU `tar -tv` with numeric owners and full times in UTC. */
export function verbose(file: string): string[] {
  if (!hasGnuTar) return entriesOf(file).map(lineOf);
  const options = ["--numeric-owner", "--full-time", "--quoting-style=literal", "-tvzf", file];
  const output = execFileSync("tar", options, {
    encoding: "utf8",
    env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" },
  });
  return output.split("\n").filter((line) => line !== "");
}

function entriesOf(file: string): ReadEntry[] {
  const entries: ReadEntry[] = [];
  listEntries({ file, sync: true, onReadEntry: (entry) => entries.push(entry) });
  return entries;
}

const SIGNS: Partial<Record<ReadEntry["type"], string>> = { Directory: "d", SymbolicLink: "l" };

function lineOf({ type, mode = 0, uid, gid, size, mtime, path, linkpath }: ReadEntry): string {
  const rights = [...mode.toString(2).padStart(9, "0").slice(-9)].map((bit, i) =>
    bit === "1" ? "rwx"[i % 3] : "-",
  );
  const time = mtime?.toISOString().replace("T", " ").slice(0, 19);
  const name = linkpath ? `${path} -> ${linkpath}` : path;
  return `${SIGNS[type] ?? "-"}${rights.join("")} ${uid}/${gid} ${String(size).padStart(15)} ${time} ${name}`;
}

/** Unpacks with the system's tar into a new folder. */
export function unpack(file: string): string {
  const folder = temporaryFolder();
  if (hasGnuTar) execFileSync("tar", ["-xzf", file, "-C", folder]);
  else extract({ file, cwd: folder, sync: true, preservePaths: true });
  return folder;
}
