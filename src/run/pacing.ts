/**
 * How often to ask. One follower sends at most five requests a second of all kinds, so what is spent on the log and on
 * the run's status is decided here together: 1000/220 + 1000/4500 = 4.8, which leaves some for a run's start and end,
 * when status and log are asked for in quick succession. All durations are milliseconds.
 */

/** Requests a second, and how many may go out at once after a pause (a run's start and end need some quickly). */
export const REQUEST_RATE = { perSecond: 5, burst: 8 };

const LOG_INTERVAL = 220;
/** Without end-of-log mark only the status tells that a phase is over, so the log yields some of its share. */
const UNFRAMED_QUIET_LOG_INTERVAL = 260;
const STATUS_WHILE_LOG_FLOWS = 4500;

export type LogPace = {
  /** Reads of this log so far. */
  reads: number;
  /** Reads since the one that brought the line that sums the plan up; `undefined` before. */
  readsSinceSummary: number | undefined;
  /** Time since the last read that brought bytes, or since the first read. */
  quietMs: number;
  /** The last byte received is the end-of-log mark. */
  marked: boolean;
  /** The server marks the end of a log. */
  framed: boolean;
  /** The run's status says that nothing is appended any more. */
  ended: boolean;
  /** Reads in a row that brought nothing. */
  empties: number;
  /** Reads in a row that failed. */
  failures: number;
  /** The last read was as long as was asked for: more is there already. */
  more: boolean;
};

/** Reads that the end is looked for more often, after the summary: what the budget has to spare. */
const READS_AFTER_SUMMARY = 6;
const QUICK_LOG_INTERVAL = 100;

/** The last line but a few of a plan's log, as text and as JSON: what follows is the end. */
const SUMMARY = /Plan:(?:\u001b\[[\d;]*m)* \d+ to |No changes\.|"type":"change_summary"/;

/** Whether these bytes, the end of what a read brought, sum the plan up. */
export function holdsSummary(bytes: Uint8Array): boolean {
  return SUMMARY.test(Buffer.from(bytes.subarray(-4096)).toString("latin1"));
}

/** From the start of one read of the log to the start of the next. */
export function logInterval(pace: LogPace): number {
  if (pace.failures > 0) return Math.min(250 * 2 ** (pace.failures - 1), pace.ended ? 1000 : 5000);
  if (pace.more) return 0;
  if (pace.ended) return pace.empties === 0 || pace.marked ? 0 : 100;
  if (pace.marked) return 1000;
  if (pace.reads <= 3 || (pace.readsSinceSummary ?? READS_AFTER_SUMMARY) < READS_AFTER_SUMMARY)
    return QUICK_LOG_INTERVAL;
  if (pace.quietMs > 120_000) return 1000;
  if (pace.quietMs > 20_000) return 400;
  return !pace.framed && pace.quietMs > 1000 ? UNFRAMED_QUIET_LOG_INTERVAL : LOG_INTERVAL;
}

export type StatusPace = {
  /** What the status is needed for: to see the phase begin, to see it end, to see the checks end. */
  until: "begin" | "end" | "checked";
  /** Readings in a row since the status or what it is needed for changed, or the log's end was seen. */
  readings: number;
  /** Time over which that count was made. */
  unchangedMs: number;
  /** Time since the log last brought bytes. */
  quietMs: number;
  marked: boolean;
  framed: boolean;
};

/** From the start of one reading of the run to the start of the next. */
export function statusInterval(pace: StatusPace): number {
  if (pace.until === "end" && !pace.marked) return whileLogIsRead(pace);
  const quick = [50, 100, 200][pace.readings];
  if (quick !== undefined) return quick;
  return slowingDown(pace.unchangedMs);
}

function whileLogIsRead(pace: StatusPace): number {
  if (!pace.framed && pace.quietMs > 500) return pace.quietMs > 20_000 ? 2000 : 1000;
  return STATUS_WHILE_LOG_FLOWS;
}

function slowingDown(unchangedMs: number): number {
  if (unchangedMs < 10_000) return 250;
  if (unchangedMs < 30_000) return 500;
  return unchangedMs < 120_000 ? 1000 : 2000;
}
