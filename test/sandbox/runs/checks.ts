import { setTimeout as sleep } from "node:timers/promises";
import { makeId } from "../ids.ts";
import type { Run, TaskStage, Workspace, World } from "../world.ts";
import { isFinal, setStatus } from "./status.ts";

/** What the checks after a plan come to: `override` waits for a person. */
export type Verdict = "passed" | "failed" | "override";

/** Gives a new run the checks its workspace or its script has. */
export function attachChecks(world: World, run: Run, workspace: Workspace): void {
  if (!world.profile.policies) return;
  const { script } = run;
  const cost = script?.costEstimate ?? workspace.costEstimate;
  if (cost !== undefined) run.costEstimate = { id: makeId("ce"), spec: cost, status: "pending" };
  run.policyChecks = (script?.policyChecks ?? workspace.policyChecks).map((spec) => ({
    id: makeId("polchk"),
    spec,
    status: "pending",
  }));
  run.taskStages = (script?.taskStages ?? workspace.taskStages).map((spec) => ({
    id: makeId("ts"),
    spec,
    status: "pending",
  }));
}

/** Pre-plan stage; false when it failed. */
export async function beforePlan(run: Run): Promise<boolean> {
  return (await runStages(run, "pre_plan")) === "passed";
}

/** Pre-apply stage; false when it failed. */
export async function beforeApply(run: Run): Promise<boolean> {
  return (await runStages(run, "pre_apply")) === "passed";
}

/** Cost estimate, post-plan stage and policy checks, in the order HCP Terraform has them. */
export async function afterPlan(run: Run): Promise<Verdict> {
  const stages = await runStages(run, "post_plan");
  if (stages !== "passed") return stages;
  await estimateCost(run);
  return checkPolicies(run);
}

/** A moment in which clients can see the status. */
const moment = (): Promise<void> => sleep(10);

async function estimateCost(run: Run): Promise<void> {
  if (run.costEstimate === undefined || isFinal(run)) return;
  setStatus(run, "cost_estimating");
  run.costEstimate.status = "queued";
  await moment();
  run.costEstimate.status = run.costEstimate.spec.status;
  if (!isFinal(run)) setStatus(run, "cost_estimated");
}

async function checkPolicies(run: Run): Promise<Verdict> {
  if (run.policyChecks.length === 0 || isFinal(run)) return "passed";
  setStatus(run, "policy_checking");
  for (const check of run.policyChecks) {
    check.status = "queued";
    await moment();
    check.status = check.spec.status;
  }
  if (isFinal(run)) return "failed";
  const statuses = run.policyChecks.map(({ status }) => status);
  if (statuses.includes("hard_failed") || statuses.includes("errored")) return "failed";
  const soft = statuses.includes("soft_failed");
  setStatus(run, soft ? "policy_override" : "policy_checked");
  return soft ? "override" : "passed";
}

async function runStages(run: Run, name: TaskStage["spec"]["stage"]): Promise<Verdict> {
  const stages = run.taskStages.filter(({ spec }) => spec.stage === name);
  if (stages.length === 0 || isFinal(run)) return "passed";
  setStatus(run, `${name}_running`);
  for (const stage of stages) {
    stage.status = "running";
    await moment();
    stage.status = stage.spec.status;
  }
  if (isFinal(run)) return "failed";
  const statuses = stages.map(({ status }) => status);
  if (statuses.includes("failed") || statuses.includes("errored")) return "failed";
  const waits = statuses.includes("awaiting_override");
  setStatus(run, waits ? "post_plan_awaiting_decision" : `${name}_completed`);
  return waits ? "override" : "passed";
}
