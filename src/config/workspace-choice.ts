import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Failure } from "../failure.ts";
import type { Environment } from "./credentials.ts";
import type { WorkspaceChoice } from "./workspace.ts";

/** What Go's url.PathEscape leaves as it is: the names that `tofu workspace select` takes. */
const SELECTABLE = /^[A-Za-z0-9\-_.~$&+=:@]+$/;

/**
 * The workspace that was chosen outside of the block: by the input, else by `TF_WORKSPACE`, else by `tofu workspace select`
 * in this directory (opentofu internal/command/meta.go); undefined means the default one.
 * @throws Failure where the name cannot be a workspace's.
 */
export async function chosenWorkspace(
  input: string | undefined,
  directory: string,
  environment: Environment,
): Promise<WorkspaceChoice | undefined> {
  if (input !== undefined) return { name: selectable(input, "The input workspace"), from: "input" };
  const variable = environment["TF_WORKSPACE"];
  if (variable) return { name: selectable(variable, "The variable TF_WORKSPACE"), from: "TF_WORKSPACE" };
  const dataDirectory = resolve(directory, environment["TF_DATA_DIR"] || ".terraform");
  const selected = await readSelected(resolve(dataDirectory, "environment"));
  return selected === ""
    ? undefined
    : { name: selectable(selected, ".terraform/environment"), from: "selected" };
}

/** As in OpenTofu, a file that cannot be read counts as none. */
async function readSelected(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    return "";
  }
}

function selectable(name: string, source: string): string {
  if (SELECTABLE.test(name) && name !== "." && name !== "..") return name;
  const [summary, reason] =
    source === "The variable TF_WORKSPACE"
      ? (["Invalid workspace name set using TF_WORKSPACE", "configuration"] as const)
      : (["Invalid workspace name", "input"] as const);
  throw new Failure(
    reason,
    `${summary}: ${source} is ${JSON.stringify(name)}. The name must contain only URL safe characters, and no path separators.`,
  );
}
