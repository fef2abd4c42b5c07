import { connectToWorkspace } from "../api/server.ts";
import { Failure } from "../failure.ts";
import { checkWorkspace, whyLocal } from "./check-workspace.ts";
import { type Ending, endingOfFailure, type Findings } from "./findings.ts";
import type { Job } from "./plan/run-plan.ts";
import { prepareArchive } from "./prepare-archive.ts";
import type { Step } from "./step.ts";
import { connectOptions } from "./target/target.ts";
import { checkTags } from "./target/workspace-family.ts";

/**
 * Connects to the workspace, packs the directory, and carries out `story` with both. How that ends; a failure on the way
 * is an ending too, because it is reported like any other.
 */
export async function endingOnServer(
  step: Step,
  findings: Findings,
  story: (job: Job) => Promise<Ending>,
): Promise<Ending> {
  return endingOf(step, findings, () => onServer(step, findings, story));
}

/** How `work` ends; a Failure on the way, or what ended the step, is an ending too. */
export async function endingOf(step: Step, findings: Findings, work: () => Promise<Ending>): Promise<Ending> {
  try {
    return await work();
  } catch (error) {
    const cause: unknown = step.signal.aborted ? step.signal.reason : error;
    if (cause instanceof Failure) return endingOfFailure(cause, findings.stopped);
    throw cause;
  }
}

async function onServer(
  step: Step,
  findings: Findings,
  story: (job: Job) => Promise<Ending>,
): Promise<Ending> {
  const { target } = findings;
  const options = { ...connectOptions(step, target), workspace: target.workspace };
  const { server, workspace, entitlements } = await connectToWorkspace(options);
  try {
    findings.workspace = workspace;
    await checkTags(server, workspace, target);
    const local = whyLocal(workspace, { entitlements, environment: step.context.environment });
    if (local !== undefined) {
      const { endingOnRunner } = await import("./local/on-runner.ts");
      return await endingOnRunner(step, findings, { server, workspace, why: local });
    }
    checkWorkspace(workspace, target);
    const { archive } = await prepareArchive(step, workspace.workingDirectory, target.token);
    findings.archive = archive;
    return await story({ server, workspace, archive, findings });
  } finally {
    await server.close();
  }
}
