import { ApiError } from "../api/errors.ts";
import type { Run, Server } from "../api/types.ts";
import { type Bell, createBell, type RequestBudget } from "./clock.ts";
import { type StatusPace, statusInterval } from "./pacing.ts";
import { isKnownRunStatus, type PlanVerdict, planVerdict } from "./status.ts";
import type { Clock, RunLog } from "./types.ts";

/** What both loops, that of the status and that of the log, know of the run they follow. */
export type Watch = {
  server: Server;
  clock: Clock;
  budget: RequestBudget;
  log: RunLog;
  signal: AbortSignal;
  /** The last reading, and since when its status has stood. */
  run: Run;
  changedAt: number;
  /** Rings when the status should be read soon. */
  bell: Bell;
  /** What the log loop has seen. */
  marked: boolean;
  bytesAt: number;
  /** However long the server cannot be reached, the reading goes on until the signal ends it. */
  patient: boolean;
};

/** A run that was just made may not be known to every machine of a server yet. */
const NOT_FOUND_PAUSES = [1_000, 3_000, 6_000];
const PATIENT_PAUSE = 10_000;

/** Begins to watch a run as it was last read. */
export function startWatch(
  start: Pick<Watch, "server" | "clock" | "budget" | "log" | "signal" | "run"> & { patient?: boolean },
): Watch {
  const now = start.clock.now();
  return {
    patient: false,
    ...start,
    changedAt: now,
    bell: createBell(start.clock),
    marked: false,
    bytesAt: now,
  };
}

/** What the run's status means for a plan, as last read. */
export function currentVerdict(watch: Watch): PlanVerdict {
  const unchangedMs = watch.clock.now() - watch.changedAt;
  return planVerdict(watch.run, { facts: watch.server.facts, unchangedMs });
}

export type WatchUntil = {
  until: StatusPace["until"];
  /** Whether the run, as last read, is where it was waited for. */
  reached: () => boolean;
  /** Called after each reading that did not reach it. */
  between?: () => Promise<void>;
};

/**
 * Reads the run until it is where it is waited for. The connection's own retries keep it alive while the server
 * cannot be reached. Rejects when the signal is aborted, and with ApiError when the run cannot be read any more.
 */
export async function watchUntil(watch: Watch, goal: WatchUntil): Promise<void> {
  let readings = 0;
  let since = watch.clock.now();
  let counted = watch.marked;
  while (!goal.reached()) {
    if (counted !== watch.marked) [readings, since, counted] = [0, watch.clock.now(), watch.marked];
    await watch.bell.wait(statusInterval(pace(watch, { until: goal.until, readings, since })), watch.signal);
    const changed = await readStatus(watch);
    readings = changed ? 0 : readings + 1;
    if (changed) since = watch.clock.now();
    if (!goal.reached()) await goal.between?.();
  }
}

function pace(
  watch: Watch,
  loop: { until: StatusPace["until"]; readings: number; since: number },
): StatusPace {
  const now = watch.clock.now();
  const framed = watch.server.facts.logFramed;
  const { until, readings } = loop;
  const times = { unchangedMs: now - loop.since, quietMs: now - watch.bytesAt };
  return { until, readings, ...times, marked: watch.marked, framed };
}

/** One reading of the run; whether its status is another than before. */
async function readStatus(watch: Watch): Promise<boolean> {
  await watch.budget.take(watch.signal);
  const before = watch.run.status;
  watch.run = await readRun(watch);
  if (watch.run.status === before) return false;
  watch.changedAt = watch.clock.now();
  if (!isKnownRunStatus(watch.run.status)) {
    watch.log.foreign([
      `The run's status is ${watch.run.status}, which is not a documented one: waiting for another.`,
    ]);
  }
  return true;
}

async function readRun(watch: Watch): Promise<Run> {
  for (let missing = 0; ; ) {
    try {
      return await watch.server.readRun(watch.run.id);
    } catch (error) {
      watch.signal.throwIfAborted();
      if (!(error instanceof ApiError)) throw error;
      const waitsOn = watch.patient && isOutage(error);
      const pause = waitsOn ? PATIENT_PAUSE : error.status === 404 ? NOT_FOUND_PAUSES[missing++] : undefined;
      if (pause === undefined) throw error;
      if (waitsOn) watch.log.line(`The run goes on; it cannot be looked at now: ${error.message}`);
      await watch.clock.sleep(pause, watch.signal);
    }
  }
}

/** Whatever is not the server's own word about the run or the token: it may pass. */
function isOutage({ status }: ApiError): boolean {
  return status === undefined || status < 400 || status >= 500 || [408, 425, 429].includes(status);
}
