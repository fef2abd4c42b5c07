import type { Server, Workspace } from "../../api/types.ts";
import type { Target } from "../../config/target.ts";
import { Failure } from "../../failure.ts";
import type { Step } from "../step.ts";
import { missingTags, shownTags } from "../target/workspace-family.ts";
import { notAllowed } from "./create-once.ts";

/** Adds the tags of the `cloud` block that the workspace lacks, and says so. Throws Failure `forbidden` or `unsupported`. */
export async function addMissingTags(
  { log }: Pick<Step, "log">,
  server: Server,
  { target, workspace }: { target: Target; workspace: Workspace },
): Promise<void> {
  const { tags } = target;
  if (tags === undefined) return;
  const missing = Array.isArray(tags)
    ? namesToAdd(workspace, target)
    : await valuesToAdd(server, workspace, { ...target, tags });
  if (Object.keys(missing).length === 0) return;
  await server
    .addTags(workspace.id, missing)
    .catch(notAllowed(target, `may not tag the workspace ${workspace.name}`));
  log.line(`Tags added to workspace ${workspace.name}: ${shownTags(missing)}.`);
}

/** All of them where the workspace does not tell which it has; adding one twice does no harm. */
function namesToAdd(workspace: Workspace, target: Target): readonly string[] {
  if (workspace.tagNames !== undefined) return missingTags(workspace, target);
  return Array.isArray(target.tags) ? target.tags : [];
}

async function valuesToAdd(
  server: Server,
  workspace: Workspace,
  { tags, hostname }: Target,
): Promise<Record<string, string>> {
  const present = await server.readTagValues(workspace.id);
  if (present === undefined) {
    throw new Failure(
      "unsupported",
      `${hostname} does not support key-value tags. Write the tags of the cloud block as a list of names: tags = ["…"].`,
    );
  }
  return Object.fromEntries(Object.entries(tags ?? {}).filter(([key, value]) => present[key] !== value));
}
