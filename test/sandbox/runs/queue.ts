import { setTimeout as sleep } from "node:timers/promises";
import type { Run, Workspace, World } from "../world.ts";
import { plan } from "./lifecycle.ts";
import { playSteps } from "./script.ts";
import { isFinal, isPending, setStatus } from "./status.ts";

/** The run that occupies its workspace: under way or waiting for a person; plan-only ones occupy nothing. */
export const currentRun = (world: World, workspace: Workspace): Run | undefined =>
  world.runs.find(
    (run) =>
      run.workspaceId === workspace.id &&
      !run.attributes.planOnly &&
      !isFinal(run) &&
      !isPending(run) &&
      !isSaved(run),
  );

const isSaved = (run: Run): boolean => run.status === "planned_and_saved";

/** Runs of a workspace that wait for their turn, oldest first. */
export const waitingRuns = (world: World, workspace: Workspace): Run[] =>
  world.runs.filter((run) => run.workspaceId === workspace.id && isPending(run) && !run.attributes.planOnly);

const isLocked = (world: World, workspace: Workspace): boolean =>
  workspace.lockedBy !== undefined || currentRun(world, workspace) !== undefined;

/** Locked by a person or by a run. */
export const isWorkspaceLocked = isLocked;

/** Starts what may start: every plan-only run, and the oldest other one of each workspace that is free. */
export function schedule(world: World, starting: Set<Run>): void {
  if (world.closed) return;
  for (const workspace of world.workspaces) {
    const pending = world.runs.filter((run) => run.workspaceId === workspace.id && isPending(run));
    const planOnly = pending.filter((run) => run.attributes.planOnly);
    const next = pending.find((run) => !run.attributes.planOnly);
    const free = !isLocked(world, workspace) && next !== undefined && !starting.has(next);
    for (const run of [...planOnly, ...(free ? [next] : [])]) {
      if (starting.has(run)) continue;
      starting.add(run);
      void start(world, run).finally(() => starting.delete(run));
    }
  }
}

async function start(world: World, run: Run): Promise<void> {
  if (world.settings.startDelayMs > 0) await sleep(world.settings.startDelayMs);
  const queue = run.script?.queue ?? [];
  const job = { run, log: () => undefined, signal: run.abort.signal } as const;
  await playSteps(queue, job, (status) => setStatus(run, status));
  if (isFinal(run) || world.closed) return;
  await plan(world, run);
}
