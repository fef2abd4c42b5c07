import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../context.ts";
import { Failure } from "../failure.ts";

/** A new folder for what this step leaves, under the runner's temporary folder, which ends with the job. */
export async function resultFolder({ temporaryFolder }: Context): Promise<string> {
  try {
    return await mkdtemp(join(temporaryFolder, "tofu-remote-"));
  } catch (cause) {
    const message = `No folder can be made in the runner's temporary folder ${temporaryFolder} (RUNNER_TEMP).`;
    throw new Failure("outputs", message, { cause });
  }
}
