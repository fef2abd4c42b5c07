import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { planArguments } from "../../cli/plan-options.ts";
import { Failure } from "../../failure.ts";
import { createPlanDigester } from "../../gate/canonical.ts";
import { diagnosticsFromText } from "../../plan/diagnostics.ts";
import { parseStructuredLine } from "../../plan/structured-log.ts";
import { createLogPrinter } from "../../run/log-printer.ts";
import { readElements } from "../apply/read-plan.ts";
import type { Ending, ShownPlan } from "../findings.ts";
import { findCommentsEarly, openGitHubSoon } from "../plan/look-ahead.ts";
import { readPlanLog } from "../plan/plan-log-text.ts";
import { writePlanText } from "../plan/structured-plan.ts";
import type { Step } from "../step.ts";
import { type Call, type Called, callBinary } from "../tofu/call-binary.ts";
import { firstError } from "../tofu/errors.ts";
import { callInitialised } from "../tofu/initialise.ts";
import type { LocalJob } from "./on-runner.ts";

/** Exit code of a plan that changes something. */
const CHANGES = 2;

/** Plans into a file and shows what is in it, in the same way as a plan of the server. */
export async function planHere(step: Step, job: LocalJob): Promise<Ending> {
  const { findings, prepared, folder, planFile } = job;
  openGitHubSoon(step, findings);
  findings.logFile = join(folder, "plan.log");
  const call = { ...loud(step, findings.logFile), arguments: planArguments(planInputs(step, job), planFile) };
  const called = await callInitialised(step, prepared, { needs: "state", call });
  if (called.code !== 0 && called.code !== CHANGES) {
    step.signal.throwIfAborted();
    return endingOfFailedPlan(job, called);
  }
  step.signal.throwIfAborted();
  findings.comments = findCommentsEarly(step, findings);
  const shown = await showPlanFile(step, job, called);
  findings.shown = shown;
  return { status: called.code === CHANGES ? "planned" : "no-changes" };
}

/** `destroy` is a command of its own, too. */
function planInputs({ inputs }: Step, { findings }: LocalJob) {
  return { ...inputs, destroy: inputs.destroy || findings.options?.mode === "destroy" };
}

/** Both outputs go to the log as they come, and to its file. */
export function loud({ log, clock }: Step, logFile: string): Omit<Call, "arguments"> {
  const printer = createLogPrinter(log, parseStructuredLine, clock);
  return { logFile, onStdout: printer.print, onStderr: printer.print };
}

function endingOfFailedPlan({ findings, prepared }: LocalJob, { code, stderr }: Called): Ending {
  const shown = { textFile: "", jsonFile: undefined, lines: [], moreLines: 0, inLog: true };
  const nothing = { plan: undefined, counts: undefined, hasChanges: undefined };
  findings.shown = { ...shown, ...nothing, diagnostics: diagnosticsFromText(stderr) };
  const what = `${prepared.binary.product} plan of ${findings.target.workspace} failed with exit code ${code}`;
  return { status: "errored", failure: new Failure(reasonOf(stderr), `${what}${firstError(stderr)}`) };
}

/** Somebody else held the lock of the state longer than `queue-timeout`. */
export function reasonOf(stderr: string[]): "locked" | "command-failed" {
  return stderr.some((line) => line.includes("Error acquiring the state lock")) ? "locked" : "command-failed";
}

async function showPlanFile(step: Step, job: LocalJob, { code }: Called): Promise<ShownPlan> {
  const { inputs } = step;
  const jsonFile = await writePlanJson(step, job);
  const textFile = join(job.folder, "plan.txt");
  if (job.findings.applying === true) job.findings.planDigest = await digestOf(jsonFile);
  const { facts, counts, hasChanges, head } = await writePlanText(jsonFile, "plain", {
    textFile,
    values: inputs.commentValues,
  });
  return {
    ...{ plan: facts, counts, hasChanges: hasChanges || code === CHANGES },
    ...{ textFile, lines: head.lines, moreLines: head.more, inLog: true },
    jsonFile: inputs.writePlanJson ? jsonFile : undefined,
    // Terraform writes warnings to its standard output
    diagnostics: (await readPlanLog(job.findings.logFile)).diagnostics,
  };
}

/** Says which plan this is, as for a plan of the server. */
async function digestOf(file: string): Promise<string> {
  const digester = createPlanDigester({ form: "plain", key: randomBytes(32) });
  await readElements({ file, form: "plain" }, ({ part, value, name }) => digester.add(part, value, name));
  return digester.finish().publicDigest;
}

/** The structured plan. It holds secrets: without `write-plan-json` it goes with the plan. */
async function writePlanJson(step: Step, { prepared, planFile, folder }: LocalJob): Promise<string> {
  const file = step.inputs.writePlanJson ? join(folder, "plan.json") : `${planFile}.json`;
  const { code, stderr } = await callBinary(step, prepared, {
    arguments: ["show", "-json", planFile],
    stdoutFile: file,
  });
  step.signal.throwIfAborted();
  if (code === 0) return file;
  throw new Failure(
    "command-failed",
    `${prepared.binary.product} cannot show its own plan${firstError(stderr)}`,
  );
}
