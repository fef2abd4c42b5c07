import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Run, Server, Workspace } from "../api/types.ts";
import { archiveTooLarge } from "../archive/describe.ts";
import type { Archive } from "../archive/pack.ts";
import { Failure } from "../failure.ts";
import { parseStructuredLine } from "../plan/structured-log.ts";
import { systemClock } from "../run/clock.ts";
import { createRunOnce } from "../run/create.ts";
import { followPlan } from "../run/follow.ts";
import { isFinal } from "../run/status.ts";
import type { PlanOutcome } from "../run/types.ts";
import { uploadConfiguration } from "../run/upload.ts";
import type { Findings } from "./findings.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { openGitHubSoon } from "./look-ahead.ts";
import { runMessage } from "./message.ts";
import type { Step } from "./step.ts";

/** What to run: the archive, in a workspace of a server. */
export type Job = { server: Server; workspace: Workspace; archive: Archive; findings: Findings };

/**
 * Uploads the archive, makes exactly one speculative run of it and follows it to its end. Whatever happens on the way,
 * when this returns or throws the run is settled, or written down for the post step.
 */
export async function runPlan(step: Step, job: Job): Promise<PlanOutcome> {
  const { server, workspace, findings } = job;
  const ledger = openLedger(findings.target, workspace);
  try {
    const run = await createRun(step, job, ledger);
    announce(step, job, run);
    openGitHubSoon(step, findings);
    const outcome = await follow(step, job, run);
    findings.run = outcome.run;
    if (isFinal(outcome.run.status)) ledger.close();
    return outcome;
  } finally {
    findings.stopped = await ledger.settle(server, step.log);
  }
}

async function createRun(step: Step, job: Job, ledger: Ledger): Promise<Run> {
  const { log, signal } = step;
  const { server, archive } = job;
  const common = { workspaceId: job.workspace.id, clock: systemClock, signal };
  const upload = { ...common, speculative: true, file: archive.file, bytes: archive.bytes, mask: log.mask };
  const configurationVersionId = await uploadConfiguration(server, upload).catch(namingLargest(archive));
  // The configuration version is speculative already; a server that passes over that must not make more of it.
  const attributes = { message: message(step, archive), "plan-only": true, "auto-apply": false };
  return createRunOnce(server, { ...common, configurationVersionId, attributes, remember: ledger.remember });
}

/** An archive that is too large can only be helped by who knows what makes it so. */
function namingLargest(archive: Archive): (error: unknown) => never {
  return (error) => {
    const isTooLarge = error instanceof Failure && error.reason === "archive-too-large";
    throw isTooLarge ? archiveTooLarge(archive, error) : error;
  };
}

function message({ inputs, context, pullRequest }: Step, { digest }: Archive): string {
  return runMessage({ ...context, given: inputs.message, pullRequest, digest });
}

function announce({ log }: Step, { server, findings, workspace }: Job, run: Run): void {
  const { hostname, organization } = findings.target;
  findings.run = run;
  findings.runUrl = server.facts.runUrl(hostname, organization, workspace.name, run.id);
  log.line(`Run ${run.id}: ${findings.runUrl}`);
}

async function follow(step: Step, job: Job, run: Run): Promise<PlanOutcome> {
  const { inputs, log, signal } = step;
  const { server, workspace, archive, findings } = job;
  findings.logFile = join(dirname(archive.file), "plan.log");
  // A run that never gets its turn has an empty log.
  await writeFile(findings.logFile, "", { mode: 0o600 });
  return followPlan({
    server,
    organization: findings.target.organization,
    workspace,
    run,
    log,
    logFile: findings.logFile,
    // The timeout of the whole is the signal's, which the step has had since its start.
    limits: { queueTimeoutMs: inputs.queueTimeoutMs, deadline: Number.POSITIVE_INFINITY },
    clock: systemClock,
    signal,
    render: parseStructuredLine,
  });
}
