import { dirname, posix } from "node:path";
import { Failure } from "../failure.ts";
import { withSlashes } from "./paths.ts";

/**
 * The directory that is uploaded: the root module's own or, when the workspace has a working directory, the one above
 * from which that path leads to it (as OpenTofu's remote backend does, internal/backend/remote/backend_plan.go, but by
 * whole names and never silently different).
 * @param directory absolute directory of the root module
 * @param workspaceWorkingDirectory the workspace's attribute `working-directory`; empty for none
 * @throws {Failure} `configuration` when the directory does not end with it
 */
export function archiveRoot(directory: string, workspaceWorkingDirectory: string): string {
  const below = posix
    .normalize(workspaceWorkingDirectory)
    .split("/")
    .filter((name) => name !== "" && name !== ".");
  const names = withSlashes(directory)
    .split("/")
    .filter((name) => name !== "");
  const tail = names.slice(Math.max(0, names.length - below.length));
  if (tail.length !== below.length || tail.some((name, index) => name !== below[index])) {
    throw new Failure(
      "configuration",
      `The workspace's working directory is "${workspaceWorkingDirectory}", but the root module is in "${directory}", which does not end with it. ` +
        "Set the input working-directory to that directory of the repository, or correct the working directory in the settings of the workspace.",
    );
  }
  return below.reduce((path) => dirname(path), directory);
}
