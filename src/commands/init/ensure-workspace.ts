import { ApiError } from "../../api/errors.ts";
import { connect } from "../../api/server.ts";
import type { Server, Workspace } from "../../api/types.ts";
import type { NewWorkspace } from "../../api/workspace-types.ts";
import type { Target } from "../../config/target.ts";
import type { Step } from "../step.ts";
import { connectOptions } from "../target/target.ts";
import { createOnce, notAllowed } from "./create-once.ts";
import { addMissingTags } from "./workspace-tags.ts";

/** The version of the CLI that a new workspace is to plan with; `undefined`: the server's default. Asked only when one is made. */
export type VersionSource = () => Promise<string | undefined>;

/**
 * The workspace of the target, made where the server does not have it, with the tags and the project of the `cloud` block
 * (opentofu internal/backend/remote/backend.go and internal/cloud/backend.go, StateMgr). Says in the log what it did.
 * @throws Failure, `forbidden` where the token may not make it, `unsupported` where the server has no such tags or projects.
 */
export async function ensureWorkspace(
  step: Step,
  target: Target,
  version: VersionSource,
): Promise<{ workspace: Workspace; created: boolean }> {
  const { server, entitled } = await connect(connectOptions(step, target));
  try {
    await entitled;
    const found = await findWorkspace(server, target);
    const where = `${target.organization}/${target.workspace} on ${target.hostname}`;
    if (found !== undefined) step.log.line(`Workspace ${where} exists (${found.id}).`);
    const workspace = found ?? (await createWorkspace(step, server, { target, version, where }));
    await addMissingTags(step, server, { target, workspace });
    return { workspace, created: found === undefined };
  } finally {
    await server.close();
  }
}

async function findWorkspace(
  server: Server,
  { organization, workspace }: Target,
): Promise<Workspace | undefined> {
  try {
    return await server.readWorkspace(organization, workspace);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

type Creation = { target: Target; version: VersionSource; where: string };

async function createWorkspace(
  step: Pick<Step, "log" | "signal" | "clock">,
  server: Server,
  { target, version, where }: Creation,
): Promise<Workspace> {
  const { organization, tags, project } = target;
  const wanted: NewWorkspace = {
    name: target.workspace,
    ...(tags === undefined ? {} : { tags }),
    ...(project === undefined ? {} : { projectId: await ensureProject(step, server, { target, project }) }),
  };
  const create = (workspace: NewWorkspace) =>
    createOnce(step, {
      what: `the workspace ${where}`,
      find: () => findWorkspace(server, target),
      create: () => server.createWorkspace(organization, workspace),
    }).catch(notAllowed(target, `may not create workspaces in the organization ${organization}`));
  const terraformVersion = await version();
  const created = await withVersion(step, { create, wanted, terraformVersion });
  const details = [created.id, created.terraformVersion && `version ${created.terraformVersion}`];
  if (project !== undefined) details.push(`project ${project}`);
  step.log.line(`Workspace ${where} created (${details.filter(Boolean).join(", ")}).`);
  return created;
}

/** A server that does not have this version, such as an OpenTofu's among Terraform's, makes the workspace with its own. */
async function withVersion(
  { log }: Pick<Step, "log">,
  order: {
    create: (workspace: NewWorkspace) => Promise<Workspace>;
    wanted: NewWorkspace;
    terraformVersion: string | undefined;
  },
): Promise<Workspace> {
  const { create, wanted, terraformVersion } = order;
  if (terraformVersion === undefined) return create(wanted);
  try {
    return await create({ ...wanted, terraformVersion });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 422)) throw error;
    const workspace = await create(wanted);
    log.warning(
      `The version ${terraformVersion} is not available on the server. The workspace ${workspace.name} has version ` +
        `${workspace.terraformVersion}; change it in its settings if that is not what you want.`,
    );
    return workspace;
  }
}

async function ensureProject(
  step: Pick<Step, "log" | "signal" | "clock">,
  server: Server,
  { target, project }: { target: Target; project: string },
): Promise<string> {
  const { organization } = target;
  const find = () => server.findProject(organization, project);
  const found = await find().catch(
    notAllowed(target, "may not see projects, or the server has none", "unsupported"),
  );
  if (found !== undefined) return found;
  const create = () => server.createProject(organization, project);
  const id = await createOnce(step, { what: `the project ${project}`, find, create }).catch(
    notAllowed(target, `may not create projects in the organization ${organization}`),
  );
  step.log.line(`Project ${project} created (${id}).`);
  return id;
}
