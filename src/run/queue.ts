import type { Server, Workspace } from "../api/types.ts";
import { withTimeLimit } from "./clock.ts";
import type { Watch } from "./watch.ts";

/** Where the run waits. */
export type QueuePlace = { organization: string; workspace: Pick<Workspace, "name"> };

/** What was found out about the wait; each part is missing where the server did not tell. */
export type QueueFacts = {
  runId: string;
  /** Plan-only runs wait for a worker, not for the workspace. */
  planOnly: boolean;
  status: string;
  locked: boolean | undefined;
  /** The run that has the workspace. */
  holder: { id: string; status: string } | undefined;
  position: number | undefined;
};

/** Reading the reasons may not keep the run's status from being read for longer. */
const REASON_LIMIT = 5_000;
/** Statuses at which a run ahead holds the workspace because a person has to decide. */
const UNDECIDED = [
  "planned",
  "cost_estimated",
  "policy_checked",
  "policy_override",
  "post_plan_awaiting_decision",
];

/** Finds out, as far as the server tells, what a queued run waits for. Never throws. */
export async function readQueueFacts(watch: Watch, place: QueuePlace): Promise<QueueFacts> {
  const { run, server, clock, signal } = watch;
  const known = { runId: run.id, planOnly: run.planOnly === true, status: run.status };
  const bestEffort = <T>(call: (limited: Server) => Promise<T>): Promise<T | undefined> =>
    withTimeLimit({ clock, ms: REASON_LIMIT, signal }, (limited) => call(server.withSignal(limited))).catch(
      () => undefined,
    );
  await watch.budget.take(signal);
  const workspace = await bestEffort((limited) =>
    limited.readWorkspace(place.organization, place.workspace.name),
  );
  const holderId = workspace?.currentRunId;
  if (holderId !== undefined && holderId !== run.id) await watch.budget.take(signal);
  const holder =
    holderId === undefined || holderId === run.id
      ? undefined
      : await bestEffort((limited) => limited.readRun(holderId));
  await watch.budget.take(signal);
  const position = await bestEffort((limited) => limited.readQueuePosition(place.organization, run.id));
  return { ...known, locked: workspace?.locked, holder, position: position ?? run.positionInQueue };
}

/** Why a run waits, one sentence each; ids and statuses in them are foreign text. */
export function queueReasons(facts: QueueFacts): string[] {
  const reasons: string[] = [];
  if (facts.status === "pre_plan_running") reasons.push("Run tasks that come before the plan are running.");
  if (!facts.planOnly) reasons.push(...workspaceReasons(facts));
  if (facts.position !== undefined && facts.position > 0) {
    reasons.push(`Position ${facts.position} in the organization's queue.`);
  }
  return reasons.length > 0 ? reasons : [`Waiting for the plan to start (${facts.status}).`];
}

function workspaceReasons(facts: QueueFacts): string[] {
  const { holder } = facts;
  if (holder !== undefined && UNDECIDED.includes(holder.status)) {
    return [
      `Run ${holder.id} has the workspace and waits for somebody to confirm or discard it (${holder.status}).`,
    ];
  }
  if (facts.locked === true && (holder === undefined || holder.status === "pending")) {
    return ["The workspace is locked by hand: it must be unlocked before the run can start."];
  }
  if (facts.locked === true && holder !== undefined) {
    return [`Run ${holder.id} has the workspace (${holder.status}).`];
  }
  return [];
}
