import { type ConnectOptions, connect } from "../../api/server.ts";
import type { Target } from "../../config/target.ts";
import { Failure } from "../../failure.ts";
import type { Step } from "../step.ts";
import { listFamily, shownTags } from "./workspace-family.ts";

/**
 * The target with the one workspace that the server has under the block's prefix, or with its tags, as `tofu init` selects
 * it; or with the one that was selected before, if it is among them (opentofu internal/command/meta_backend.go, selectWorkspace).
 * @throws Failure (`not-found`) where there is none, (`configuration`) where there are several; both say what to set.
 */
export async function selectWorkspace(
  { log }: Pick<Step, "log">,
  target: Target,
  options: ConnectOptions,
): Promise<Target> {
  const { server, entitled } = await connect(options);
  try {
    await entitled;
    const workspaces = await listFamily(server, target);
    const names = workspaces.map(({ name }) => name);
    if (names.includes(target.workspace)) return target;
    const [name] = names;
    if (name === undefined || names.length > 1) throw notOne(target, names);
    log.line(`Workspace ${name}: the only one with ${mappingOf(target)}`);
    return { ...target, workspace: name };
  } finally {
    await server.close();
  }
}

function mappingOf({ prefix, tags = [] }: Target): string {
  return prefix === undefined ? `the tags ${shownTags(tags)}` : `the prefix "${prefix}"`;
}

const MOST_NAMES = 20;

function notOne(target: Target, names: string[]): Failure {
  const { organization, hostname, prefix = "", position } = target;
  const at = position === undefined ? {} : { position };
  const where = `organization ${organization} on ${hostname}`;
  if (names.length === 0) {
    return new Failure(
      "not-found",
      `No existing workspaces: ${where} has no workspace with ${mappingOf(target)} that this token may see. ` +
        "Set the input workspace to the name of one to use; command: init creates it.",
      at,
    );
  }
  const selected = target.workspace.slice(prefix.length) || "default";
  const short = names.map((name) => name.slice(prefix.length));
  const more = short.length > MOST_NAMES ? ` and ${short.length - MOST_NAMES} more` : "";
  return new Failure(
    "configuration",
    `Currently selected workspace "${selected}" does not exist: with ${mappingOf(target)} ${where} has the workspaces ` +
      `${short.slice(0, MOST_NAMES).join(", ")}${more}. Set the input workspace (or TF_WORKSPACE) to one of them.`,
    at,
  );
}
