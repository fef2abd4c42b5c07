import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../failure.ts";
import { isInside, systemCode } from "./paths.ts";

/** The packed directory and the repository around it: absolute, without links. */
export type Tree = { root: string; repositoryRoot: string };

/**
 * Finds the directories of a request.
 * @throws {Failure} `archive` when one is no directory, the packed one lies outside of the repository, or the archive would
 * be written into what it packs
 */
export function findTree(request: { root: string; repositoryRoot: string; destination: string }): Tree {
  const repositoryRoot = realDirectory(request.repositoryRoot);
  const root = realDirectory(request.root);
  if (!isInside(repositoryRoot, root)) {
    throw new Failure(
      "archive",
      `The directory to upload, ${root}, is not inside of the repository ${repositoryRoot}. Correct the input working-directory or the workspace's working directory.`,
    );
  }
  const destination = realDirectory(dirname(request.destination));
  if (isInside(root, destination)) {
    throw new Failure(
      "archive",
      `The archive cannot be written to ${destination}, which is inside of the directory that is uploaded, ${root}.`,
    );
  }
  return { root, repositoryRoot };
}

function realDirectory(path: string): string {
  try {
    const real = realpathSync.native(path);
    if (statSync(real).isDirectory()) return real;
  } catch (error) {
    throw new Failure("archive", `The directory ${path} cannot be read (${systemCode(error)}).`, {
      cause: error,
    });
  }
  throw new Failure("archive", `${path} is not a directory.`);
}
