import { type Dirent, readdirSync } from "node:fs";
import { relative, sep } from "node:path";
import { enterLinked, resolveIn } from "./followed-links.ts";
import { checkName, unreadable } from "./names.ts";
import { neverUploaded } from "./never.ts";
import { comparePaths, withSlashes } from "./paths.ts";
import type { Found, Place, Walk } from "./place.ts";
import type { Choice } from "./selection.ts";
import { watch } from "./watch.ts";

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
  const resolved = resolveIn(walk, place, name);
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
    place: enterLinked(walk, place, { path, target: resolved.path }),
  };
}
