import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { GitAnswer } from "./program.ts";
import type { Store } from "./store.ts";

/**
 * Writes the files of a tree into a new folder, as a checkout without submodules and large files (LFS) does: ends of lines
 * as `.gitattributes` and the job's settings say, links as links, executable bits kept. Git checks every name and never
 * writes through a link; there are no filters to run in this repository. Rules for exports (`export-ignore`,
 * `export-subst`) do not count.
 */
export async function exportTree(store: Store, tree: string, folder: string): Promise<GitAnswer> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // In the repository: beside the tree it might be taken for a part of what is packed.
  const variables = { GIT_INDEX_FILE: join(store.directory, `index-${tree}`), GIT_WORK_TREE: folder };
  const read = await store.run(["read-tree", tree], variables);
  return read.code === 0 ? store.run(["checkout-index", "--all", "--quiet"], variables) : read;
}
