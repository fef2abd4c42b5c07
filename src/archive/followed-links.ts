import { basename, relative, sep } from "node:path";
import { Failure } from "../failure.ts";
import { followLink, type ResolvedLink, resolveLink } from "./links.ts";
import { unreadable } from "./names.ts";
import { isInside, withSlashes } from "./paths.ts";
import type { Place, Walk } from "./place.ts";

/** Links that lead to directories with links multiply; no configuration has this many. */
const MAX_FOLLOWED_DIRECTORIES = 1000;

/**
 * What becomes of a link in a place. Below a followed directory every link is followed: what it leads to has another place,
 * or none, in the archive.
 * @throws {Failure} `archive`, naming link and target, when it leads astray or cannot be read
 */
export function resolveIn(walk: Walk, place: Place, name: string): ResolvedLink {
  const path = place.path + name;
  try {
    if (place.trail.length === 1) return resolveLink(walk.tree, path);
    return followLink(walk.tree, { path, from: place.source + sep + name });
  } catch (error) {
    throw error instanceof Failure ? error : unreadable(JSON.stringify(path), error);
  }
}

/**
 * The followed directory that a link leads to, as a place in the archive.
 * @throws {Failure} `archive` when it is one that the link lies in, or one too many
 */
export function enterLinked(walk: Walk, place: Place, link: { path: string; target: string }): Place {
  const circle = place.trail.includes(link.target) || isInside(link.target, place.source);
  if (circle) {
    const where = withSlashes(relative(walk.tree.repositoryRoot, link.target)) || basename(link.target);
    throw new Failure(
      "archive",
      `The link ${JSON.stringify(link.path)} leads back to the directory ${JSON.stringify(where)} that it lies in. Remove it, or exclude it in .terraformignore.`,
    );
  }
  walk.followedDirectories += 1;
  if (walk.followedDirectories > MAX_FOLLOWED_DIRECTORIES) {
    throw new Failure(
      "archive",
      `More than ${MAX_FOLLOWED_DIRECTORIES} links lead to directories outside of the packed one, the last is ${JSON.stringify(link.path)}. Exclude them in .terraformignore.`,
    );
  }
  const trail = [...place.trail, link.target];
  return { ...place, source: link.target, path: `${link.path}/`, rulePath: "", trail };
}
