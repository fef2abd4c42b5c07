import { confirmStage } from "./statuses.ts";

/** What is looked at of a run. Times by the names of statuses, such as `discarded-at`, ISO 8601. */
export type TimedRun = {
  id: string;
  status: string;
  savePlan?: boolean | undefined;
  statusTimestamps: Record<string, string>;
};

/**
 * Whether a saved plan was discarded by the server because another run was applied after it was planned, and not by a
 * person who rejects it. The first apply takes every saved plan of the workspace with it, so one that was discarded after an
 * apply was discarded by it. A state that changed without a run leaves no such trace: that counts as a person's.
 */
export function isOutdated(run: TimedRun, runs: readonly TimedRun[]): boolean {
  if (run.savePlan !== true || confirmStage(run.status) !== "discarded") return false;
  const saved = timeOf(run, "planned-and-saved-at");
  const discarded = timeOf(run, "discarded-at");
  return runs.some((other) => {
    return other.id !== run.id && timeOf(other, "applying-at") <= discarded && applyEnd(other) >= saved;
  });
}

/** When the apply of a run ended, one that failed half-way too; when it began where it goes on. */
function applyEnd(run: TimedRun): number {
  const [end] = ["applied-at", "errored-at", "canceled-at", "applying-at"]
    .map((name) => timeOf(run, name))
    .filter((time) => !Number.isNaN(time));
  return end ?? Number.NaN;
}

/** NaN, which compares as false, where it is not told. */
function timeOf({ statusTimestamps }: TimedRun, name: string): number {
  return Date.parse(statusTimestamps[name] ?? "");
}
