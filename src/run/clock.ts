import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "./types.ts";

/** The longest delay a Node timer takes; a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The process's monotonic clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    delay(Math.min(Math.max(0, ms), LONGEST_TIMER), undefined, signal === undefined ? {} : { signal }),
};

/** A wait that somebody else can end early. A ring while nobody waits ends the next wait at once. */
export type Bell = { ring: () => void; wait: (ms: number, signal: AbortSignal) => Promise<void> };

/** Makes a bell for one waiting loop. `wait` rejects only when `signal` is aborted. */
export function createBell(clock: Clock): Bell {
  let rung = false;
  let waiting: AbortController | undefined;
  return {
    ring: () => {
      rung = true;
      waiting?.abort();
    },
    wait: async (ms, signal) => {
      signal.throwIfAborted();
      if (!rung && ms > 0) {
        waiting = new AbortController();
        await sleepUntilAborted(clock, ms, AbortSignal.any([signal, waiting.signal]));
        waiting = undefined;
        signal.throwIfAborted();
      }
      rung = false;
    },
  };
}

async function sleepUntilAborted(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Permission to send requests, shared by all loops that follow one run. */
export type RequestBudget = { take: (signal: AbortSignal) => Promise<void> };

/**
 * A token bucket: `perSecond` requests in the long run, `burst` at once after a pause. Who asks first goes first.
 * `take` rejects when the signal is aborted.
 */
export function createBudget(clock: Clock, rate: { perSecond: number; burst: number }): RequestBudget {
  let tokens = rate.burst;
  let filledAt = clock.now();
  return {
    take: async (signal) => {
      signal.throwIfAborted();
      const now = clock.now();
      tokens = Math.min(rate.burst, tokens + ((now - filledAt) / 1000) * rate.perSecond) - 1;
      filledAt = now;
      if (tokens < 0) await clock.sleep((-tokens / rate.perSecond) * 1000, signal);
    },
  };
}

export type TimeLimit = {
  clock: Clock;
  ms: number;
  /** How long after that the call may take to settle in its own way; 0 by default. */
  graceMs?: number;
  /** Ends the call at once. */
  signal?: AbortSignal | undefined;
};

/**
 * Runs `call` with a signal that is aborted after `ms` or with `signal`. Settles then (for the time limit, after the
 * grace) even when `call` does not heed its signal.
 */
export async function withTimeLimit<T>(
  limit: TimeLimit,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [soft, hard, done] = [new AbortController(), new AbortController(), new AbortController()];
  const outer = limit.signal === undefined ? [] : [limit.signal];
  const late = new DOMException(`no answer within ${limit.ms} ms`, "TimeoutError");
  const expire = async () => {
    await limit.clock.sleep(limit.ms, done.signal);
    soft.abort(late);
    if (limit.graceMs !== undefined) await limit.clock.sleep(limit.graceMs, done.signal);
    hard.abort(late);
  };
  expire().catch(() => undefined);
  try {
    const work = call(AbortSignal.any([soft.signal, ...outer]));
    return await untilAborted(work, AbortSignal.any([hard.signal, ...outer]));
  } finally {
    done.abort();
  }
}

/** `work`, or a rejection with the signal's reason if that is aborted first. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
