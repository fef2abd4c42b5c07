import { applyArguments } from "../../cli/plan-options.ts";
import { Failure } from "../../failure.ts";
import { diagnosticsFromText } from "../../plan/diagnostics.ts";
import { findMergedByPush } from "../apply/merged-pull-request.ts";
import type { Ending } from "../findings.ts";
import type { Step } from "../step.ts";
import { callBinary } from "../tofu/call-binary.ts";
import { firstError } from "../tofu/errors.ts";
import type { LocalJob } from "./on-runner.ts";
import { loud, reasonOf } from "./plan-here.ts";

/**
 * Applies the very plan that was just made and shown, where that was asked for without a review. There is no other way here: the
 * server keeps no plan of a workspace that plans locally, so nothing tells what was reviewed.
 */
export async function applyHere(step: Step, job: LocalJob, planned: Ending): Promise<Ending> {
  const { inputs, log } = step;
  const { findings } = job;
  const merged = await findMergedByPush(step);
  if ("main" in merged) findings.mergedPullRequest = merged.main.pullRequest.number;
  if (planned.status === "no-changes" && !(inputs.allowEmptyApply && inputs.autoApprove)) return planned;
  if (!inputs.autoApprove) return held(job);
  const note = "Nobody reviewed this plan: it is applied because of auto-approve.";
  findings.notes.push(note);
  log.line(note);
  return carryOut(step, job);
}

function held({ findings }: LocalJob): Ending {
  const message =
    `The workspace ${findings.target.workspace} plans locally, so its server holds no reviewed plan that this one could be ` +
    "compared with, and nothing was applied. Set auto-approve: true in a job whose environment has required reviewers: it " +
    'applies the plan that it makes and shows; or set the workspace\'s execution mode to "remote".';
  return { status: "held", failure: new Failure("no-reviewed-plan", message) };
}

async function carryOut(step: Step, { findings, prepared, planFile }: LocalJob): Promise<Ending> {
  const { code, stderr } = await callBinary(step, prepared, {
    ...loud(step, findings.logFile ?? ""),
    arguments: applyArguments(step.inputs, planFile),
  });
  findings.applied = code === 0;
  if (code === 0) return { status: "applied" };
  findings.notes.push("What the apply had done before it stopped is in the state, as far as the log says.");
  if (findings.shown !== undefined) {
    const diagnostics = [...findings.shown.diagnostics, ...diagnosticsFromText(stderr)];
    findings.shown = { ...findings.shown, diagnostics };
  }
  step.signal.throwIfAborted();
  const what = `${prepared.binary.product} apply of ${findings.target.workspace} failed with exit code ${code}`;
  return { status: "errored", failure: new Failure(reasonOf(stderr), `${what}${firstError(stderr)}`) };
}
