import { Failure } from "../failure.ts";
import { systemCode } from "./paths.ts";

const MAX_PATH_BYTES = 4095;

/**
 * Refuses names that a server or a reader of the log would take for something else.
 * @throws {Failure} `archive`, naming the path
 */
export function checkName(path: string): void {
  const shown = JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
  if (/[\p{Cc}]/u.test(path)) {
    throw new Failure(
      "archive",
      `The name ${shown} holds control characters. Rename it, or exclude it in .terraformignore.`,
    );
  }
  if (!path.isWellFormed() || path.includes("\uFFFD")) {
    throw new Failure(
      "archive",
      `The name ${shown} is not valid Unicode. Rename it, or exclude it in .terraformignore.`,
    );
  }
  if (path.length > MAX_PATH_BYTES / 3 && Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new Failure(
      "archive",
      `The path ${shown} is longer than ${MAX_PATH_BYTES} bytes. Shorten it, or exclude it in .terraformignore.`,
    );
  }
}

/** A failure that says why something could not be read. */
export function unreadable(what: string, error: unknown): Failure {
  const code = systemCode(error);
  if (code === "ENOENT")
    return new Failure(
      "archive",
      `${what} vanished while the archive was made. Nothing was uploaded; run it again when nothing writes there.`,
      { cause: error },
    );
  if (code === "ENAMETOOLONG")
    return new Failure(
      "archive",
      `${what} has a path that is too long to be read. Shorten it, or exclude it in .terraformignore.`,
      { cause: error },
    );
  return new Failure(
    "archive",
    `${what} cannot be read (${code}). Make it readable, or exclude it in .terraformignore.`,
    { cause: error },
  );
}
