import { setTimeout } from "node:timers/promises";

/** Monotonic milliseconds, and waiting that a signal ends: the only time that this stage knows. */
export type Clock = {
  now: () => number;
  /** Rejects with the signal's reason when it is aborted. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted();
    try {
      await setTimeout(Math.ceil(ms), undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};
