import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Server, Workspace } from "../../api/types.ts";
import { type VersionMismatch, versionMismatch } from "../../cli/version-agreement.ts";
import { Failure } from "../../failure.ts";
import { readAppliedOutputs } from "../apply/applied-outputs.ts";
import type { WhyLocal } from "../check-workspace.ts";
import type { Ending, Findings } from "../findings.ts";
import { resultFolder } from "../result-folder.ts";
import type { Step } from "../step.ts";
import { type Prepared, prepareBinary } from "../tofu/prepare.ts";
import { maskVariables } from "../variables.ts";
import { applyHere } from "./apply-here.ts";
import { planHere } from "./plan-here.ts";

/** A workspace whose plans are not the server's to make. */
export type LocalWorkspace = { server: Server; workspace: Workspace; why: WhyLocal };

/** A plan or an apply by the binary on this runner: the state stays on the server. */
export type LocalJob = {
  prepared: Prepared;
  findings: Findings;
  /** Folder for what outlives the step. */
  folder: string;
  /** The plan as the CLI keeps it. It holds secrets and goes with the step. */
  planFile: string;
};

const WHY: Record<WhyLocal, string> = {
  "execution-mode": 'has the execution mode "local"',
  entitlement: "belongs to an organization without remote operations",
  TF_FORCE_LOCAL_BACKEND: "does not plan on its server, as TF_FORCE_LOCAL_BACKEND is set",
};

/** Plans here, and applies where the command says so; how that ends. */
export async function endingOnRunner(step: Step, findings: Findings, local: LocalWorkspace): Promise<Ending> {
  const { target } = findings;
  const { log } = step;
  const name = `${target.organization}/${target.workspace}`;
  refuseRemoteOnly(step, name);
  await maskVariables(step, findings);
  log.line(
    `The workspace ${name} ${WHY[local.why]}: the binary plans on this runner, with the state on ${target.hostname}`,
  );
  const folder = await resultFolder(step.context);
  const what = `The workspace ${name} ${WHY[local.why]}, so its plan is made on this runner. That`;
  const prepared = await prepareBinary(step, { needs: "state", what, folder, target });
  const { product, version } = prepared.binary;
  findings.notes.push(
    `Planned by ${product} ${version} on the runner of the job: this workspace ${WHY[local.why]}.`,
  );
  noteVersions(step, findings, { prepared, workspace: local.workspace });
  const secrets = await mkdtemp(join(folder, "plan-"));
  try {
    const job = { prepared, findings, folder, planFile: join(secrets, "tfplan") };
    const planned = await planHere(step, job);
    if (findings.applying !== true || planned.failure !== undefined) return planned;
    const applied = await applyHere(step, job, planned);
    if (findings.applied === true) await readAppliedOutputs(step, { ...local, findings });
    return applied;
  } finally {
    await rm(secrets, { recursive: true, force: true });
  }
}

/** What only the server could do. */
function refuseRemoteOnly({ inputs }: Step, name: string): void {
  const asked = [
    inputs.runId !== "" && "run-id",
    inputs.savePlan === "true" && "save-plan",
    inputs.terraformVersion !== undefined && "terraform-version",
  ].find((input) => typeof input === "string");
  if (asked === undefined) return;
  throw new Failure(
    "execution-mode",
    `The input ${asked} is for runs of the server, and the workspace ${name} has none, as it plans locally. Leave it out, or ` +
      `set the workspace's execution mode to "remote".`,
  );
}

/**
 * The CLI does not ask for the versions to agree when it plans (opentofu, internal/backend/remote/backend.go, Operation); where
 * the workspace is one that the server goes on planning in, it is said.
 */
function noteVersions(
  { log }: Step,
  { notes, target }: Findings,
  { prepared, workspace }: { prepared: Prepared; workspace: Workspace },
): void {
  const kind = prepared.backend?.settings.backend === "cloud" ? "cloud" : "remote";
  const question = { binary: prepared.binary, kind, organization: target.organization, workspace } as const;
  const mismatch: VersionMismatch | undefined = versionMismatch(question);
  if (mismatch === undefined) return;
  notes.push(`${mismatch.summary}: ${mismatch.detail}`);
  log.warning(`${mismatch.summary}: ${mismatch.detail}`);
}
