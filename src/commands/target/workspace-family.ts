import type { Server, Workspace } from "../../api/types.ts";
import type { WorkspaceFilter } from "../../api/workspace-types.ts";
import type { Target } from "../../config/target.ts";
import { Failure } from "../../failure.ts";

/**
 * The workspaces on the server that belong to a block with a prefix or with tags, by name: what `tofu workspace list`
 * shows (opentofu internal/backend/remote/backend.go and internal/cloud/backend.go, Workspaces).
 */
export async function listFamily(server: Server, target: Target): Promise<Workspace[]> {
  const { organization, prefix = "" } = target;
  const listed = await server.listWorkspaces(organization, await filterOf(server, target));
  return listed
    .filter((workspace) => workspace.name.startsWith(prefix) && missingTags(workspace, target).length === 0)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function filterOf(server: Server, { organization, prefix, tags, project }: Target) {
  const filter: WorkspaceFilter = {
    ...(prefix === undefined ? {} : { namePart: prefix }),
    ...(tags === undefined ? {} : { tags }),
  };
  if (project === undefined) return filter;
  const projectId = await server.findProject(organization, project);
  return projectId === undefined ? filter : { ...filter, projectId };
}

/** The tags of the block that a workspace is known to lack; those with values are not among what it tells. */
export function missingTags({ tagNames }: Workspace, { tags }: Target): string[] {
  if (tagNames === undefined || !Array.isArray(tags)) return [];
  return tags.filter((tag) => !tagNames.includes(tag));
}

/**
 * What keeps a workspace that was chosen by name from being one of a block with tags. Where it does not tell all of its
 * tags, the server is asked which ones are tagged so.
 * @throws Failure (`configuration`) in OpenTofu's words.
 */
export async function checkTags(server: Server, workspace: Workspace, target: Target): Promise<void> {
  const { tags, organization, position } = target;
  if (tags === undefined) return;
  const isTold = Array.isArray(tags) && workspace.tagNames !== undefined;
  const isMember = isTold
    ? missingTags(workspace, target).length === 0
    : (await server.listWorkspaces(organization, { tags })).some(({ id }) => id === workspace.id);
  if (isMember) return;
  throw new Failure(
    "configuration",
    `Invalid workspace selection: OpenTofu failed to find workspace "${workspace.name}" with the tags specified in your ` +
      `configuration: [${shownTags(tags)}]. Add them to the workspace (command: init does), or choose another one.`,
    { ...(position === undefined ? {} : { position }) },
  );
}

/** `a, b`, or `a=1, b=2`. */
export function shownTags(tags: NonNullable<Target["tags"]>): string {
  if (Array.isArray(tags)) return tags.join(", ");
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}
