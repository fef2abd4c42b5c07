import { closeSync } from "node:fs";
import { relative } from "node:path";
import { Failure } from "../failure.ts";
import type { ManifestDigest } from "./digest.ts";
import { openRegularFile, readInto, type Sink } from "./file-content.ts";
import type { Findings } from "./findings.ts";
import { withSlashes } from "./paths.ts";
import type { Found, Walk } from "./place.ts";
import type { SecretScanner } from "./secrets.ts";
import { createTarHeaders, END_OF_ARCHIVE, type TarEntry, tarPadding } from "./tar-entries.ts";
import { walkTree } from "./walk.ts";
import { checkUnchanged } from "./watch.ts";

/** After so many entries other work of this process (signals) gets its turn. */
const ENTRIES_PER_TURN = 500;

/** What is written, and what is found out on the way. `executables` overrides the file system's executable bits. */
export type Contents = {
  walk: Walk;
  digest: ManifestDigest;
  scanner: SecretScanner;
  findings: Findings;
  executables: Set<string> | undefined;
};

/** With the place where the bytes go, and `tell`, which is called with the size of every chunk and may throw. */
export type Writing = Contents & { sink: Sink; tell: (bytes: number) => void };

/**
 * Writes all entries and the end of the archive. It stops whenever the sink is full, to be flushed before it goes on, and
 * now and then to let other work have its turn. (A generator, because a promise per step costs more than a small file.)
 * @throws {Failure} `archive`
 */
export function* writeEntries(writing: Writing): Generator<undefined> {
  const header = createTarHeaders();
  let entries = 0;
  for (const found of walkTree(writing.walk)) {
    if (found.type === "file") yield* writeFile(writing, found, header);
    else yield* writeOther(writing, found, header);
    entries += 1;
    if (entries % ENTRIES_PER_TURN === 0) yield;
  }
  checkUnchanged(writing.walk.watched, writing.walk.tree.repositoryRoot);
  yield* writeBytes(writing.sink, END_OF_ARCHIVE);
}

type TarHeaders = (entry: TarEntry) => Buffer;

function* writeFile(
  writing: Writing,
  found: Extract<Found, { type: "file" }>,
  header: TarHeaders,
): Generator<undefined> {
  const { path, source, bare } = found;
  const open = openRegularFile(source, path);
  try {
    const { size, mode } = open.stat;
    const executable = writing.executables?.has(pathInIndex(writing, source)) ?? (mode & 0o100) !== 0;
    yield* writeHeader(writing, header({ type: "file", path, size, executable }));
    writing.scanner.reset();
    const sha256 = yield* readInto(open, writing.sink, (chunk) => {
      writing.tell(chunk.length);
      if (writing.scanner.holdsSecret(chunk)) throw secretFound(JSON.stringify(path));
    });
    yield* writeBytes(writing.sink, tarPadding(size));
    writing.digest.add({ type: "file", path, executable, sha256 });
    writing.findings.add({ path, bytes: size, bare });
  } finally {
    closeSync(open.file);
  }
}

function pathInIndex(writing: Writing, source: string): string {
  return withSlashes(relative(writing.walk.tree.repositoryRoot, source));
}

function* writeOther(
  writing: Writing,
  found: Exclude<Found, { type: "file" }>,
  header: TarHeaders,
): Generator<undefined> {
  yield* writeHeader(writing, header(found));
  writing.digest.add(found);
}

function* writeHeader(writing: Writing, header: Buffer): Generator<undefined> {
  writing.scanner.reset();
  if (writing.scanner.holdsSecret(header)) throw secretFound("The name of a file or the target of a link");
  yield* writeBytes(writing.sink, header);
}

function* writeBytes(sink: Sink, bytes: Buffer): Generator<undefined> {
  for (let written = 0; written < bytes.length; ) {
    written += sink.put(bytes, written);
    if (sink.isFull()) yield;
  }
}

function secretFound(where: string): Failure {
  return new Failure(
    "archive",
    `${where} holds the value of a token of this job. Nothing was uploaded. Remove it from there, or exclude the file in .terraformignore or with the input ignore.`,
  );
}
