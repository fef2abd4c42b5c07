import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Run, RunAttributes, Server, Workspace } from "../../api/types.ts";
import { archiveTooLarge } from "../../archive/describe.ts";
import type { Archive } from "../../archive/pack.ts";
import { Failure } from "../../failure.ts";
import { parseStructuredLine } from "../../plan/structured-log.ts";
import { createRunOnce } from "../../run/create.ts";
import { type FollowContext, followPlan } from "../../run/follow.ts";
import { isFinal } from "../../run/status.ts";
import type { PlanOutcome } from "../../run/types.ts";
import { uploadConfiguration } from "../../run/upload.ts";
import type { Findings } from "../findings.ts";
import type { Ledger } from "../ledger.ts";
import type { Step } from "../step.ts";
import { openGitHubSoon } from "./look-ahead.ts";

/** What to run: the archive, in a workspace of a server. */
export type Job = { server: Server; workspace: Workspace; archive: Archive; findings: Findings };

/** The run to make; the ledger knows of it before the server does. */
export type RunOrder = {
  ledger: Ledger;
  /** What the archive is for: a plan only, a plan that is kept to be applied later, or an apply. */
  use: "plan-only" | "saved-plan" | "apply";
  attributes: RunAttributes;
};

/** Uploads the archive and makes exactly one run of it. */
export async function createRun(step: Step, job: Job, order: RunOrder): Promise<Run> {
  const { log, signal, clock } = step;
  const { ledger, use, attributes } = order;
  const { server, archive } = job;
  const common = { workspaceId: job.workspace.id, clock, signal };
  const configuration = {
    speculative: use === "plan-only",
    // One that nothing was applied from is not to become the workspace's own.
    ...(use === "saved-plan" && { provisional: true }),
  };
  const upload = {
    ...common,
    ...configuration,
    ...{ file: archive.file, bytes: archive.bytes, mask: log.mask },
  };
  const configurationVersionId = await uploadConfiguration(server, upload).catch(namingLargest(archive));
  return createRunOnce(server, { ...common, configurationVersionId, attributes, remember: ledger.remember });
}

/** An archive that is too large can only be helped by who knows what makes it so. */
function namingLargest(archive: Archive): (error: unknown) => never {
  return (error) => {
    const isTooLarge = error instanceof Failure && error.reason === "archive-too-large";
    throw isTooLarge ? archiveTooLarge(archive, error) : error;
  };
}

/** Says which run this is about, in the log and for the report. */
export function announce({ log }: Step, { server, findings, workspace }: Job, run: Run): void {
  const { hostname, organization } = findings.target;
  findings.run = run;
  findings.runUrl = server.facts.runUrl(hostname, organization, workspace.name, run.id);
  log.line(`Run ${run.id}: ${findings.runUrl}`);
}

/** Follows a run until its plan and checks are done. */
export async function followToPlan(
  step: Step,
  job: Job,
  { run, ledger }: { run: Run; ledger: Ledger },
): Promise<PlanOutcome> {
  const { findings } = job;
  openGitHubSoon(step, findings);
  findings.logFile = join(dirname(job.archive.file), "plan.log");
  // A run that never gets its turn has an empty log.
  await writeFile(findings.logFile, "", { mode: 0o600 });
  const outcome = await followPlan(followContext(step, job, { run, logFile: findings.logFile }));
  findings.run = outcome.run;
  findings.outcome = outcome;
  if (isFinal(outcome.run.status)) ledger.close();
  return outcome;
}

/** What following a run of this step needs. */
export function followContext(
  { inputs, log, signal, clock }: Step,
  { server, workspace, findings }: Job,
  { run, logFile }: { run: Run; logFile: string },
): FollowContext {
  return {
    server,
    organization: findings.target.organization,
    workspace,
    run,
    log,
    logFile,
    // The timeout of the whole is the signal's, which the step has had since its start.
    limits: { queueTimeoutMs: inputs.queueTimeoutMs, deadline: Number.POSITIVE_INFINITY },
    clock,
    signal,
    render: parseStructuredLine,
  };
}
