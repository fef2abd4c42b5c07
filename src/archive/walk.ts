import { type Dirent, readdirSync } from "node:fs";
import { basename, relative, sep } from "node:path";
import { Failure } from "../failure.ts";
import { createLeftOutCounter, type LeftOutCounter } from "./left-out.ts";
import { type FollowedLink, followLink, type LinkTree, resolveLink } from "./links.ts";
import { checkName, unreadable } from "./names.ts";
import { neverUploaded } from "./never.ts";
import { comparePaths, isInside, withSlashes } from "./paths.ts";
import type { Rule } from "./rules.ts";
import { type Choice, type Selection, takesLink } from "./selection.ts";
import type { Tree } from "./tree.ts";
import { type Watched, watch } from "./watch.ts";

/** Links that lead to directories with links multiply; no configuration has this many. */
const MAX_FOLLOWED_DIRECTORIES = 1000;

/** What is to be packed; `source` is the file's absolute path, `bare` the rule that looks as if it excluded the file. */
export type Found =
  | { type: "file"; path: string; source: string; bare: Rule | undefined }
  | { type: "directory"; path: string }
  | { type: "link"; path: string; target: string };

/** One walk: where and by what rules; what it left out and which places it relied on is collected while it goes. */
export type Walk = {
  tree: LinkTree;
  select: Selection;
  leftOut: LeftOutCounter;
  watched: Watched[];
  followedDirectories: number;
};

export function createWalk(tree: Tree, select: Selection): Walk {
  const linkTree = { ...tree, isTaken: (path: string) => takesLink(select, path) };
  return { tree: linkTree, select, leftOut: createLeftOutCounter(), watched: [], followedDirectories: 0 };
}

/** A directory being read: where it is, its path in the archive and for the rules, the followed directories it lies in. */
type Place = {
  source: string;
  path: string;
  rulePath: string;
  trail: readonly string[];
  bare: Rule | undefined;
  broughtBack: boolean;
};

type Child = Found | { type: "enter"; path: string; place: Place; entry: boolean };

/**
 * Lists what is packed, sorted by the bytes of the paths (a directory's counted with a slash at its end, so that it comes
 * right before what is in it).
 * @throws {Failure} `archive` for names that cannot be packed, links that lead astray, directories that cannot be read
 */
export function* walkTree(walk: Walk): Generator<Found> {
  yield* walkDirectory(walk, {
    source: walk.tree.root,
    path: "",
    rulePath: "",
    trail: [walk.tree.root],
    bare: undefined,
    broughtBack: false,
  });
}

function* walkDirectory(walk: Walk, place: Place): Generator<Found> {
  const children = readDirectory(walk, place).flatMap((dirent) => {
    const child = examine(walk, place, dirent);
    return child === undefined ? [] : [{ key: sortKey(child), child }];
  });
  children.sort((first, second) => comparePaths(first.key, second.key));
  for (const { child } of children) {
    if (child.type !== "enter") {
      yield child;
    } else {
      if (child.entry) yield { type: "directory", path: child.path };
      yield* walkDirectory(walk, child.place);
    }
  }
}

function sortKey(child: Child): string {
  return child.type === "enter" ? `${child.path}/` : child.path;
}

function readDirectory(walk: Walk, place: Place): Dirent[] {
  try {
    walk.watched.push(watch(place.source));
    return readdirSync(place.source, { withFileTypes: true });
  } catch (error) {
    throw unreadable(place.path === "" ? "The packed directory" : JSON.stringify(place.path), error);
  }
}

/** What becomes of one name in a directory; undefined when nothing does. */
function examine(walk: Walk, place: Place, dirent: Dirent): Child | undefined {
  const path = place.path + dirent.name;
  const directory = dirent.isDirectory();
  const { broughtBack } = place;
  const choice = walk.select({ path, rulePath: place.rulePath + dirent.name, directory, broughtBack });
  const source = place.source + sep + dirent.name;
  const never = choice.action === "take" ? neverUploadedUnderItsNames(walk, place, dirent) : undefined;
  if (never !== undefined) {
    walk.leftOut.add({ label: `${never} (never uploaded)`, line: undefined }, directory);
    return undefined;
  }
  if (choice.action === "skip") return examineSkipped(walk, place, { dirent, choice });
  checkName(path);
  if (directory) return { type: "enter", path, entry: true, place: below(place, dirent.name, choice) };
  if (dirent.isSymbolicLink()) return examineLink(walk, place, dirent.name);
  if (dirent.isFile()) return { type: "file", path, source, bare: choice.matched ? undefined : place.bare };
  walk.leftOut.add({ label: "sockets, pipes and devices", line: undefined }, false);
  return undefined;
}

/**
 * A link to a directory counts as one: `.git` may be one. Below a followed link a place has two names, and the one in the
 * repository may be one that never leaves, too.
 */
function neverUploadedUnderItsNames(walk: Walk, place: Place, dirent: Dirent): string | undefined {
  const slash = dirent.isDirectory() ? "/" : "";
  const asDirectory = dirent.isSymbolicLink() ? neverUploaded(`${place.path}${dirent.name}/`) : undefined;
  if (asDirectory !== undefined || place.trail.length === 1) return asDirectory;
  const source = relative(walk.tree.repositoryRoot, place.source + sep + dirent.name);
  return neverUploaded(withSlashes(source) + slash);
}

type Skipped = { dirent: Dirent; choice: Extract<Choice, { action: "skip" }> };

function examineSkipped(walk: Walk, place: Place, skipped: Skipped): Child | undefined {
  const { dirent, choice } = skipped;
  const directory = dirent.isDirectory();
  if (directory && choice.below) {
    const inside = below(place, dirent.name, choice);
    return { type: "enter", path: place.path + dirent.name, entry: false, place: inside };
  }
  walk.leftOut.add(choice.reason, directory);
  return undefined;
}

function below(place: Place, name: string, choice: Choice): Place {
  return {
    ...place,
    source: place.source + sep + name,
    path: `${place.path}${name}/`,
    rulePath: `${place.rulePath}${name}/`,
    bare: (choice.action === "skip" ? choice.bare : undefined) ?? place.bare,
    broughtBack: choice.action === "take" && choice.broughtBack,
  };
}

function examineLink(walk: Walk, place: Place, name: string): Child | undefined {
  const path = place.path + name;
  const resolved = resolve(walk, place, name);
  if (resolved.action === "keep") {
    checkName(resolved.target);
    return { type: "link", path, target: resolved.target };
  }
  if (resolved.type === "other") {
    walk.leftOut.add({ label: "sockets, pipes and devices", line: undefined }, false);
    return undefined;
  }
  walk.watched.push(watch(resolved.path));
  if (resolved.type === "file") return { type: "file", path, source: resolved.path, bare: undefined };
  return {
    type: "enter",
    path,
    entry: false,
    place: enterLink(walk, place, { path, target: resolved.path }),
  };
}

/** Below a followed directory every link is followed: what it leads to has another place, or none, in the archive. */
function resolve(walk: Walk, place: Place, name: string): ReturnType<typeof resolveLink> | FollowedLink {
  const path = place.path + name;
  try {
    if (place.trail.length === 1) return resolveLink(walk.tree, path);
    return followLink(walk.tree, { path, from: place.source + sep + name });
  } catch (error) {
    throw error instanceof Failure ? error : unreadable(JSON.stringify(path), error);
  }
}

function enterLink(walk: Walk, place: Place, link: { path: string; target: string }): Place {
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
