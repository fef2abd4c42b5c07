import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { describeArchive } from "../archive/describe.ts";
import { type Archive, packDirectory } from "../archive/pack.ts";
import { createPackProgress } from "../archive/progress.ts";

/**
 * What `command: archive` packs: `directory` is what would be uploaded and `repositoryRoot` what links may lead to (both
 * absolute), `ignore` the lines of the input, `secrets` the values that must not leave, `destinationFolder` an existing
 * folder for the archive.
 */
export type ArchiveOrder = {
  directory: string;
  repositoryRoot: string;
  ignore: string[];
  secrets: string[];
  destinationFolder: string;
  signal: AbortSignal;
  log: { line: (text: string) => void; warning: (text: string) => void };
};

/** The outputs of `command: archive`, the archive, and the report's lines for the summary. */
export type ArchiveResult = {
  outputs: { "archive-file": string; "archive-digest": string };
  archive: Archive;
  report: string[];
};

/**
 * Builds the archive without any server and says what is in it, so that people see what would be uploaded.
 * @throws {Failure} as packDirectory does
 */
export async function archiveCommand(order: ArchiveOrder): Promise<ArchiveResult> {
  const folder = mkdtempSync(join(order.destinationFolder, "tofu-remote-archive-"));
  const archive = await packDirectory({
    root: order.directory,
    repositoryRoot: order.repositoryRoot,
    ignore: order.ignore,
    secrets: order.secrets,
    destination: join(folder, "configuration.tar.gz"),
    signal: order.signal,
    onProgress: createPackProgress(order.log.line),
  });
  const report = describeArchive(archive);
  for (const text of report) order.log.line(text);
  for (const warning of archive.warnings) order.log.warning(warning);
  return {
    outputs: { "archive-file": archive.file, "archive-digest": archive.digest },
    archive,
    report: [...report, ...archive.warnings],
  };
}
