import { type FileHandle, open, rm } from "node:fs/promises";
import { Failure } from "../failure.ts";
import type { LogPiece } from "./types.ts";

/** The file that holds the remote log, raw. `write` settles when the operating system has taken the text. */
export type LogFile = { write: (pieces: LogPiece[]) => Promise<void>; close: () => Promise<void> };

/** Pieces are joined up to about this many UTF-16 units before they are written. */
const BATCH_UNITS = 64 * 1024;

/**
 * Makes a new file that only its owner may read (a log may hold what a provider let slip), in place of any old one.
 * Throws Failure "outputs" where it cannot be made or written.
 */
export async function createLogFile(path: string): Promise<LogFile> {
  const file = await orFail(path, async () => {
    await rm(path, { force: true });
    return open(path, "wx", 0o600);
  });
  return {
    write: (pieces) => orFail(path, () => writeBatches(file, pieces)),
    close: () => orFail(path, () => file.close()),
  };
}

async function writeBatches(file: FileHandle, pieces: LogPiece[]): Promise<void> {
  let batch: string[] = [];
  let units = 0;
  for (const { text, ends } of pieces) {
    if (ends) batch.push(text, "\n");
    else batch.push(text);
    units += text.length + 1;
    if (units < BATCH_UNITS) continue;
    await file.writeFile(batch.join(""));
    [batch, units] = [[], 0];
  }
  if (batch.length > 0) await file.writeFile(batch.join(""));
}

async function orFail<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
    throw new Failure(
      "outputs",
      `The file for the run's log, ${path}, cannot be written${why}. Free the disk or make the folder writable.`,
      { cause },
    );
  }
}
