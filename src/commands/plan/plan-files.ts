import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { Failure } from "../../failure.ts";
import type { JsonSource } from "../../plan/json-members.ts";

/** Bytes of a file that are read at once. */
const WINDOW_BYTES = 256 * 1024;

/** An open file as the text of a plan, read through a window, so that small parts in a row cost one read. */
export async function openJsonFile(handle: FileHandle): Promise<JsonSource> {
  const { size } = await handle.stat();
  let buffer = Buffer.allocUnsafe(WINDOW_BYTES);
  let window = { start: 0, end: 0 };
  const fill = async (start: number, end: number): Promise<void> => {
    const length = Math.max(WINDOW_BYTES, end - start);
    // One buffer for all small parts; one of its own for a large part, which is given up with the next.
    if (buffer.length !== length) buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await handle.read(buffer, 0, length, start);
    window = { start, end: start + bytesRead };
  };
  return {
    bytes: size,
    read: async (start, end) => {
      if (start < window.start || end > window.end) await fill(start, end);
      return buffer.subarray(start - window.start, Math.min(end, window.end) - window.start);
    },
  };
}

/** A text file that is there when it is complete, and not at all before. */
export type TextFile = {
  write: (lines: string[]) => Promise<void>;
  /** Gives the file its name. */
  finish: () => Promise<void>;
  /** Removes what was written; does nothing after `finish`. */
  discard: () => Promise<void>;
};

/** Characters that are written at once. */
const BATCH_LENGTH = 256 * 1024;

/** Begins a text file of mode 0600; each line written ends with a line feed. Its methods throw Failure("outputs"). */
export function createTextFile(file: string): TextFile {
  const part = `${file}.part`;
  let handle: FileHandle | undefined;
  let batch = "";
  const flush = () =>
    orFailure(file, async () => {
      handle ??= await open(part, "w", 0o600);
      await handle.writeFile(batch);
      batch = "";
    });
  const close = () =>
    orFailure(file, async () => {
      await handle?.close();
      handle = undefined;
    });
  return {
    write: async (lines) => {
      batch += `${lines.join("\n")}\n`;
      if (batch.length >= BATCH_LENGTH) await flush();
    },
    finish: async () => {
      await flush();
      await close();
      await orFailure(file, () => rename(part, file));
    },
    discard: async () => {
      await close();
      await orFailure(file, () => rm(part, { force: true }));
    },
  };
}

async function orFailure(file: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (cause) {
    const remedy = "see that the runner's temporary folder can be written and has space";
    throw new Failure("outputs", `${file} cannot be written: ${remedy}`, { cause });
  }
}

/** The first lines of a text, and how many more it has. */
export type Head = { lines: string[]; more: number };

/** Collects whole lines until they have `most` UTF-16 units together, and counts the others. */
export function collectHead(most: number): { head: Head; write: (lines: string[]) => void } {
  const head: Head = { lines: [], more: 0 };
  let length = 0;
  return {
    head,
    write: (lines) => {
      for (const line of lines) {
        if (length >= most) head.more += 1;
        else head.lines.push(line);
        length += line.length + 1;
      }
    },
  };
}
