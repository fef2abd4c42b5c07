import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { Failure } from "../failure.ts";

/** A body as far as it came: `cut` when the connection broke, `over-cap` when reading was stopped at the cap. */
export type HttpBody =
  | { bytes: Uint8Array; end: "whole" | "over-cap" }
  | { bytes: Uint8Array; end: "cut"; error: unknown };

/** What is kept in memory of a body that goes into a file. */
const HEAD_BYTES = 64 * 1024;

/** Reads a body, at most `cap` bytes of it; never rejects. */
export async function readCapped(body: Readable, cap: number): Promise<HttpBody> {
  const chunks: Uint8Array[] = [];
  const ended = await drain(body, cap, (part) => void chunks.push(part));
  return { bytes: Buffer.concat(chunks), ...ended };
}

/**
 * Writes a body into a file (created with mode 0600, or replaced), at most `cap` bytes of it, and returns its first part
 * of at most 64 KiB. Rejects with Failure (`outputs`) when the file cannot be written, and with nothing else.
 */
export async function saveCapped(body: Readable, cap: number, file: string): Promise<HttpBody> {
  hearErrors(body);
  const head: Uint8Array[] = [];
  let headLength = 0;
  const handle = await open(file, "w", 0o600).catch((cause: unknown) => unwritable(file, cause));
  try {
    const ended = await drain(body, cap, async (part) => {
      const first = part.subarray(0, HEAD_BYTES - headLength);
      headLength += first.length;
      if (first.length > 0) head.push(Uint8Array.from(first));
      await handle.writeFile(part).catch((cause: unknown) => unwritable(file, cause));
    });
    return { bytes: Buffer.concat(head), ...ended };
  } finally {
    await handle.close();
  }
}

function unwritable(file: string, cause: unknown): never {
  const remedy = "free some space for the runner's temporary folder";
  throw new Failure("outputs", `${file} cannot be written: ${remedy}`, { cause });
}

type Ended = { end: "whole" | "over-cap" } | { end: "cut"; error: unknown };

/** Hands the body on part by part, at most `cap` bytes. What `take` throws as a Failure is thrown. */
async function drain(
  body: Readable,
  cap: number,
  take: (part: Uint8Array) => void | Promise<void>,
): Promise<Ended> {
  hearErrors(body);
  let length = 0;
  try {
    for await (const chunk of body) {
      const part = toBytes(chunk).subarray(0, cap - length);
      length += part.length;
      await take(part);
      if (part.length < chunk.length) return { end: "over-cap" };
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    return { end: "cut", error };
  }
  return { end: "whole" };
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new Failure("internal", "the HTTP client delivered something that is not bytes");
}

/** A body may break before it is read, or be left early: an error that nobody waits for would end the process. */
function hearErrors(body: Readable): void {
  body.on("error", () => undefined);
}
