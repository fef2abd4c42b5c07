import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { Failure } from "../failure.ts";
import { isInside, systemCode } from "./paths.ts";

const NAME = ".terraformignore";

/** An ignore file: its path from the repository's root, its bytes, and what the user should know about it. */
export type IgnoreFile = { name: string; content: Uint8Array | undefined; warnings: string[] };

/**
 * Reads the ignore file of the packed directory, the only place where go-slug looks for one.
 * @returns undefined content when there is none
 * @throws {Failure} `archive` when it is there and cannot be read, or is a link that leaves the repository
 */
export function readIgnoreFile(root: string, repositoryRoot: string): IgnoreFile {
  const path = join(root, NAME);
  const name = relative(repositoryRoot, path).split(sep).join("/");
  try {
    const target = realpathSync.native(path);
    if (!isInside(repositoryRoot, target)) {
      throw new Failure(
        "archive",
        `${name} is a link to ${target}, outside of the repository; put the rules into the file itself.`,
      );
    }
    const content = readRegularFile(target, name);
    return { name, content, warnings: startsWithMark(content) ? [markWarning(name)] : [] };
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (systemCode(error) === "ENOENT") return { name, content: undefined, warnings: [] };
    throw new Failure(
      "archive",
      `${name} cannot be read (${systemCode(error)}), so it is unknown what must not be uploaded; make it readable.`,
      { cause: error },
    );
  }
}

function readRegularFile(path: string, name: string): Uint8Array {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!fstatSync(file).isFile()) {
      throw new Failure(
        "archive",
        `${name} is not a regular file, so it is unknown what must not be uploaded; remove or replace it.`,
      );
    }
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function startsWithMark(content: Uint8Array): boolean {
  return content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf;
}

function markWarning(name: string): string {
  return `${name} starts with a byte order mark, which belongs to its first rule for the CLI and for this action: that rule excludes nothing. Save the file as UTF-8 without one.`;
}
