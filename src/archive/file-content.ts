import { createHash, type Hash, hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { Failure } from "../failure.ts";
import { unreadable } from "./names.ts";
import { systemCode } from "./paths.ts";

/** SHA-256 of no bytes. */
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** An open regular file that is being packed; `path` is how messages call it. */
export type OpenFile = { file: number; stat: Stats; path: string };

/**
 * Opens a file without following a link and without waiting for a pipe's writer.
 * @throws {Failure} `archive` when it is no regular file any more or cannot be read
 */
export function openRegularFile(source: string, path: string): OpenFile {
  let file: number;
  try {
    file = openSync(source, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw systemCode(error) === "ELOOP" ? changed(path) : unreadable(JSON.stringify(path), error);
  }
  const stat = fstatSync(file);
  if (stat.isFile()) return { file, stat, path };
  closeSync(file);
  throw changed(path);
}

/**
 * Where bytes go: `put` copies as many of them from `start` on as fit and returns how many that were; `space` is where they
 * can be put directly, from its start, `advance` then says how many were.
 */
export type Sink = {
  put: (bytes: Buffer, start: number) => number;
  space: () => Buffer;
  advance: (bytes: number) => void;
  isFull: () => boolean;
};

/**
 * Reads the file into the sink, as many bytes as it had when it was opened; stops whenever the sink is full.
 * @param inspect sees every chunk before the next is read
 * @returns SHA-256 of the content, hex
 * @throws {Failure} `archive` when the file changes meanwhile
 */
export function* readInto(
  open: OpenFile,
  sink: Sink,
  inspect: (chunk: Buffer) => void,
): Generator<undefined, string> {
  const { size } = open.stat;
  let hasher: Hash | undefined;
  let digest = EMPTY_SHA256;
  for (let left = size; left > 0; ) {
    const space = sink.space();
    const read = readSome(open, space, left);
    if (read === 0) throw changed(open.path);
    const chunk = space.subarray(0, read);
    inspect(chunk);
    left -= read;
    if (read === size) digest = hash("sha256", chunk, "hex");
    else hasher = (hasher ?? createHash("sha256")).update(chunk);
    sink.advance(read);
    if (sink.isFull()) yield;
  }
  checkSame(open);
  return hasher?.digest("hex") ?? digest;
}

function readSome(open: OpenFile, space: Buffer, most: number): number {
  try {
    return readSync(open.file, space, 0, Math.min(most, space.length), null);
  } catch (error) {
    throw unreadable(JSON.stringify(open.path), error);
  }
}

function checkSame(open: OpenFile): void {
  const now = fstatSync(open.file);
  const { stat } = open;
  if (now.size !== stat.size || now.mtimeMs !== stat.mtimeMs || now.ctimeMs !== stat.ctimeMs)
    throw changed(open.path);
}

function changed(path: string): Failure {
  return new Failure(
    "archive",
    `${JSON.stringify(path)} changed while it was being read. Nothing was uploaded; run it again when nothing writes there.`,
  );
}
