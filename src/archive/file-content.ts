import { createHash, type Hash, hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { Failure } from "../failure.ts";
import { unreadable } from "./names.ts";
import { systemCode } from "./paths.ts";

/** SHA-256 of no bytes. */
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** An open regular file that is being packed; `name` is how messages call it. */
export type OpenFile = { file: number; stat: Stats; name: string };

/**
 * Opens a file without following a link and without waiting for a pipe's writer.
 * @throws {Failure} `archive` when it is no regular file any more or cannot be read
 */
export function openRegularFile(source: string, path: string): OpenFile {
  const name = JSON.stringify(path);
  let file: number;
  try {
    file = openSync(source, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw systemCode(error) === "ELOOP" ? changed(name) : unreadable(name, error);
  }
  const stat = fstatSync(file);
  if (stat.isFile()) return { file, stat, name };
  closeSync(file);
  throw changed(name);
}

/** Where the bytes of a file go: `space` is filled from its start, `advance` says how far; a full one is flushed. */
export type Sink = {
  space: () => Buffer;
  advance: (bytes: number) => void;
  isFull: () => boolean;
  flush: () => Promise<void>;
};

/**
 * Reads the file into the sink, as many bytes as it had when it was opened.
 * @param inspect sees every chunk before the next is read
 * @returns SHA-256 of the content, hex
 * @throws {Failure} `archive` when the file changes meanwhile
 */
export async function readInto(
  open: OpenFile,
  sink: Sink,
  inspect: (chunk: Buffer) => void,
): Promise<string> {
  const { size } = open.stat;
  let hasher: Hash | undefined;
  let digest = EMPTY_SHA256;
  for (let left = size; left > 0; ) {
    const space = sink.space();
    const read = readSome(open, space, left);
    if (read === 0) throw changed(open.name);
    const chunk = space.subarray(0, read);
    inspect(chunk);
    left -= read;
    if (read === size) digest = hash("sha256", chunk, "hex");
    else hasher = (hasher ?? createHash("sha256")).update(chunk);
    sink.advance(read);
    if (sink.isFull()) await sink.flush();
  }
  checkSame(open);
  return hasher?.digest("hex") ?? digest;
}

function readSome(open: OpenFile, space: Buffer, most: number): number {
  try {
    return readSync(open.file, space, 0, Math.min(most, space.length), null);
  } catch (error) {
    throw unreadable(open.name, error);
  }
}

function checkSame(open: OpenFile): void {
  const now = fstatSync(open.file);
  const { stat } = open;
  if (now.size !== stat.size || now.mtimeMs !== stat.mtimeMs || now.ctimeMs !== stat.ctimeMs)
    throw changed(open.name);
}

function changed(name: string): Failure {
  return new Failure(
    "archive",
    `${name} changed while it was being read. Nothing was uploaded; run it again when nothing writes there.`,
  );
}
