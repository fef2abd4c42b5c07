import type { Clock } from "./clock.ts";

/** What the limiter keeps to: at most `requests` in any `windowMs`. */
export type Rate = { requests: number; windowMs: number };

/**
 * The earliest time at which one more request may go out, given the times of the earlier ones in ascending order. A
 * sliding window, so that a burst at the start costs nothing and no second ever sees more than the rate.
 */
export function nextSlot(sent: readonly number[], rate: Rate, now: number): number {
  const oldest = sent.at(-rate.requests);
  const earliest = Math.max(now, sent.at(-1) ?? now);
  return sent.length < rate.requests || oldest === undefined
    ? earliest
    : Math.max(earliest, oldest + rate.windowMs);
}

/**
 * The rate under a server's `X-RateLimit-Limit` (requests a second for the whole account, hence two thirds of it, as
 * go-tfe does), never above `most`. An unreadable limit leaves `most`.
 */
export function rateUnderLimit(limit: string | undefined, most: Rate): Rate {
  const told = limit !== undefined && /^\d{1,9}(\.\d+)?$/.test(limit.trim()) ? Number(limit) : 0;
  if (told <= 0) return most;
  return { ...most, requests: Math.max(1, Math.min(most.requests, Math.floor(told * 0.66))) };
}

export type Limiter = {
  /** Resolves when one more request may be sent; rejects with the signal's reason. */
  take: (signal: AbortSignal) => Promise<void>;
  /** Adopts the `X-RateLimit-Limit` of an answer. */
  adopt: (limit: string | undefined) => void;
};

/** A limiter over all requests of one connection. */
export function createLimiter(clock: Clock, most: Rate): Limiter {
  let rate = most;
  let sent: number[] = [];
  return {
    take: async (signal) => {
      const now = clock.now();
      // Reserved before waiting, so that requests started together do not get the same slot.
      const slot = nextSlot(sent, rate, now);
      sent = [...sent, slot].slice(-most.requests);
      if (slot > now) await clock.sleep(slot - now, signal);
    },
    adopt: (limit) => {
      if (limit !== undefined) rate = rateUnderLimit(limit, most);
    },
  };
}
