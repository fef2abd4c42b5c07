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
  let waiting: Follower | undefined;
  return {
    ring: () => {
      rung = true;
      waiting?.controller.abort();
    },
    wait: async (ms, signal) => {
      signal.throwIfAborted();
      if (!rung && ms > 0) {
        waiting = follow(signal);
        await clock.sleep(ms, waiting.controller.signal).catch(() => undefined);
        waiting.release();
        waiting = undefined;
        signal.throwIfAborted();
      }
      rung = false;
    },
  };
}

type Follower = { controller: AbortController; release: () => void };

/**
 * A controller that is also aborted with `signal`, until released. `AbortSignal.any` does the same, but what it makes
 * lives until a garbage collection, and following a run makes many.
 */
function follow(signal: AbortSignal | undefined): Follower {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return { controller, release: () => signal?.removeEventListener("abort", abort) };
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
  const soft = follow(limit.signal);
  const hard = follow(limit.signal);
  const done = new AbortController();
  expire(limit, { soft, hard, done }).catch(() => undefined);
  try {
    return await untilAborted(call(soft.controller.signal), hard.controller.signal);
  } finally {
    done.abort();
    soft.release();
    hard.release();
  }
}

async function expire(
  limit: TimeLimit,
  ends: { soft: Follower; hard: Follower; done: AbortController },
): Promise<void> {
  await limit.clock.sleep(limit.ms, ends.done.signal);
  const late = new DOMException(`no answer within ${limit.ms} ms`, "TimeoutError");
  ends.soft.controller.abort(late);
  if (limit.graceMs !== undefined) await limit.clock.sleep(limit.graceMs, ends.done.signal);
  ends.hard.controller.abort(late);
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
