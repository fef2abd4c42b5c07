import { addState } from "../add-state.ts";
import { isRecord } from "../http/exchange.ts";
import type { EngineResult, Phase, Run, Workspace, World } from "../world.ts";
import { afterPlan, beforeApply, beforePlan } from "./checks.ts";
import { appendLog, closeLog, openLog } from "./log.ts";
import { playSteps, scriptedResult } from "./script.ts";
import { endPhase, isConfirmable, isFinal, setPhaseStatus, setStatus } from "./status.ts";

/** Takes a run whose turn has come as far as it goes without a person: to its plan, or through its apply. */
export async function plan(world: World, run: Run): Promise<void> {
  const workspace = workspaceOf(world, run);
  if (!(await beforePlan(run))) return end(world, run, "errored");
  setStatus(run, "plan_queued");
  setPhaseStatus(run.plan, "queued");
  const result = await runPhase(world, { run, workspace, name: "plan" });
  if (isFinal(run)) return end(world, run, run.status);
  if (run.abort.signal.aborted) return end(world, run, "canceled");
  if (!result.ok) return end(world, run, "errored");
  run.hasChanges = (result.hasChanges ?? false) && !isMereImport(world, result);
  if (run.script?.endsAs !== undefined) return setEnding(world, run, run.script.endsAs);
  await planned(world, run);
}

/** Carries out a confirmed run. */
export async function apply(world: World, run: Run): Promise<void> {
  const workspace = workspaceOf(world, run);
  if (!(await beforeApply(run))) return end(world, run, "errored");
  setStatus(run, "apply_queued");
  setPhaseStatus(run.apply, "queued");
  const result = await runPhase(world, { run, workspace, name: "apply" });
  if (isFinal(run)) return end(world, run, run.status);
  if (run.abort.signal.aborted) return end(world, run, "canceled");
  const misread = world.profile.importingApplyErrors && (result.counts?.import ?? 0) > 0;
  end(world, run, result.ok && !misread ? "applied" : "errored");
  discardOutdated(world, workspace);
}

/** The state has changed, so no saved plan of the workspace can be applied any more. */
export function discardOutdated(world: World, { id }: Workspace): void {
  if (!world.profile.savedPlansGoStale) return;
  for (const run of world.runs) {
    if (run.workspaceId === id && run.status === "planned_and_saved") end(world, run, "discarded");
  }
}

/** A plan that only imports, moves or forgets, on a server that takes such a plan for no change. */
function isMereImport(world: World, { counts, planJson }: EngineResult): boolean {
  if (!world.profile.importsAreNoChange || counts === undefined) return false;
  return counts.add + counts.change + counts.destroy === 0 && !changesOutputs(planJson);
}

function changesOutputs(planJson: EngineResult["planJson"]): boolean {
  const outputs = isRecord(planJson) ? planJson["output_changes"] : undefined;
  return Object.values(isRecord(outputs) ? outputs : {}).some(
    (change) => isRecord(change) && JSON.stringify(change["actions"]) !== '["no-op"]',
  );
}

/** Confirms a run in whoever's name and starts its apply. */
export function confirm(world: World, run: Run): void {
  setStatus(run, "confirmed");
  void apply(world, run);
}

/** Ends a run and lets the next one start. */
export function end(world: World, run: Run, status: string): void {
  const canceled = status === "canceled" || status === "force_canceled" || status === "discarded";
  const ending = canceled ? "canceled" : "errored";
  for (const phase of [run.plan, run.apply]) {
    // a phase that never began ends with its run as "unreachable", one that was interrupted as its run does
    endPhase(phase, phase.status === "pending" ? "unreachable" : ending);
  }
  setStatus(run, status);
  if (world.profile.logShared) run.plan.logLength = 0;
  world.wake();
}

function setEnding(world: World, run: Run, status: string): void {
  setStatus(run, status);
  if (isFinal(run)) end(world, run, status);
}

async function planned(world: World, run: Run): Promise<void> {
  const { planOnly } = run.attributes;
  if (planOnly ? world.profile.planOnlyIsPlanned : run.hasChanges) setStatus(run, "planned");
  const verdict = run.hasChanges ? await afterPlan(run) : "passed";
  if (isFinal(run)) return;
  if (run.abort.signal.aborted) return end(world, run, "canceled");
  if (verdict === "failed") return end(world, run, "errored");
  if (verdict === "passed") return settle(world, run);
  if (planOnly) end(world, run, "policy_soft_failed");
}

/** Goes on from a plan that passed its checks: to its end, to a person, or on to the apply. */
export function settle(world: World, run: Run): void {
  const { planOnly, allowEmptyApply, savePlan, autoApply } = run.attributes;
  if (planOnly || (!run.hasChanges && !allowEmptyApply)) end(world, run, "planned_and_finished");
  else if (savePlan) setStatus(run, "planned_and_saved");
  else if (autoApply) confirm(world, run);
  else if (!isConfirmable(run)) setStatus(run, "planned");
}

type PhaseOfRun = { run: Run; workspace: Workspace; name: "plan" | "apply" };

async function runPhase(world: World, { run, workspace, name }: PhaseOfRun): Promise<EngineResult> {
  const phase = run[name];
  if (run.abort.signal.aborted) return { ok: false };
  setStatus(run, name === "plan" ? "planning" : "applying");
  setPhaseStatus(phase, "running");
  openLog(world, run, phase);
  const result = await carryOut(world, { run, workspace, name });
  if (name === "plan") {
    run.planJson = result.planJson === undefined ? undefined : JSON.stringify(result.planJson);
    run.redactedJson = result.redactedJson === undefined ? undefined : JSON.stringify(result.redactedJson);
  }
  phase.counts = result.counts;
  closeLog(world, run, phase);
  if (!isFinal(run)) endPhase(phase, phaseEnding(run, result));
  return result;
}

function phaseEnding(run: Run, result: EngineResult): Phase["status"] {
  if (run.abort.signal.aborted) return "canceled";
  return result.ok ? "finished" : "errored";
}

async function carryOut(world: World, { run, workspace, name }: PhaseOfRun): Promise<EngineResult> {
  const phase = run[name];
  const log = (data: string | Uint8Array): void => appendLog(world, { run, phase }, data);
  const archive = world.configurationVersions.get(run.configurationVersionId)?.archive ?? Buffer.alloc(0);
  const job = { run, workspace, archive, log, signal: run.abort.signal };
  try {
    if (run.script === undefined) return await underWay(world, world.engine[name](job));
    await playSteps(run.script[name] ?? [], job, (status) => setStatus(run, status));
    if (name === "apply" && run.script.state !== undefined) addState(workspace, run.script.state);
    return scriptedResult(run.script, name);
  } catch (error) {
    log(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
    return { ok: false };
  }
}

async function underWay(world: World, phase: Promise<EngineResult>): Promise<EngineResult> {
  // the log has the error; here the end is all that counts
  const settled = phase.catch(() => undefined);
  world.engines.add(settled);
  await settled;
  world.engines.delete(settled);
  return phase;
}

/** The workspace of a run. */
export function workspaceOf(world: World, run: Run): Workspace {
  const workspace = world.workspaces.find(({ id }) => id === run.workspaceId);
  if (workspace === undefined) throw new Error(`no workspace ${run.workspaceId}`);
  return workspace;
}
