import { type Tags, tagsOf, textOf } from "./argument.ts";
import type { Source } from "./settings.ts";
import type { WorkspaceChoice, WorkspaceMapping } from "./workspace.ts";

/** What a block says of its workspaces, besides which one counts. */
export type Family = {
  /** The workspace that the block names, where the environment selects another one, which the block does not have. */
  named?: string;
  /** What the names of all workspaces of the block begin with. */
  prefix?: string;
  /** What all workspaces of the block are tagged with. */
  tags?: Tags;
  /** The project that a new workspace goes into. */
  project?: string;
  /** Arguments whose value is not known, which does not matter for a workspace that is there. */
  unread?: string[];
};

/**
 * Reads it from a block, as far as its expressions have values. `TF_CLOUD_PROJECT` fills a `cloud` block.
 * @throws Failure for values of a wrong type.
 */
export function familyOf(
  mapping: WorkspaceMapping | undefined,
  { block, environment, choice }: Source & { choice: WorkspaceChoice | undefined },
): Family {
  const prefix = mapping?.kind === "prefix" ? textOf(mapping.attribute, "") : undefined;
  const tags = mapping?.kind === "tags" ? tagsOf(mapping.attribute) : undefined;
  const attribute = block?.workspaces?.project;
  const isUnread = attribute?.value.kind === "expression";
  const fallback = block?.kind === "cloud" ? environment["TF_CLOUD_PROJECT"] || undefined : undefined;
  const project = isUnread ? undefined : (textOf(attribute, "") ?? fallback);
  const named = block?.kind === "remote" ? otherName(mapping, choice) : undefined;
  const unread = [...(tags === "unread" ? ["tags"] : []), ...(isUnread ? ["project"] : [])];
  return {
    ...(named === undefined ? {} : { named }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(tags === undefined || tags === "unread" ? {} : { tags }),
    ...(project === undefined ? {} : { project }),
    ...(unread.length === 0 ? {} : { unread }),
  };
}

function otherName(
  mapping: WorkspaceMapping | undefined,
  choice: WorkspaceChoice | undefined,
): string | undefined {
  if (mapping?.kind !== "name" || choice === undefined) return undefined;
  if (choice.from === "input" || choice.name === "default") return undefined;
  return textOf(mapping.attribute, "") ?? "";
}

/** Whether the server has to be asked which of the block's workspaces counts. */
export function isOpen(workspace: string, { prefix, tags }: Family): boolean {
  return workspace === "" && (prefix !== undefined || tags !== undefined);
}
