import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ApiError } from "../../api/errors.ts";
import type { Run, Server } from "../../api/types.ts";
import { digestOfArchive } from "../../archive/digest-archive.ts";
import { Failure } from "../../failure.ts";
import type { Content, RunFacts } from "../../gate/facts.ts";
import type { ApplyJob } from "./apply-job.ts";

/** A run as the gate looks at it. `planStatus`: that of its plan, where it was looked up. */
export function factsOf(run: Run, planStatus?: string): RunFacts {
  const { id, workspaceId, configurationVersionId, planId, status, message } = run;
  return {
    ...{ id, workspaceId, configurationVersionId, planId, status, message, planStatus },
    ...{ planOnly: run.planOnly, autoApply: run.autoApply, hasChanges: run.hasChanges },
    confirmable: run.actions.isConfirmable,
    canApply: run.permissions.canApply,
    createdAt: run.createdAt,
    flags: {
      destroy: run.isDestroy,
      refreshOnly: run.refreshOnly,
      refresh: run.refresh,
      targets: run.targetAddrs,
      replace: run.replaceAddrs,
      variables: run.variables,
    },
  };
}

/** `undefined` where the server knows no such run, or not for this token. */
export async function readRunFacts(server: Server, runId: string): Promise<RunFacts | undefined> {
  try {
    return factsOf(await server.readRun(runId));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** Largest archive that is downloaded to be compared, in bytes. */
const MOST_BYTES = 256 * 1024 * 1024;

/** What the configuration version of a run holds now. */
export async function readContent(
  { server, folder }: ApplyJob,
  { configurationVersionId: id }: Pick<RunFacts, "configurationVersionId">,
): Promise<Content> {
  if (id === undefined) return { unavailable: "the server does not tell the run's configuration version" };
  const file = join(folder, "content.tar.gz");
  try {
    const saved = await server.downloadConfigurationVersion(id, file, MOST_BYTES);
    if (saved === undefined) return { unavailable: `the server does not give ${id} to this token` };
    if (saved === "too-large") return { unavailable: `${id} is larger than ${MOST_BYTES} bytes` };
    return { digest: await digestOfArchive(file) };
  } catch (error) {
    if (error instanceof Failure && error.reason === "archive") return { unavailable: error.message };
    throw error;
  } finally {
    await rm(file, { force: true });
  }
}
