import { join } from "node:path";
import { describeArchive } from "../archive/describe.ts";
import { type Archive, packDirectory } from "../archive/pack.ts";
import { archiveRoot } from "../archive/root.ts";
import { resultFolder } from "./result-folder.ts";
import type { Step } from "./step.ts";

/** Variables of a job whose values must never be part of an archive, whatever file they were written to. */
const SECRET_VARIABLES = ["GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
const PROGRESS_EVERY_MS = 5000;

/**
 * Packs what a plan uploads and says in the log what it is. `workingDirectory` is the remote workspace's, which moves the
 * archive's root up; `token` is one more secret that must not leave.
 */
export async function prepareArchive(step: Step, workingDirectory: string, token?: string): Promise<Archive> {
  const { inputs, context, log, signal } = step;
  const root = archiveRoot(inputs.directory, workingDirectory);
  const folder = await resultFolder(context);
  const secrets = [token, inputs.githubToken, ...SECRET_VARIABLES.map((name) => context.environment[name])];
  log.startGroup("Archive");
  try {
    const archive = await packDirectory({
      root,
      repositoryRoot: context.workspaceRoot,
      ignore: inputs.ignore,
      secrets: secrets.filter((secret): secret is string => secret !== undefined && secret !== ""),
      destination: join(folder, "configuration.tar.gz"),
      signal,
      onProgress: everyFewSeconds(({ files, bytes }) =>
        log.line(`Packing: ${files} files, ${(bytes / 1e6).toFixed(0)} MB so far`),
      ),
    });
    for (const line of describeArchive(archive)) log.line(line);
    for (const warning of archive.warnings) log.warning(warning);
    return archive;
  } finally {
    log.endGroup();
  }
}

function everyFewSeconds<T>(tell: (progress: T) => void): (progress: T) => void {
  let next = performance.now() + PROGRESS_EVERY_MS;
  return (progress) => {
    if (performance.now() < next) return;
    next = performance.now() + PROGRESS_EVERY_MS;
    tell(progress);
  };
}
