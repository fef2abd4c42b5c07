import type { Workspace } from "./types.ts";

/** Tags of workspaces: names, or names with values. */
export type Tags = readonly string[] | Readonly<Record<string, string>>;

/** Which workspaces of an organization to list: all that is given must hold. */
export type WorkspaceFilter = { namePart?: string; tags?: Tags; projectId?: string };

/** What a new workspace is given; the server has a default for what is left out. */
export type NewWorkspace = { name: string; terraformVersion?: string; tags?: Tags; projectId?: string };

/** The methods of a Server that find and make workspaces. */
export type WorkspaceMethods = {
  /** All pages, in the order of the server. Some servers ignore a filter: check what matters. */
  listWorkspaces: (organization: string, filter: WorkspaceFilter) => Promise<Workspace[]>;
  /** One POST, not repeated after anything ambiguous: the caller reads the workspace again. */
  createWorkspace: (organization: string, workspace: NewWorkspace) => Promise<Workspace>;
  /** Adds tags to those that are there. ApiError, 404 where the server has no such tags. */
  addTags: (workspaceId: string, tags: Tags) => Promise<void>;
  /** Tags with values, those of the project included; `undefined`: the server has none, or does not show them. */
  readTagValues: (workspaceId: string) => Promise<Record<string, string> | undefined>;
  /** The id of the project of exactly this name; `undefined`: there is none. ApiError, 404 where there are no projects. */
  findProject: (organization: string, name: string) => Promise<string | undefined>;
  /** One POST, as createWorkspace. The id. */
  createProject: (organization: string, name: string) => Promise<string>;
};
