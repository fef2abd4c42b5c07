import type { Failure, SourcePosition } from "../failure.ts";
import { notRead, tagsOf, textOf } from "./argument.ts";
import type { BackendBlock } from "./backend-block.ts";
import { type Attribute, configurationFailure, type Problem } from "./syntax.ts";

/** How a block names remote workspaces; of `name` and `prefix` the value is only asked for where it is needed. */
export type WorkspaceMapping = { kind: "name" | "prefix" | "tags"; attribute: Attribute } | { kind: "none" };

/** A workspace that somebody chose, and how: the input, `TF_WORKSPACE`, or an earlier `tofu workspace select`. */
export type WorkspaceChoice = { name: string; from: "input" | "TF_WORKSPACE" | "selected" };

const DEFAULT = "default";
const SET_INPUT = "Set the input workspace";
const GIVE_ALL =
  "Write it as a literal, or set the inputs hostname, organization and workspace (its full remote name).";

/**
 * The mapping strategy of a block.
 * @throws Failure where it says two at once.
 */
export function workspaceMapping(block: BackendBlock): WorkspaceMapping {
  const { name, prefix, tags, position = block.position } = block.workspaces ?? {};
  const other = block.kind === "cloud" ? "tags" : "prefix";
  const hasTags = tagsOf(tags) !== undefined;
  if (isGiven(name) && (hasTags || isGiven(prefix))) {
    const detail = block.kind === "cloud" ? 'workspace "tags" or "name"' : 'workspace "name" or "prefix"';
    throw invalid({
      detail: `Only one of ${detail} is allowed.`,
      position,
      remedy: `Remove name or ${other}.`,
    });
  }
  if (isGiven(name)) return { kind: "name", attribute: name };
  if (isGiven(prefix)) return { kind: "prefix", attribute: prefix };
  return hasTags && tags !== undefined ? { kind: "tags", attribute: tags } : { kind: "none" };
}

function isGiven(attribute: Attribute | undefined): attribute is Attribute {
  if (attribute === undefined || attribute.value.kind === "null") return false;
  return attribute.value.kind !== "text" || attribute.value.text !== "";
}

/**
 * The full remote name of the workspace to run in, as OpenTofu maps it (internal/backend/remote/backend_context.go and
 * internal/cloud/backend.go); an input may name another workspace than the block does, an environment variable only where OpenTofu lets it.
 * Empty where the block maps several workspaces, by prefix or tags, and none was chosen: what is on the server decides.
 * @throws Failure where block and choice together name none, saying what to set.
 */
export function remoteWorkspace(
  block: BackendBlock,
  mapping: WorkspaceMapping,
  choice: WorkspaceChoice | undefined,
): string {
  if (mapping.kind === "prefix") return underPrefix(mapping.attribute, choice);
  return block.kind === "cloud"
    ? cloudWorkspace(block, mapping, choice)
    : namedWorkspace(block, mapping, choice);
}

function underPrefix(attribute: Attribute, choice: WorkspaceChoice | undefined): string {
  const prefix = textOf(attribute, GIVE_ALL) ?? "";
  if (isUnchosen(choice)) return "";
  if (choice.name !== DEFAULT) return choice.name.startsWith(prefix) ? choice.name : prefix + choice.name;
  throw configurationFailure({
    summary: "Invalid workspace selection",
    detail: `default workspace not supported: a block with the prefix "${prefix}" has no workspace called "default".`,
    position: attribute.position,
    remedy: `${SET_INPUT} to the name after the prefix, for instance "prod" for "${prefix}prod".`,
  });
}

/** `default` is what is selected where nobody selected anything. */
function isUnchosen(choice: WorkspaceChoice | undefined): choice is undefined {
  return choice === undefined || (choice.from === "selected" && choice.name === DEFAULT);
}

function namedWorkspace(
  block: BackendBlock,
  mapping: WorkspaceMapping,
  choice: WorkspaceChoice | undefined,
): string {
  if (mapping.kind === "name" && (choice === undefined || choice.name === DEFAULT))
    return configuredName(mapping.attribute);
  if (choice !== undefined && (mapping.kind === "name" || choice.from === "input")) return choice.name;
  throw invalid({
    detail: 'Either workspace "name" or "prefix" is required.',
    position: block.workspaces?.position ?? block.position,
    remedy: `${SET_INPUT}, or add workspaces { name = "…" } to the block.`,
  });
}

function cloudWorkspace(
  block: BackendBlock,
  mapping: WorkspaceMapping,
  choice: WorkspaceChoice | undefined,
): string {
  const position = block.workspaces?.position ?? block.position;
  if (choice?.from === "input" && choice.name !== DEFAULT) return choice.name;
  if (mapping.kind === "name") {
    const name = configuredName(mapping.attribute);
    if (choice?.from !== "TF_WORKSPACE" || choice.name === name) return name;
    const detail =
      'The workspace defined using the environment variable "TF_WORKSPACE" is not consistent with the workspace "name" in the configuration.';
    throw invalid({ detail, position, remedy: `${SET_INPUT} to choose another one, or unset TF_WORKSPACE.` });
  }
  if (choice?.name === DEFAULT && choice.from !== "selected") throw noDefault(position);
  if (choice?.from === "TF_WORKSPACE") return choice.name;
  if (mapping.kind === "none") {
    const detail = 'Missing workspace mapping strategy. Either workspace "tags" or "name" is required.';
    throw invalid({
      detail,
      position,
      remedy: `${SET_INPUT}, or add workspaces { name = "…" } to the block.`,
    });
  }
  if (!isUnchosen(choice)) return choice.name;
  if (tagsOf(mapping.attribute) !== "unread") return "";
  throw notRead(
    mapping.attribute,
    `${SET_INPUT} (or TF_WORKSPACE) to the name of one of the tagged workspaces.`,
  );
}

function noDefault(position: SourcePosition): Failure {
  return configurationFailure({
    summary: "Invalid workspace selection",
    detail: 'default workspace not supported: a cloud block has no workspace called "default".',
    position,
    remedy: `${SET_INPUT} (or TF_WORKSPACE) to the name of a workspace.`,
  });
}

function configuredName(attribute: Attribute): string {
  return textOf(attribute, `${SET_INPUT} to its value.`) ?? "";
}

function invalid(problem: Omit<Problem, "summary">): Failure {
  return configurationFailure({ summary: "Invalid workspaces configuration", ...problem });
}
