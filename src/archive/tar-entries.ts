import { Header, Pax } from "tar";

const BLOCK = 512;
const MAX_USTAR_SIZE = 0o77777777777;

/** What an archive holds: paths relative to the packed directory with `/`, a directory's without one at the end. */
export type TarEntry =
  | { type: "file"; path: string; size: number; executable: boolean }
  | { type: "directory"; path: string }
  | { type: "link"; path: string; target: string };

/** The two blocks of zeros that end an archive. */
export const END_OF_ARCHIVE: Buffer = Buffer.alloc(2 * BLOCK);

/**
 * The header of an entry: ustar, with an extended (pax) header before it only where a field does not fit. Nothing of the
 * machine is in it: owner 0 without a name, time 0, mode 0755 for what can be entered or executed, else 0644.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const size = entry.type === "file" ? entry.size : 0;
  const path = entry.type === "directory" ? `${entry.path}/` : entry.path;
  const target = entry.type === "link" ? entry.target : undefined;
  const header = new Header({
    path,
    mode: entry.type === "file" && !entry.executable ? 0o644 : 0o755,
    uid: 0,
    gid: 0,
    size,
    mtime: new Date(0),
    type: entry.type === "file" ? "File" : entry.type === "directory" ? "Directory" : "SymbolicLink",
    ...(target === undefined ? {} : { linkpath: target }),
  });
  // From the pool that small buffers share: there is one for every file.
  const block = Buffer.allocUnsafe(BLOCK).fill(0);
  const extended = header.encode(block, 0) || losesSlash(entry, path);
  if (!extended) return block;
  return Buffer.concat([extendedHeader({ path, target, size }), block]);
}

/** The package splits a long path between two fields and drops the slash at its end there. */
function losesSlash(entry: TarEntry, path: string): boolean {
  return entry.type === "directory" && Buffer.byteLength(path) >= 100;
}

function extendedHeader(fields: { path: string; target: string | undefined; size: number }): Buffer {
  const pax = new Pax({
    path: fields.path,
    ...(fields.target === undefined ? {} : { linkpath: fields.target }),
    ...(fields.size > MAX_USTAR_SIZE ? { size: fields.size } : {}),
  });
  return pax.encode();
}

/** Zeros that fill the last block of a file of that size. */
export function tarPadding(size: number): Buffer {
  return END_OF_ARCHIVE.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
}
