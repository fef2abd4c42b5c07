import { realpathSync, statSync } from "node:fs";
import { dirname, relative } from "node:path";
import { Failure } from "../failure.ts";
import { neverUploaded } from "./never.ts";
import { isInside, systemCode, withSlashes } from "./paths.ts";

/** The packed directory and the repository around it: absolute, without links. */
export type Tree = { root: string; repositoryRoot: string };

/**
 * Finds the directories of a request.
 * @throws {Failure} `archive` when one is no directory, the packed one lies outside of the repository or where files never
 * leave, or the archive would be written into what it packs
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
  refuseWhatNeverLeaves(repositoryRoot, root);
  const destination = realDirectory(dirname(request.destination));
  if (isInside(root, destination)) {
    throw new Failure(
      "archive",
      `The archive cannot be written to ${destination}, which is inside of the directory that is uploaded, ${root}.`,
    );
  }
  return { root, repositoryRoot };
}

/** The names below the packed directory do not tell that it is `.git` itself, where a link in the repository may lead. */
function refuseWhatNeverLeaves(repositoryRoot: string, root: string): void {
  const way = withSlashes(relative(repositoryRoot, root));
  const rule = neverUploaded(`${way}/terraform.tfstate`);
  if (rule === undefined) return;
  throw new Failure(
    "archive",
    `The directory to upload, ${root}, is a place of files that never leave the machine (${rule}). Correct the input working-directory or the workspace's working directory.`,
  );
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
