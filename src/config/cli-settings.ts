import { Failure } from "../failure.ts";
import { textOf } from "./argument.ts";
import type { BackendBlock } from "./backend-block.ts";
import { readBackendConfig } from "./backend-config.ts";
import { readModuleBackend } from "./module-backend.ts";
import type { Target, TargetRequest } from "./target.ts";
import { workspaceMapping } from "./workspace.ts";

/**
 * What the CLI has to be told so that it works where the inputs say, and not only where the files say. Empty where the
 * files say it all.
 */
export type CliSettings = {
  backend: "remote" | "cloud" | "none";
  /** For TF_WORKSPACE: `""` where a variable of the job must not count. */
  workspace?: string;
  /** `TF_CLOUD_*`. */
  variables: Record<string, string>;
  /** Further lines for `-backend-config` of `init`. */
  backendConfig: string[];
  /** Content of a file for `-backend-config` of `init`: arguments in blocks cannot be given in a line. */
  backendFile?: string;
};

type Place = Pick<Target, "hostname" | "organization" | "workspace" | "prefix">;

/**
 * Compares the inputs with the block as it stands in the files and the lines of `backend-config`. `selects`: a workspace is to
 * be selected for the command. Throws Failure("input") where the CLI has no way to be told, because a `cloud` block says otherwise.
 */
export async function cliSettings(
  request: TargetRequest,
  target: Place,
  { selects }: { selects: boolean },
): Promise<CliSettings> {
  const lines = await readBackendConfig(request.backendConfig ?? [], request);
  const { block } = await readModuleBackend(request, lines);
  if (block === undefined) return { backend: "none", variables: {}, backendConfig: [] };
  const asked = selects ? request : { ...request, workspace: "" };
  const settings =
    block.kind === "cloud" ? cloudSettings(block, asked, target) : remoteSettings(block, asked, target);
  const { kind } = workspaceMapping(block);
  // One that the CLI would ask for has been found already.
  const isOneOfMany = kind === "prefix" || kind === "tags";
  if (!selects || !isOneOfMany) return settings;
  return { ...settings, workspace: target.workspace.slice(target.prefix?.length ?? 0) };
}

function remoteSettings(block: BackendBlock, request: TargetRequest, target: Place): CliSettings {
  const { hostname, organization, workspace } = request;
  const backendConfig = [
    ...(hostname ? [`hostname=${hostname}`] : []),
    ...(organization ? [`organization=${organization}`] : []),
  ];
  const settings: CliSettings = { backend: "remote", variables: {}, backendConfig };
  const mapping = workspaceMapping(block);
  if (!workspace || mapping.kind === "prefix") return settings;
  const isDeclared =
    mapping.kind === "name" && written(() => textOf(mapping.attribute, "")) === target.workspace;
  if (isDeclared) return { ...settings, workspace: "" };
  const backendFile = `workspaces {\n  name = ${JSON.stringify(target.workspace)}\n}\n`;
  return { ...settings, workspace: "", backendFile };
}

function cloudSettings(block: BackendBlock, request: TargetRequest, target: Place): CliSettings {
  const variables: Record<string, string> = {};
  for (const name of ["hostname", "organization"] as const) {
    if (!request[name]) continue;
    if (block[name] === undefined) variables[`TF_CLOUD_${name.toUpperCase()}`] = target[name];
    else if (written(() => textOf(block[name], "")) !== target[name]) throw fixed(name, target[name]);
  }
  const settings: CliSettings = { backend: "cloud", variables, backendConfig: [] };
  if (!request.workspace) return settings;
  const mapping = workspaceMapping(block);
  if (mapping.kind !== "name") return { ...settings, workspace: target.workspace };
  if (written(() => textOf(mapping.attribute, "")) !== target.workspace)
    throw fixed("workspace", target.workspace);
  return { ...settings, workspace: "" };
}

/** The text of an argument; one that only the CLI can evaluate is not known here. */
function written(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function fixed(name: string, value: string): Failure {
  return new Failure(
    "input",
    `The input ${name} is ${JSON.stringify(value)}, but the cloud block says otherwise, and the binary cannot be told to ` +
      `look elsewhere. Leave ${name} out of the block, or leave the input empty.`,
  );
}
