import { mkdtemp } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";

/**
 * The folder for what this step leaves: that of its archive, else a new one under the runner's temporary folder, which
 * ends with the job.
 */
export async function resultFolder(
  { temporaryFolder }: Context,
  archive?: { file: string },
): Promise<string> {
  if (archive !== undefined) return dirname(archive.file);
  try {
    return await mkdtemp(join(temporaryFolder, "tofu-remote-"));
  } catch (cause) {
    const message = `No folder can be made in the runner's temporary folder ${temporaryFolder} (RUNNER_TEMP).`;
    throw new Failure("outputs", message, { cause });
  }
}
