import { archiveRoot } from "../archive/root.ts";
import { type ArchiveResult, archiveCommand } from "./archive.ts";
import { resultFolder } from "./result-folder.ts";
import type { Step } from "./step.ts";

/** Variables of a job whose values must never be part of an archive, whatever file they were written to. */
const SECRET_VARIABLES = ["GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"];

/**
 * Packs what a plan uploads and says in the log what it is. `workingDirectory` is the remote workspace's, which moves
 * the archive's root up; `token` is one more secret that must not leave.
 */
export async function prepareArchive(
  { inputs, context, log, signal }: Step,
  workingDirectory: string,
  token = inputs.token,
): Promise<ArchiveResult> {
  const known = [token, inputs.githubToken, ...SECRET_VARIABLES.map((name) => context.environment[name])];
  log.startGroup("Archive");
  try {
    return await archiveCommand({
      directory: archiveRoot(inputs.directory, workingDirectory),
      repositoryRoot: context.workspaceRoot,
      ignore: inputs.ignore,
      secrets: known.filter((secret): secret is string => secret !== undefined && secret !== ""),
      destinationFolder: await resultFolder(context),
      signal,
      log,
    });
  } finally {
    log.endGroup();
  }
}
