import { Parser } from "tar/parse";
import type { ReadEntry } from "tar/read-entry";
import { Failure } from "../failure.ts";
import { metaFault } from "./tar-meta.ts";

/** The header of an entry, `type` in the words of the package: `File`, `Directory`, `SymbolicLink`, `Link`, … */
export type TarHeader = { type: string; path: string; linkPath: string; mode: number };

/** Takes the content of one entry, then its end. */
export type EntryTaker = { data: (chunk: Buffer) => void; end: () => void };

/**
 * Reads a tar, uncompressed and in chunks of any size, and hands on what is in it; nothing is kept or unpacked. Refused is
 * what the programs that unpack it could read in another way than this one.
 * @param take is called with each header and may throw
 * @throws {Failure} `archive` for what is no tar, breaks off or has something doubtful in it
 */
export function createTarReader(take: (header: TarHeader) => EntryTaker): {
  write: (chunk: Buffer) => void;
  finish: () => void;
} {
  let failed: { error: unknown } | undefined;
  const guarded = <T extends unknown[]>(work: (...given: T) => void) => {
    return (...given: T) => {
      try {
        if (failed === undefined) work(...given);
      } catch (error) {
        failed ??= { error };
      }
    };
  };
  const check = () => {
    if (failed !== undefined) throw failed.error;
  };
  const parser = new Parser({ strict: true, brotli: false, zstd: false });
  parser.on("error", (cause: unknown) => {
    failed ??= { error: damaged(cause) };
  });
  parser.on("meta", guarded(refuseMeta));
  parser.on("ignoredEntry", guarded(refuseEntry));
  parser.on(
    "entry",
    guarded((entry: ReadEntry) => takeEntry(entry, { take, guarded })),
  );
  return readBlocks(parser, check);
}

const BLOCK = 512;
/** Handed on at once. The package reads a long name wrongly where two chunks meet within one of its characters. */
const PART = 1024 * 1024;

function readBlocks(parser: Parser, check: () => void) {
  let isBlank = true;
  let bytes = 0;
  let pending: Buffer[] = [];
  let held = 0;
  const flush = () => {
    const part = Buffer.concat(pending);
    // It would inflate what looks compressed.
    if (bytes === 0 && part[0] === 0x1f) throw damaged(undefined);
    isBlank &&= part.every((byte) => byte === 0);
    [pending, bytes, held] = [[], bytes + held, 0];
    parser.write(part);
    check();
  };
  return {
    write: (chunk: Buffer) => {
      pending.push(chunk);
      held += chunk.length;
      if (held >= PART) flush();
    },
    finish: () => {
      flush();
      // The package takes an archive without entries, which is nothing but zeros, for none at all.
      if (isBlank && bytes >= BLOCK) return;
      if (bytes === 0) throw damaged(undefined);
      parser.end();
      check();
    },
  };
}

type Taking = {
  take: (header: TarHeader) => EntryTaker;
  guarded: <T extends unknown[]>(work: (...given: T) => void) => (...given: T) => void;
};

function takeEntry(entry: ReadEntry, { take, guarded }: Taking): void {
  refuseGlobals(entry);
  const { type, path, linkpath: linkPath = "", mode = 0 } = entry;
  const taker = take({ type, path, linkPath, mode });
  entry.on("end", guarded(taker.end));
  entry.on("data", guarded(taker.data));
}

/** A global header may hold a comment (git writes the commit there); what it says of entries, Go passes over. */
function refuseGlobals({ globalExtended: given, path }: ReadEntry): void {
  if (given === undefined) return;
  const told = [given.path, given.linkpath, given.size, given.mode];
  if (told.some((value) => value !== undefined)) throw doubtful(path, "a global header that changes it");
}

function refuseMeta(text: string): void {
  const fault = metaFault(text);
  if (fault !== undefined) throw doubtful(text.slice(0, 100), fault);
}

function refuseEntry({ path, type }: ReadEntry): void {
  throw doubtful(path, `a header of the type ${type} that is not read`);
}

function doubtful(name: string, what: string): Failure {
  return new Failure(
    "archive",
    `The archive has an entry that can be read in more than one way: ${JSON.stringify(name)}, ${what}.`,
  );
}

function damaged(cause: unknown): Failure {
  return new Failure("archive", "The archive is damaged or is no tar.", { cause });
}
