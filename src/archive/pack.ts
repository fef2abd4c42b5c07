import { closeSync, constants, openSync, rmSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createManifestDigest } from "./digest.ts";
import { executablesInIndex } from "./executable.ts";
import { createFindings, type Findings, type LargeFile } from "./findings.ts";
import { createGzipFile, type GzipSizes, unwritable } from "./gzip.ts";
import { readIgnoreFile } from "./ignore-file.ts";
import type { LeftOut } from "./left-out.ts";
import { systemCode } from "./paths.ts";
import { createWalk } from "./place.ts";
import { parseRules } from "./rules.ts";
import { createSecretScanner } from "./secrets.ts";
import { checkIgnoreLines, createSelection } from "./selection.ts";
import { findTree, type Tree } from "./tree.ts";
import { type Contents, writeEntries } from "./write-entries.ts";

/**
 * What to pack: `root` is the absolute directory, `repositoryRoot` the absolute one that links may lead to, `ignore` the
 * lines of the input, `secrets` the values that must not leave, `destination` the file to write. `executableBits` says
 * where they come from; by default the file system, on Windows git's index.
 */
export type PackRequest = {
  root: string;
  repositoryRoot: string;
  ignore: string[];
  secrets: string[];
  destination: string;
  signal: AbortSignal;
  onProgress?: (progress: PackProgress) => void;
  executableBits?: "file-system" | "git-index";
};

/** What has been packed so far; bytes are those before compression. */
export type PackProgress = { files: number; bytes: number };

/**
 * A packed directory: the file, its bytes and those before compression, the number of files and of all entries, the digest D
 * (64 hex digits, see digest.ts), the ten largest files, what was left out by which rule (directories with all that is
 * in them count once), what the user should be warned of, and where a rule of the ignore file may surprise.
 */
export type Archive = {
  file: string;
  bytes: number;
  rawBytes: number;
  files: number;
  digest: string;
  largest: LargeFile[];
  excluded: LeftOut[];
  warnings: string[];
  surprises: string[];
};

/**
 * Packs a directory to a `.tar.gz`: what the CLI would upload, without what must not leave, in bytes that depend on names,
 * content and executable bits only. Memory does not grow with the size of the directory.
 * @throws {Failure} `archive` (nothing is left at `destination` then), `input` for the lines of `ignore`
 * @throws the signal's reason when it is aborted
 */
export async function packDirectory(request: PackRequest): Promise<Archive> {
  request.signal.throwIfAborted();
  const tree = findTree(request);
  checkIgnoreLines(request.ignore);
  const ignoreFile = readIgnoreFile(tree.root, tree.repositoryRoot);
  const rules = await parseRules(ignoreFile.content, ignoreFile.name);
  const walk = createWalk(tree, createSelection(rules, request.ignore));
  const findings = createFindings();
  const digest = createManifestDigest();
  const executables = await findExecutables(request, tree, findings);
  const scanner = createSecretScanner(request.secrets);
  const sizes = await writeArchive(request, { walk, digest, scanner, findings, executables });
  return {
    file: request.destination,
    ...sizes,
    files: findings.files(),
    digest: digest.hex(),
    largest: findings.largest(),
    excluded: walk.leftOut.list(),
    warnings: [...ignoreFile.warnings, ...findings.warnings()],
    surprises: findings.surprises(),
  };
}

/** The executable files where git's index has to tell; undefined where the file system does. */
async function findExecutables(
  request: PackRequest,
  tree: Tree,
  findings: Findings,
): Promise<Set<string> | undefined> {
  const bits = request.executableBits ?? (process.platform === "win32" ? "git-index" : "file-system");
  if (bits === "file-system") return undefined;
  const inIndex = await executablesInIndex(tree.repositoryRoot);
  if (inIndex !== undefined) return inIndex;
  findings.warn("Git's index cannot be read, so no file is marked as executable in the archive.");
  return new Set();
}

async function writeArchive(request: PackRequest, contents: Contents): Promise<GzipSizes> {
  const file = openDestination(request.destination);
  const gzip = createGzipFile(file);
  let complete = false;
  try {
    for (const _pause of writeEntries({ ...contents, sink: gzip, tell: createTeller(request, contents) })) {
      if (gzip.isFull()) await gzip.flush();
      else await nextTurn();
    }
    const sizes = await gzip.finish();
    complete = true;
    return sizes;
  } finally {
    gzip.close();
    closeSync(file);
    if (!complete) rmSync(request.destination, { force: true });
  }
}

function openDestination(path: string): number {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
  try {
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | (O_NOFOLLOW ?? 0), 0o600);
  } catch (error) {
    throw unwritable(systemCode(error), error);
  }
}

/** Called with the size of every chunk: throws when packing is to stop, else reports what has been packed so far. */
function createTeller(request: PackRequest, contents: Contents): (bytes: number) => void {
  let packed = 0;
  return (bytes) => {
    request.signal.throwIfAborted();
    packed += bytes;
    request.onProgress?.({ files: contents.findings.files(), bytes: packed });
  };
}
