import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Failure } from "../failure.ts";
import { createManifestDigest, type ManifestEntry } from "./digest.ts";
import { checkName } from "./names.ts";
import { comparePaths, systemCode } from "./paths.ts";
import { createTarReader, type EntryTaker, type TarHeader } from "./tar-reader.ts";

/** What an archive may have at most: entries, and bytes before compression. */
export type ArchiveLimits = { entries: number; rawBytes: number };

/** More than any configuration has; a server that takes more can be compared by nobody. */
export const ARCHIVE_LIMITS: ArchiveLimits = { entries: 100_000, rawBytes: 1024 * 1024 * 1024 };

/**
 * The digest D (64 hex digits, see digest.ts) of a `.tar.gz` that anybody packed, in whatever order and with whatever
 * times and owners: that of packDirectory for the same tree. It is read through once, nothing is unpacked. The path of an
 * entry is what an unpacker makes of it: `./a` and `a` are the same.
 * @throws {Failure} `archive` for what is damaged or beyond the limits, for names that occur twice, lead out of the archive
 * or through a link or a file, and for entries that are neither files, directories nor symbolic links
 * @throws the signal's reason when it is aborted
 */
export async function digestOfArchive(
  file: string,
  limits: ArchiveLimits = ARCHIVE_LIMITS,
  signal?: AbortSignal,
): Promise<string> {
  const manifest = createManifest(limits);
  const reader = createTarReader(manifest.take);
  const read = async (chunks: AsyncIterable<Buffer>) => {
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > limits.rawBytes) throw refused(`has more than ${limits.rawBytes} bytes before compression`);
      reader.write(chunk);
    }
    reader.finish();
  };
  try {
    await pipeline(createReadStream(file), createGunzip(), read, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Failure) throw error;
    throw refused(`cannot be read (${systemCode(error)})`, error);
  }
  return manifest.digest();
}

function refused(what: string, cause?: unknown): Failure {
  return new Failure("archive", `The archive ${what}.`, { cause });
}

/** Collects the entries, by path. */
function createManifest(limits: ArchiveLimits) {
  const entries = new Map<string, ManifestEntry>();
  return {
    take: (header: TarHeader): EntryTaker => {
      const path = checkPath(header.path);
      if (path === "" && header.type === "Directory") return ignored;
      if (entries.has(path)) throw refused(`has ${JSON.stringify(path)} twice`);
      if (entries.size === limits.entries) throw refused(`has more than ${limits.entries} entries`);
      return takeEntry(entries, path, header);
    },
    digest: () => {
      checkParents(entries);
      const digest = createManifestDigest();
      const sorted = [...entries.values()].sort((one, two) => comparePaths(sortKey(one), sortKey(two)));
      for (const entry of sorted) digest.add(entry);
      return digest.hex();
    },
  };
}

const ignored: EntryTaker = { data: () => undefined, end: () => undefined };

/** As packDirectory sorts: a directory right before what is in it. */
function sortKey({ type, path }: ManifestEntry): string {
  return type === "directory" ? `${path}/` : path;
}

function takeEntry(entries: Map<string, ManifestEntry>, path: string, header: TarHeader): EntryTaker {
  const { type, linkPath, mode } = header;
  if (type === "Directory") {
    entries.set(path, { type: "directory", path });
    return ignored;
  }
  if (type === "SymbolicLink") {
    entries.set(path, { type: "link", path, target: checkTarget(path, linkPath) });
    return ignored;
  }
  if (path === "" || !["File", "OldFile", "ContiguousFile"].includes(type)) {
    throw refused(`has the entry ${JSON.stringify(header.path)} of the type ${type}, which is not uploaded`);
  }
  const entry = { type: "file" as const, path, executable: (mode & 0o100) !== 0, sha256: "" };
  entries.set(path, entry);
  const hash = createHash("sha256");
  return {
    data: (chunk) => {
      hash.update(chunk);
    },
    end: () => {
      entry.sha256 = hash.digest("hex");
    },
  };
}

/** The path below the directory that is unpacked into, empty for that itself. */
function checkPath(name: string): string {
  checkName(name);
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (name.startsWith("/") || parts.includes(".."))
    throw refused(`has the entry ${JSON.stringify(name)}, which leads out of it`);
  return parts.join("/");
}

function checkTarget(path: string, target: string): string {
  checkName(target);
  const leadsTo = posix.join(posix.dirname(path), target);
  if (target.startsWith("/") || leadsTo === ".." || leadsTo.startsWith("../")) {
    const [from, to] = [JSON.stringify(path), JSON.stringify(target)];
    throw refused(`has the link ${from} to ${to}, which leads out of it`);
  }
  return target;
}

/** What lies below a link is written elsewhere, what lies below a file nowhere. */
function checkParents(entries: Map<string, ManifestEntry>): void {
  for (const path of entries.keys()) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const parent = entries.get(path.slice(0, end));
      if (parent !== undefined && parent.type !== "directory") {
        throw refused(`has ${JSON.stringify(path)} below ${JSON.stringify(parent.path)}, a ${parent.type}`);
      }
    }
  }
}
