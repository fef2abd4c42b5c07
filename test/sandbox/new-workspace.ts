import { makeBareId } from "./ids.ts";
import type { Workspace, World } from "./world.ts";

const defaultAttributes = {
  executionMode: "remote",
  workingDirectory: "",
  terraformVersion: "1.11.4",
  autoApply: false,
  structuredRunOutput: false,
  vcsRepo: null,
  permissions: {},
  variables: [],
} as const;

/** A new workspace, not yet in the world. */
export function newWorkspace(world: World, organization: string, name: string): Workspace {
  return {
    ...defaultAttributes,
    permissions: {},
    variables: [],
    id: makeBareId(world.profile, "ws"),
    organization,
    name,
    lockedBy: undefined,
    lockReason: "",
    tags: [],
    tagValues: {},
    projectId: undefined,
    states: [],
    scripts: [],
    costEstimate: undefined,
    policyChecks: [],
    taskStages: [],
  };
}
