import { type BigIntStats, lstatSync } from "node:fs";
import { basename, relative } from "node:path";
import { Failure } from "../failure.ts";
import { unreadable } from "./names.ts";
import { withSlashes } from "./paths.ts";

/** A place that the archive relies on, and what it was when it was met. */
export type Watched = { path: string; stat: BigIntStats };

/** Notes what is at an absolute path now; throws the file system's error. */
export function watch(path: string): Watched {
  return { path, stat: lstatSync(path, { bigint: true }) };
}

/**
 * Checks that the directories and followed links are what they were when they were read: a directory that was moved away
 * and back in between could have shown another one's content.
 * @throws {Failure} `archive`, naming what changed
 */
export function checkUnchanged(watched: readonly Watched[], repositoryRoot: string): void {
  for (const { path, stat } of watched) {
    const name = JSON.stringify(withSlashes(relative(repositoryRoot, path)) || basename(path));
    let now: BigIntStats;
    try {
      now = lstatSync(path, { bigint: true });
    } catch (error) {
      throw unreadable(name, error);
    }
    if (
      now.ino !== stat.ino ||
      now.dev !== stat.dev ||
      now.ctimeNs !== stat.ctimeNs ||
      now.mtimeNs !== stat.mtimeNs
    ) {
      throw new Failure(
        "archive",
        `${name} changed while the archive was made. Nothing was uploaded; run it again when nothing writes there.`,
      );
    }
  }
}
