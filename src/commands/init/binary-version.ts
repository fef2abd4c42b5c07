import { findBinary } from "../../cli/binary.ts";
import { cliEnvironment } from "../../cli/environment.ts";
import { parseVersion } from "../../cli/version.ts";
import { Failure } from "../../failure.ts";
import type { Step } from "../step.ts";

/**
 * The version that a new workspace is given: the input `terraform-version`, else that of the binary on PATH where it is a
 * release or a release candidate (opentofu internal/backend/remote/backend.go, StateMgr); `undefined`: the server's default.
 */
export async function versionForNewWorkspace({ inputs, context, signal }: Step): Promise<string | undefined> {
  if (inputs.terraformVersion !== undefined) return inputs.terraformVersion;
  const environment = cliEnvironment(context.environment, {});
  const place = { directory: inputs.directory, environment, signal };
  try {
    const { version } = await findBinary("The version of a new workspace", place);
    return /^(rc.*)?$/.test(parseVersion(version)?.prerelease ?? "dev") ? version : undefined;
  } catch (error) {
    // None is needed here, and one that does not work is no reason to do without the workspace.
    if (error instanceof Failure && error.reason === "no-binary") return undefined;
    throw error;
  }
}
