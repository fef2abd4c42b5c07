import { Header } from "tar/header";
import { Pax } from "tar/pax";

const BLOCK = 512;
const MAX_USTAR_SIZE = 0o77777777777;

const TYPES = { file: "File", directory: "Directory", link: "SymbolicLink" } as const;

/** What an archive holds: paths relative to the packed directory with `/`, a directory's without one at the end. */
export type TarEntry =
  | { type: "file"; path: string; size: number; executable: boolean }
  | { type: "directory"; path: string }
  | { type: "link"; path: string; target: string };

/** The two blocks of zeros that end an archive. */
export const END_OF_ARCHIVE: Buffer = Buffer.alloc(2 * BLOCK);

/**
 * Makes the headers of entries: ustar, with an extended (pax) header before it only where a field does not fit. Nothing of
 * the machine is in it: owner 0 without a name, time 0, mode 0755 for what can be entered or executed, else 0644.
 * What it returns is overwritten by the next call.
 */
export function createTarHeaders(): (entry: TarEntry) => Buffer {
  const header = new Header({ uid: 0, gid: 0, mtime: new Date(0), devmaj: 0, devmin: 0 });
  const block = Buffer.alloc(BLOCK);
  return (entry) => {
    const path = entry.type === "directory" ? `${entry.path}/` : entry.path;
    header.path = path;
    header.size = entry.type === "file" ? entry.size : 0;
    header.mode = entry.type === "file" && !entry.executable ? 0o644 : 0o755;
    header.linkpath = entry.type === "link" ? entry.target : "";
    header.type = TYPES[entry.type];
    block.fill(0);
    const isExtended = header.encode(block, 0) || losesSlash(entry, path);
    return isExtended ? Buffer.concat([extendedHeader(entry, path), block]) : block;
  };
}

/** The package splits a long path between two fields and drops the slash at its end there. */
function losesSlash(entry: TarEntry, path: string): boolean {
  return entry.type === "directory" && Buffer.byteLength(path) >= 100;
}

function extendedHeader(entry: TarEntry, path: string): Buffer {
  const pax = new Pax({
    path,
    ...(entry.type === "link" ? { linkpath: entry.target } : {}),
    ...(entry.type === "file" && entry.size > MAX_USTAR_SIZE ? { size: entry.size } : {}),
  });
  return pax.encode();
}

/** Zeros that fill the last block of a file of that size. */
export function tarPadding(size: number): Buffer {
  return END_OF_ARCHIVE.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
}
