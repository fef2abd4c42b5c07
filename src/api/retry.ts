import type { Fault } from "./faults.ts";

/**
 * Which requests may be sent again after a fault: `safely` reads and requests whose repetition harms nobody;
 * `if-unsent` those that may act twice and are repeated only where the server provably did nothing.
 */
export type Repeat = "safely" | "if-unsent";

export type RetryRequest = {
  repeat: Repeat;
  /** Asks for something that this process made: 404 may be a replica that lags behind. */
  recent: boolean;
  /** The server accepted this token before: 401 may be a flapping proxy. */
  accepted: boolean;
};

/** The past of one request. `random` is a number in [0, 1), drawn for this decision. */
export type RetryPast = { attempts: number; elapsedMs: number; random: number };

/** All that a decision depends on. */
export type Situation = { request: RetryRequest; fault: Fault; past: RetryPast };

/** All numbers of the policy, in milliseconds. */
export type RetryTiming = {
  backoffMinMs: number;
  backoffMaxMs: number;
  /** How long a server may be unreachable, and how often it is tried. */
  budgetMs: number;
  tries: number;
  serverWaitMinMs: number;
  /** Of `X-RateLimit-Reset`, which some servers give as a time of day. */
  serverWaitMaxMs: number;
  /** Of `Retry-After`, whose meaning is certain: only against nonsense, the step's timeout ends the wait. */
  retryAfterMaxMs: number;
  unauthorizedWaitMs: number;
  recentWaitMs: number;
};

export const defaultTiming: RetryTiming = {
  backoffMinMs: 500,
  backoffMaxMs: 30_000,
  budgetMs: 600_000,
  tries: Number.POSITIVE_INFINITY,
  serverWaitMinMs: 200,
  serverWaitMaxMs: 120_000,
  retryAfterMaxMs: 86_400_000,
  unauthorizedWaitMs: 2_000,
  recentWaitMs: 3_300,
};

export type RetryDecision = { again: false } | { again: true; waitMs: number };

const final: RetryDecision = { again: false };

/**
 * The one retry policy. Reads are repeated with full jitter while the server is unreachable; what acts is repeated only
 * after a refused or unresolved connection, 429, and 503 with Retry-After; a refused certificate is final.
 */
export function decideRetry(situation: Situation, timing: RetryTiming): RetryDecision {
  const { request, fault, past } = situation;
  if (past.attempts >= timing.tries) return final;
  // Being told to wait is no outage: only the caller's deadline ends it.
  if (fault.kind === "status" && fault.status === 429) return waitFor(heldFor(fault, past, timing) ?? 0);
  if (past.elapsedMs >= timing.budgetMs) return final;
  switch (fault.kind) {
    case "certificate":
      return final;
    case "unsent":
      return waitFor(backoff(past, timing));
    case "proxy":
      return fault.status >= 500 ? waitFor(backoff(past, timing)) : final;
    case "broken":
      return request.repeat === "safely" ? waitFor(backoff(past, timing)) : final;
    case "not-api":
      return request.repeat === "safely" && past.attempts <= 2 ? waitFor(backoff(past, timing)) : final;
    case "status":
      return afterStatus(situation, timing);
  }
}

function afterStatus({ request, fault, past }: Situation, timing: RetryTiming): RetryDecision {
  if (fault.kind !== "status") return final;
  const { status, serverWaitMs } = fault;
  if (status === 503 && serverWaitMs !== undefined) return waitFor(serverWaitMs);
  if (request.repeat !== "safely") return final;
  if (status === 401 && request.accepted && past.attempts === 1) return waitFor(timing.unauthorizedWaitMs);
  if (status === 404 && request.recent && past.attempts <= 3) return waitFor(timing.recentWaitMs);
  const passing = status >= 500 && status !== 501 && status !== 505;
  return passing || status === 408 || status === 425 ? waitFor(serverWaitMs ?? backoff(past, timing)) : final;
}

function waitFor(waitMs: number): RetryDecision {
  return { again: true, waitMs };
}

/**
 * How long a fault binds every request to the same endpoint: after 429, and after 503 that names a time. `undefined`
 * where it binds none.
 */
export function heldFor(
  fault: { kind: string; status?: number; serverWaitMs?: number | undefined },
  past: Pick<RetryPast, "attempts" | "random">,
  timing: RetryTiming,
): number | undefined {
  if (fault.kind !== "status") return undefined;
  if (fault.status === 429)
    return fault.serverWaitMs ?? Math.max(timing.serverWaitMinMs, backoff(past, timing));
  return fault.status === 503 ? fault.serverWaitMs : undefined;
}

/** Full jitter: uniform between 0 and a ceiling that doubles with each attempt. */
function backoff(past: Pick<RetryPast, "attempts" | "random">, timing: RetryTiming): number {
  const ceiling = Math.min(timing.backoffMaxMs, timing.backoffMinMs * 2 ** Math.min(past.attempts - 1, 30));
  return past.random * ceiling;
}

/**
 * How long the server asks to wait, in milliseconds, or `undefined` where it says nothing readable: `Retry-After` as
 * seconds or as an HTTP date, which is compared with the answer's own `Date` and never with the local clock; else
 * `X-RateLimit-Reset` as seconds. Clamped, so that an odd value can neither hammer the server nor stop for ever.
 */
export function serverWait(
  headers: { retryAfter: string | undefined; date: string | undefined; rateLimitReset: string | undefined },
  timing: RetryTiming,
): number | undefined {
  const retryAfter = seconds(headers.retryAfter) ?? untilDate(headers.retryAfter, headers.date);
  const [asked, most] =
    retryAfter === undefined
      ? [seconds(headers.rateLimitReset), timing.serverWaitMaxMs]
      : [retryAfter, timing.retryAfterMaxMs];
  if (asked === undefined) return undefined;
  return Math.min(most, Math.max(timing.serverWaitMinMs, asked));
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,12}(\.\d{1,9})?\s*$/.test(text) ? Number(text) * 1000 : undefined;
}

function untilDate(text: string | undefined, now: string | undefined): number | undefined {
  const difference = Date.parse(text ?? "") - Date.parse(now ?? "");
  return Number.isNaN(difference) ? undefined : difference;
}
