import { createLeftOutCounter, type LeftOutCounter } from "./left-out.ts";
import type { LinkTree } from "./links.ts";
import type { Rule } from "./rules.ts";
import { type Selection, takesLink } from "./selection.ts";
import type { Tree } from "./tree.ts";
import type { Watched } from "./watch.ts";

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

/** A walk that has not begun. */
export function createWalk(tree: Tree, select: Selection): Walk {
  const linkTree = { ...tree, isTaken: (path: string) => takesLink(select, path) };
  return { tree: linkTree, select, leftOut: createLeftOutCounter(), watched: [], followedDirectories: 0 };
}

/** A directory being read: where it is, its path in the archive and for the rules, the followed directories it lies in. */
export type Place = {
  source: string;
  path: string;
  rulePath: string;
  trail: readonly string[];
  bare: Rule | undefined;
  broughtBack: boolean;
};
