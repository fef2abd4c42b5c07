import type { Failure, SourcePosition } from "../failure.ts";
import { type Attribute, type Block, configurationFailure, place } from "./syntax.ts";

/** A `backend "remote"` or `cloud` block whose arguments are those it may have; their values are not judged yet. */
export type BackendBlock = {
  kind: "remote" | "cloud";
  position: SourcePosition;
  hostname?: Attribute;
  organization?: Attribute;
  token?: Attribute;
  workspaces?: WorkspacesBlock;
};

/** The `workspaces` block: `prefix` only in `backend "remote"`, `project` and `tags` only in `cloud`. */
export type WorkspacesBlock = {
  position: SourcePosition;
  name?: Attribute;
  prefix?: Attribute;
  project?: Attribute;
  tags?: Attribute;
};

/** The arguments of both kinds of block, besides their `workspaces`. */
export const ARGUMENTS = ["hostname", "organization", "token"] as const;
const WORKSPACES_ARGUMENTS = { remote: ["name", "prefix"], cloud: ["name", "project", "tags"] } as const;

/**
 * Takes a parsed block for what it says, by the schemas of OpenTofu's remote and cloud backends.
 * @throws Failure for another type of backend and for arguments and blocks that do not belong there.
 */
export function readBackendBlock(block: Block): BackendBlock {
  const kind = kindOf(block);
  const [workspaces, second] = block.blocks.filter((nested) => nested.type === "workspaces");
  const stranger = block.blocks.find((nested) => nested.type !== "workspaces");
  if (stranger !== undefined) throw unsupportedBlock(stranger);
  if (workspaces !== undefined && second !== undefined) throw duplicateWorkspaces(workspaces, second);
  return {
    kind,
    position: block.position,
    ...pick(block, ARGUMENTS),
    ...(workspaces === undefined ? {} : { workspaces: readWorkspaces(workspaces, kind) }),
  };
}

function kindOf(block: Block): "remote" | "cloud" {
  const expected = block.type === "cloud" ? 0 : 1;
  if (block.labels.length !== expected) throw wrongLabels(block);
  if (block.type === "cloud") return "cloud";
  if (block.labels[0] === "remote") return "remote";
  if (block.labels[0] === "cloud") {
    const detail =
      "There is no explicit backend type named \"cloud\". To configure cloud backend, declare a 'cloud' block instead.";
    throw configurationFailure({ summary: "Unsupported backend type", detail, position: block.position });
  }
  throw configurationFailure({
    summary: "Unsupported backend type",
    detail: `This configuration keeps its state with backend "${block.labels[0]}"; runs on a remote service need backend "remote" or a cloud block.`,
    position: block.position,
    remedy:
      "Change the block, or set the inputs hostname, organization and workspace, which then count instead of it.",
  });
}

function wrongLabels(block: Block): Failure {
  const detail =
    block.type === "cloud"
      ? "No labels are expected for cloud blocks."
      : 'All backend blocks must have 1 labels (type), as in backend "remote".';
  const summary =
    block.labels.length === 0 ? "Missing type for backend" : `Extraneous label for ${block.type}`;
  return configurationFailure({ summary, detail, position: block.position });
}

function readWorkspaces(block: Block, kind: "remote" | "cloud"): WorkspacesBlock {
  const [nested] = block.blocks;
  if (nested !== undefined) throw unsupportedBlock(nested);
  return { position: block.position, ...pick(block, WORKSPACES_ARGUMENTS[kind]) };
}

function pick<Name extends string>(block: Block, allowed: readonly Name[]): { [K in Name]?: Attribute } {
  const picked: { [K in Name]?: Attribute } = {};
  for (const attribute of block.attributes) {
    const name = allowed.find((candidate) => candidate === attribute.name);
    if (name === undefined) throw unsupportedArgument(attribute, allowed);
    picked[name] = attribute;
  }
  return picked;
}

function unsupportedArgument(attribute: Attribute, allowed: readonly string[]): Failure {
  const hint = attribute.name === "workspaces" ? ' Did you mean to define a block of type "workspaces"?' : "";
  return configurationFailure({
    summary: "Unsupported argument",
    detail: `An argument named "${attribute.name}" is not expected here.${hint}`,
    position: attribute.position,
    remedy: `Expected are ${allowed.join(", ")}.`,
  });
}

function unsupportedBlock(block: Block): Failure {
  const detail = `Blocks of type "${block.type}" are not expected here.`;
  return configurationFailure({ summary: "Unsupported block type", detail, position: block.position });
}

function duplicateWorkspaces(first: Block, second: Block): Failure {
  const detail = `Only one workspaces block is allowed. Another was defined at ${place(first.position)}.`;
  return configurationFailure({ summary: "Duplicate workspaces block", detail, position: second.position });
}
