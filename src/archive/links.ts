import { lstatSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, posix, relative } from "node:path";
import { Failure } from "../failure.ts";
import { neverUploaded } from "./never.ts";
import { isInside, systemCode, withSlashes } from "./paths.ts";
import type { Tree } from "./tree.ts";

/** More links than any system passes on one way (Linux 40, Go 255). */
const MAX_LINKS = 256;

/** What becomes of a link: kept with a relative target, or replaced by what it leads to (an absolute path without links). */
export type ResolvedLink = { action: "keep"; target: string } | FollowedLink;
export type FollowedLink = { action: "follow"; path: string; type: "file" | "directory" | "other" };

/** The tree, and whether the link at a path, relative to its root, gets into the archive. */
export type LinkTree = Tree & { isTaken: (path: string) => boolean };

/** How many more links may be passed on the way of one link. */
type Budget = { left: number };

/**
 * Decides what becomes of a link in the packed tree itself: kept when it stays in the tree (also when nothing is there),
 * else followed when it stays in the repository.
 * @param path the link's path relative to the packed directory, with `/`
 * @throws {Failure} `archive`, naming link and target, when it leaves the repository or leads to nothing outside of the tree
 */
export function resolveLink(tree: LinkTree, path: string): ResolvedLink {
  const target = withSlashes(readlinkSync(join(tree.root, path)));
  const budget = { left: MAX_LINKS };
  const inside = targetInTree(tree, { path, target }, budget);
  // A way without end leads nowhere on the server either.
  if (inside !== undefined || budget.left === 0) {
    return { action: "keep", target: isAbsolute(target) ? relativeTarget(path, inside ?? path) : target };
  }
  const followed = followLink(tree, { path, from: join(tree.root, path) });
  if (!isInside(tree.root, followed.path)) return followed;
  return { action: "keep", target: relativeTarget(path, withSlashes(relative(tree.root, followed.path))) };
}

function relativeTarget(path: string, inside: string): string {
  const way = posix.relative(posix.dirname(path), inside);
  return way === "" ? "." : way;
}

/**
 * Where a link leads within the archive, relative to its root; undefined when it leaves it. The names are walked one by
 * one, as the server will: `d/../x` with `d -> .` leaves the tree although the text of it does not; a link that a rule
 * leaves out is no link there.
 */
function targetInTree(
  tree: LinkTree,
  link: { path: string; target: string },
  budget: Budget,
): string | undefined {
  const start = startOf(tree, link);
  if (start === undefined) return undefined;
  const { at, names } = start;
  let isReal = true;
  for (const name of names) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (at.pop() === undefined) return undefined;
      continue;
    }
    at.push(name);
    const next = isReal ? readLink(tree, at.join("/")) : undefined;
    if (next === undefined) continue;
    if (budget.left > 0) budget.left -= 1;
    if (budget.left === 0) return undefined;
    const place = placeInArchive(tree, { path: at.join("/"), target: next }, budget);
    isReal = place !== undefined;
    if (place !== undefined) at.splice(0, at.length, ...place.split("/").filter((part) => part !== ""));
  }
  return at.join("/");
}

/**
 * Where a link on the way leads within the archive. Undefined when it is replaced by what it leads to: from there on
 * there are no links in the archive.
 */
function placeInArchive(
  tree: LinkTree,
  link: { path: string; target: string },
  budget: Budget,
): string | undefined {
  const inside = targetInTree(tree, link, budget);
  if (inside !== undefined) return inside;
  const real = realPath(join(tree.root, link.path));
  if (real === undefined || !isInside(tree.root, real)) return undefined;
  return withSlashes(relative(tree.root, real));
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

function startOf(
  tree: Tree,
  link: { path: string; target: string },
): { at: string[]; names: string[] } | undefined {
  if (!isAbsolute(link.target))
    return { at: link.path.split("/").slice(0, -1), names: link.target.split("/") };
  if (!isInside(tree.root, link.target)) return undefined;
  return { at: [], names: withSlashes(relative(tree.root, link.target)).split("/") };
}

function readLink(tree: LinkTree, path: string): string | undefined {
  const source = join(tree.root, path);
  try {
    if (!lstatSync(source).isSymbolicLink() || !tree.isTaken(path)) return undefined;
    return withSlashes(readlinkSync(source));
  } catch {
    return undefined;
  }
}

/**
 * Follows a link to a place in the repository.
 * @param link its path in the archive, and where it really is
 * @throws {Failure} `archive`, naming link and target
 */
export function followLink(tree: Tree, link: { path: string; from: string }): FollowedLink {
  const target = readlinkSync(link.from);
  const path = realPathOf(link, target);
  if (!isInside(tree.repositoryRoot, path)) {
    throw linkFailure(
      { path: link.path, target },
      "leaves the repository. Copy what it leads to into the repository, or exclude the link in .terraformignore.",
    );
  }
  const stat = statSync(path);
  const inRepository = withSlashes(relative(tree.repositoryRoot, path)) + (stat.isDirectory() ? "/" : "");
  const rule = neverUploaded(inRepository);
  if (rule !== undefined) {
    throw linkFailure(
      { path: link.path, target },
      `leads to what never leaves the machine (${rule}). Exclude the link in .terraformignore.`,
    );
  }
  return {
    action: "follow",
    path,
    type: stat.isFile() ? "file" : stat.isDirectory() ? "directory" : "other",
  };
}

function realPathOf(link: { path: string; from: string }, target: string): string {
  try {
    // The system's own: Node's shortens "link/.." in a target before it has followed the link.
    return realpathSync.native(link.from);
  } catch (error) {
    const problem =
      systemCode(error) === "ELOOP"
        ? "leads in a circle."
        : `leads out of the packed directory to where nothing can be read (${systemCode(error)}).`;
    throw linkFailure(
      { path: link.path, target },
      `${problem} Correct the link, or exclude it in .terraformignore.`,
      error,
    );
  }
}

function linkFailure(link: { path: string; target: string }, problem: string, cause?: unknown): Failure {
  const message = `The link ${JSON.stringify(link.path)} -> ${JSON.stringify(link.target)} ${problem}`;
  return new Failure("archive", message, { cause });
}
