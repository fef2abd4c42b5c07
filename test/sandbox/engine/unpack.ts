import { chmodSync, existsSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import type { ArchiveEntry } from "../world.ts";

export type ArchiveFile = ArchiveEntry & { content: Buffer };

/** The entries of a tar.gz in order. Throws on what is no gzip or no tar. */
export function readArchive(archive: Buffer): Promise<ArchiveFile[]> {
  return new Promise((resolve, reject) => {
    const files: ArchiveFile[] = [];
    const parser = new Parser({
      strict: true,
      onReadEntry: (entry: ReadEntry) => {
        const chunks: Buffer[] = [];
        entry.on("data", (chunk: Buffer) => chunks.push(Buffer.from(chunk)));
        entry.on("end", () => files.push(fileOf(entry, Buffer.concat(chunks))));
      },
    });
    parser.on("error", (error: unknown) => reject(error instanceof Error ? error : new Error(String(error))));
    parser.on("end", () => resolve(files));
    const bytes = gunzipSync(archive);
    // the parser takes an archive without entries for no archive
    if (bytes.length > 0 && bytes.every((byte) => byte === 0)) resolve([]);
    else parser.end(bytes);
  });
}

const fileOf = (entry: ReadEntry, content: Buffer): ArchiveFile => ({
  path: entry.path,
  type: entry.type,
  mode: entry.mode ?? 0,
  size: entry.size,
  linkpath: entry.linkpath ?? "",
  mtime: entry.mtime?.getTime() ?? 0,
  content,
});

/** Reads an archive and throws on the first entry that go-slug's Unpack refuses (hashicorp/go-slug, slug.go). */
export async function inspectArchive(archive: Buffer): Promise<ArchiveFile[]> {
  const files = await readArchive(archive);
  const links = new Set<string>();
  for (const file of files) {
    checkName(file);
    checkParents(file, links);
    checkType(file);
    if (file.type === "SymbolicLink") {
      checkTarget(file);
      links.add(cleanName(file.path));
    }
  }
  return files;
}

/** The name below the target directory: absolute ones are re-rooted, `.` and trailing slashes vanish. */
const cleanName = (name: string): string => path.posix.join("/", name).slice(1).replace(/\/$/u, "");

function checkName({ path: name }: ArchiveFile): void {
  if (name.split("/").includes("..")) {
    throw new Error(`invalid filename, traversal with ".." outside of current directory: ${name}`);
  }
}

function checkParents({ path: name }: ArchiveFile, links: Set<string>): void {
  const parts = cleanName(name).split("/");
  const through = parts.slice(0, -1).some((_, index) => links.has(parts.slice(0, index + 1).join("/")));
  if (through) throw new Error(`cannot extract "${name}" through symlink`);
}

function checkType({ path: name, type }: ArchiveFile): void {
  if (!["File", "OldFile", "ContiguousFile", "Directory", "SymbolicLink"].includes(type)) {
    throw new Error(`failed creating "${name}", unsupported file type ${type}`);
  }
}

function checkTarget({ path: name, linkpath }: ArchiveFile): void {
  const target = path.posix.join(path.posix.dirname(cleanName(name)), linkpath);
  if (linkpath.startsWith("/") || target === ".." || target.startsWith("../")) {
    throw new Error(`invalid symlink ("${name}" -> "${linkpath}") has external target`);
  }
}

/** Unpacks into an existing directory; empty directories vanish, as with go-slug. */
export async function unpack(archive: Buffer, directory: string): Promise<void> {
  for (const file of await inspectArchive(archive)) {
    const target = path.join(directory, cleanName(file.path));
    if (file.type === "Directory" || path.basename(target).startsWith("._")) continue;
    mkdirSync(path.dirname(target), { recursive: true });
    if (file.type === "SymbolicLink") {
      if (!existsSync(target)) symlinkSync(file.linkpath, target);
    } else {
      if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
        throw new Error(`cannot extract "${file.path}" through symlink`);
      }
      writeFileSync(target, file.content);
      chmodSync(target, file.mode & 0o777);
    }
  }
}
