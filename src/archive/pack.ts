import { closeSync, constants, openSync, rmSync } from "node:fs";
import { relative } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Failure } from "../failure.ts";
import { createManifestDigest, type ManifestDigest } from "./digest.ts";
import { executablesInIndex } from "./executable.ts";
import { openRegularFile, readInto } from "./file-content.ts";
import { createFindings, type Findings, type LargeFile } from "./findings.ts";
import { createGzipFile, type GzipFile, type GzipSizes, unwritable } from "./gzip.ts";
import { readIgnoreFile } from "./ignore-file.ts";
import type { LeftOut } from "./left-out.ts";
import { systemCode, withSlashes } from "./paths.ts";
import { parseRules } from "./rules.ts";
import { createSecretScanner, type SecretScanner } from "./secrets.ts";
import { checkIgnoreLines, createSelection } from "./selection.ts";
import { END_OF_ARCHIVE, type TarEntry, tarHeader, tarPadding } from "./tar-entries.ts";
import { findTree, type Tree } from "./tree.ts";
import { createWalk, type Found, type Walk, walkTree } from "./walk.ts";
import { checkUnchanged } from "./watch.ts";

/** After so many entries other work of this process (signals, progress) gets its turn. */
const ENTRIES_PER_TURN = 500;

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
  const packing = { ...(await preparePacking(request, tree)), walk };
  const sizes = await writeArchive(request, packing);
  const { findings } = packing;
  return {
    file: request.destination,
    ...sizes,
    files: findings.files(),
    digest: packing.digest.hex(),
    largest: findings.largest(),
    excluded: walk.leftOut.list(),
    warnings: [...ignoreFile.warnings, ...findings.warnings()],
    surprises: findings.surprises(),
  };
}

/** With `tell`, which is called for every chunk of a file: it reports progress and throws when packing is to stop. */
type Telling = Packing & { tell: (bytes: number) => void };

type Packing = {
  walk: Walk;
  digest: ManifestDigest;
  scanner: SecretScanner;
  findings: Findings;
  executables: Set<string> | undefined;
};

async function preparePacking(request: PackRequest, tree: Tree): Promise<Omit<Packing, "walk">> {
  const bits = request.executableBits ?? (process.platform === "win32" ? "git-index" : "file-system");
  const inIndex = bits === "git-index" ? await executablesInIndex(tree.repositoryRoot) : undefined;
  const findings = createFindings();
  if (bits === "git-index" && inIndex === undefined) {
    findings.warn("Git's index cannot be read, so no file is marked as executable in the archive.");
  }
  return {
    digest: createManifestDigest(),
    scanner: createSecretScanner(request.secrets),
    findings,
    executables: bits === "git-index" ? (inIndex ?? new Set()) : undefined,
  };
}

async function writeArchive(request: PackRequest, packing: Packing): Promise<GzipSizes> {
  const file = openDestination(request.destination);
  const gzip = createGzipFile(file);
  let complete = false;
  try {
    await writeEntries(request, packing, gzip);
    checkUnchanged(packing.walk.watched, packing.walk.tree.repositoryRoot);
    await writeBytes(gzip, END_OF_ARCHIVE);
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

async function writeEntries(request: PackRequest, packing: Packing, gzip: GzipFile): Promise<void> {
  let entries = 0;
  let bytes = 0;
  const tell = (done: number) => {
    request.signal.throwIfAborted();
    bytes += done;
    request.onProgress?.({ files: packing.findings.files(), bytes });
  };
  for (const found of walkTree(packing.walk)) {
    if (found.type === "file") await writeFile({ ...packing, tell }, gzip, found);
    else await writeOther(packing, gzip, found);
    entries += 1;
    if (entries % ENTRIES_PER_TURN === 0) await nextTurn();
  }
}

async function writeFile(
  packing: Telling,
  gzip: GzipFile,
  found: Extract<Found, { type: "file" }>,
): Promise<void> {
  const open = openRegularFile(found.source, found.path);
  try {
    const { size, mode } = open.stat;
    const executable =
      packing.executables === undefined ? (mode & 0o100) !== 0 : isExecutable(packing, found.source);
    await writeHeader(packing, gzip, { type: "file", path: found.path, size, executable });
    packing.scanner.reset();
    const sha256 = await readInto(open, gzip, (chunk) => {
      packing.tell(chunk.length);
      if (packing.scanner.holdsSecret(chunk)) throw secretFound(JSON.stringify(found.path));
    });
    await writeBytes(gzip, tarPadding(size));
    packing.digest.add({ type: "file", path: found.path, executable, sha256 });
    packing.findings.add({ path: found.path, bytes: size, bare: found.bare });
  } finally {
    closeSync(open.file);
  }
}

function isExecutable(packing: Packing, source: string): boolean {
  return packing.executables?.has(withSlashes(relative(packing.walk.tree.repositoryRoot, source))) === true;
}

async function writeOther(
  packing: Packing,
  gzip: GzipFile,
  found: Exclude<Found, { type: "file" }>,
): Promise<void> {
  await writeHeader(packing, gzip, found);
  packing.digest.add(found);
}

async function writeHeader(packing: Packing, gzip: GzipFile, entry: TarEntry): Promise<void> {
  const header = tarHeader(entry);
  packing.scanner.reset();
  if (packing.scanner.holdsSecret(header)) throw secretFound("The name of a file or the target of a link");
  await writeBytes(gzip, header);
}

async function writeBytes(gzip: GzipFile, bytes: Buffer): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    written += gzip.put(bytes, written);
    if (gzip.isFull()) await gzip.flush();
  }
}

function secretFound(where: string): Failure {
  return new Failure(
    "archive",
    `${where} holds the value of a token of this job. Nothing was uploaded. Remove it from there, or exclude the file in .terraformignore or with the input ignore.`,
  );
}
