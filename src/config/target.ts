import { Failure, type SourcePosition } from "../failure.ts";
import type { BackendBlock } from "./backend-block.ts";
import { type BackendConfigItem, readBackendConfig } from "./backend-config.ts";
import type { Environment } from "./credentials.ts";
import { type EvaluationRequest, evaluatedBlock } from "./evaluated-block.ts";
import { type Family, familyOf, isOpen } from "./family.ts";
import { readModuleBackend } from "./module-backend.ts";
import { requireName, resolveHostname, resolveOrganization } from "./settings.ts";
import { findAccess, type Surroundings } from "./token.ts";
import {
  remoteWorkspace,
  type WorkspaceChoice,
  type WorkspaceMapping,
  workspaceMapping,
} from "./workspace.ts";
import { chosenWorkspace } from "./workspace-choice.ts";

/** What the inputs say; `directory` and `workspaceRoot` are absolute, an empty string counts as not given. */
export type TargetRequest = {
  /** The root module. */
  directory: string;
  /** The folder that the positions in errors are relative to. */
  workspaceRoot: string;
  hostname?: string;
  organization?: string;
  workspace?: string;
  token?: string;
  /** Lines as `-backend-config`, `-var` and `-var-file` take them: what the block's expressions may need. */
  backendConfig?: readonly string[];
  variables?: readonly string[];
  varFiles?: readonly string[];
};

/** Where to run, and with which token. */
export type Target = Family & {
  kind: "remote" | "cloud" | "inputs";
  /** In comparison form: ASCII, lower case, with its port if that is not 443. */
  hostname: string;
  organization: string;
  /** The full name on the server; `""` where the block maps several, and which one counts is still to be asked there. */
  workspace: string;
  token: string;
  /** In words, for messages: `the input token`, `TF_TOKEN_app_example_com`, `the backend block's token`. */
  tokenSource: string;
  /** Service → URL, where the CLI's configuration has a `host` block: it stands for the discovery document. */
  services?: Readonly<Record<string, string>>;
  /** The block, where there is one. */
  position?: SourcePosition;
  /** How the workspace was chosen, where the block alone does not say it. */
  chosenBy?: WorkspaceChoice["from"];
};

/**
 * Finds server, organization, workspace and token from the inputs, the `backend "remote"` or `cloud` block and the
 * environment, by OpenTofu's rules; what an input gives counts before all else. With hostname, organization and workspace all given by
 * input no configuration is needed: then a block is only used as far as it can be read, and a prefix that cannot be read adds nothing to the name.
 * @throws Failure with file and line where the configuration is at fault, always with what to set or change.
 */
export async function resolveTarget(
  request: TargetRequest,
  environment: Environment,
  around: Surroundings = {},
): Promise<Target> {
  const given = {
    hostname: request.hostname || undefined,
    organization: request.organization || undefined,
    workspace: request.workspace || undefined,
  };
  const missing = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [name] : []));
  const backendConfig = await readBackendConfig(request.backendConfig ?? [], request);
  const isRequired = missing.length > 0 || backendConfig.length > 0;
  const written = isRequired
    ? await requiredBlock(request, { missing, backendConfig })
    : await optionalBlock(request);
  const choice = await chosenWorkspace(given.workspace, request.directory, environment);
  const block = written && (await evaluatedBlock(written, evaluationOf(request, { choice, environment })));
  const source = { block, environment };
  // In the CLI's order, so that of several errors the same one comes first.
  const organization = resolveOrganization(given.organization, source);
  const mapping = block === undefined ? undefined : mappingFor(block, missing);
  const workspace =
    block === undefined || mapping === undefined
      ? (choice?.name ?? "")
      : remoteWorkspace(block, mapping, choice);
  const family = familyOf(mapping, { ...source, choice });
  const name = isOpen(workspace, family) ? "" : requireName(workspace, "workspace", block?.position);
  const hostname = resolveHostname(given.hostname, source);
  const {
    token,
    source: tokenSource,
    services,
  } = await findAccess({ ...request, ...source, hostname }, around);
  return {
    kind: block?.kind ?? "inputs",
    hostname,
    organization,
    workspace: name,
    ...(choice === undefined ? {} : { chosenBy: choice.from }),
    token,
    tokenSource,
    ...(services === undefined ? {} : { services }),
    ...(block === undefined ? {} : { position: block.position }),
    ...family,
  };
}

function evaluationOf(
  request: TargetRequest,
  { choice, environment }: { choice: WorkspaceChoice | undefined; environment: Environment },
): EvaluationRequest {
  const inputs = ["hostname", "organization", "workspace", "token"] as const;
  return {
    module: request,
    variables: request.variables ?? [],
    varFiles: request.varFiles ?? [],
    environment,
    workspace: choice?.name ?? "default",
    given: new Set(inputs.filter((name) => request[name])),
  };
}

type Requirement = { missing: string[]; backendConfig: BackendConfigItem[] };

async function requiredBlock(
  request: TargetRequest,
  { missing, backendConfig }: Requirement,
): Promise<BackendBlock> {
  const { block, files } = await readModuleBackend(request, backendConfig);
  if (block !== undefined) return block;
  const shown =
    files.length > 10 ? `${files.slice(0, 10).join(", ")} and ${files.length - 10} more` : files.join(", ");
  const none = `There is neither a backend "remote" nor a cloud block in the configuration (files looked at: ${shown}). `;
  const instead =
    missing.length > 0
      ? `, or set the inputs hostname, organization and workspace (not set: ${missing.join(", ")}).`
      : ", or remove the input backend-config: it only fills such a block.";
  throw new Failure(
    "configuration",
    `${none}Add one to the terraform block, with hostname, organization and workspaces { name = "…" }${instead}`,
  );
}

/** Nothing here is needed, so what cannot be read is left to the server to complain about. */
async function optionalBlock(request: TargetRequest): Promise<BackendBlock | undefined> {
  try {
    return (await readModuleBackend(request)).block;
  } catch (error) {
    if (error instanceof Failure && error.reason !== "internal") return undefined;
    throw error;
  }
}

function mappingFor(block: BackendBlock, missing: string[]): WorkspaceMapping {
  const mapping = workspaceMapping(block);
  const unreadable = mapping.kind === "prefix" && mapping.attribute.value.kind === "expression";
  return unreadable && missing.length === 0 ? { kind: "none" } : mapping;
}
