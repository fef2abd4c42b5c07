import { createHash } from "node:crypto";

/** One entry of the manifest; paths with `/`, a directory's without one at the end. */
export type ManifestEntry =
  | { type: "file"; path: string; executable: boolean; sha256: string }
  | { type: "directory"; path: string }
  | { type: "link"; path: string; target: string };

/** Takes the entries in byte order of their paths (a directory's counted with a slash at its end) and ends in the digest. */
export type ManifestDigest = { add: (entry: ManifestEntry) => void; hex: () => string };

/**
 * The digest D of what was uploaded: SHA-256 over one line per entry, `path NUL type NUL executable NUL content`, where
 * type is `file`, `directory` or `link`, executable `x` or empty, and content the file's SHA-256 in hex, the link's target or
 * empty. It does not depend on compression, times, owners or the operating system.
 */
export function createManifestDigest(): ManifestDigest {
  const hash = createHash("sha256");
  return {
    add: (entry) => {
      hash.update(manifestLine(entry));
    },
    hex: () => hash.digest("hex"),
  };
}

function manifestLine(entry: ManifestEntry): string {
  const executable = entry.type === "file" && entry.executable ? "x" : "";
  const content = entry.type === "file" ? entry.sha256 : entry.type === "link" ? entry.target : "";
  return `${entry.path}\0${entry.type}\0${executable}\0${content}\n`;
}
