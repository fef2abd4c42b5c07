import type { Clock } from "../../src/run/types.ts";

type Sleeper = { at: number; wake: () => void };

/**
 * A clock whose time passes only while everybody sleeps: when all other work of the process has come to a halt, it
 * jumps to the moment at which the first sleeper wakes. `isBusy` tells of other work that takes no time.
 */
export function createFakeClock(isBusy: () => boolean = () => false): Clock {
  let now = 0;
  let sleepers: Sleeper[] = [];
  let scheduled = false;
  const schedule = () => {
    if (scheduled || sleepers.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (isBusy() || filesAreBusy()) return schedule();
      const next = sleepers.reduce<Sleeper | undefined>(
        (first, one) => (first === undefined || one.at < first.at ? one : first),
        undefined,
      );
      if (next === undefined) return;
      now = Math.max(now, next.at);
      sleepers = sleepers.filter((one) => one !== next);
      next.wake();
      schedule();
    });
  };
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const forget = () => {
        sleepers = sleepers.filter((one) => one !== sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", forget);
        resolve();
      };
      const sleeper = { at: now + Math.max(0, ms), wake };
      sleepers.push(sleeper);
      signal?.addEventListener("abort", forget, { once: true });
      schedule();
    });
  return { now: () => now, sleep };
}

/** Work with files takes real time, in which this clock must stand still. */
function filesAreBusy(): boolean {
  return process.getActiveResourcesInfo().some((name) => /FSReq|CloseReq/i.test(name));
}
