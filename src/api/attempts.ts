import { Failure } from "../failure.ts";
import { answerRejected, type RequestInfo, requestFailed, requestStopped, type Trouble } from "./failures.ts";
import { transportFault } from "./faults.ts";
import { header, type ResponseHeaders } from "./http.ts";
import { decideRetry, heldFor, type Repeat, type RetryTiming, serverWait } from "./retry.ts";
import { isNoticeDue, type Session } from "./session.ts";

/** One request with all its repetitions. */
export type Job<T> = {
  info: RequestInfo;
  /** What a 429 binds: method and endpoint, without ids. */
  endpoint: string;
  repeat: Repeat;
  recent?: boolean;
  /** Where they differ from the session's. */
  limits?: Partial<Pick<RetryTiming, "tries" | "budgetMs">>;
  signal: AbortSignal;
  /** Sends it once. Errors of the transport may be thrown; a Failure is final. */
  attempt: () => Promise<{ value: T } | { trouble: Trouble }>;
};

/**
 * Sends a request until it succeeds or the retry policy gives up.
 * @throws ApiError, with `ambiguous` where the request may have taken effect.
 */
export async function persist<T>(session: Session, job: Job<T>): Promise<T> {
  const timing = { ...session.timing, ...job.limits };
  let failingSince: number | undefined;
  for (let attempts = 1; ; attempts++) {
    await pause(session, job, untilAllowed(session, job.endpoint));
    const outcome = await attemptOnce(session, job);
    if ("value" in outcome) return outcome.value;
    const now = session.clock.now();
    failingSince ??= now;
    const request = { repeat: job.repeat, recent: job.recent ?? false, accepted: session.accepted };
    const past = { attempts, elapsedMs: now - failingSince, random: session.random() };
    const decision = decideRetry({ request, fault: outcome.trouble.fault, past }, timing);
    const held = heldFor(outcome.trouble.fault, past, timing);
    if (held !== undefined) session.holds.set(job.endpoint, now + held);
    if (!decision.again) throw requestFailed(job.info, outcome.trouble);
    noticeOutage(session, outcome.trouble);
    await pause(session, job, decision.waitMs);
  }
}

/** Waits as long as the server wants an endpoint left alone. */
export function untilAllowed(session: Session, endpoint: string): number {
  return (session.holds.get(endpoint) ?? 0) - session.clock.now();
}

/** Keeps to a server's wish to be left alone where the request is not repeated here. */
export function holdIfAsked(
  session: Session,
  endpoint: string,
  answer: { status: number; headers: ResponseHeaders },
): void {
  const fault = { kind: "status", status: answer.status, serverWaitMs: askedWait(session, answer.headers) };
  const held = heldFor(fault, { attempts: 1, random: session.random() }, session.timing);
  if (held !== undefined) session.holds.set(endpoint, session.clock.now() + held);
}

/** What the headers of an answer ask to wait, in milliseconds. */
export function askedWait(session: Session, headers: ResponseHeaders): number | undefined {
  const retryAfter = header(headers, "retry-after");
  const rateLimitReset = header(headers, "x-ratelimit-reset");
  return serverWait({ retryAfter, date: header(headers, "date"), rateLimitReset }, session.timing);
}

/** Waits, or stops with the job's error when its signal says so. */
export async function pause(
  session: Session,
  job: Pick<Job<never>, "info" | "signal">,
  ms: number,
): Promise<void> {
  if (ms <= 0 && !job.signal.aborted) return;
  try {
    await session.clock.sleep(Math.max(0, ms), job.signal);
  } catch {
    throw requestStopped(job.info, job.signal, false);
  }
}

async function attemptOnce<T>(session: Session, job: Job<T>): Promise<{ value: T } | { trouble: Trouble }> {
  try {
    const outcome = await job.attempt();
    if (job.signal.aborted && "trouble" in outcome) throw requestStopped(job.info, job.signal, true);
    if ("value" in outcome) session.outage = { since: undefined, noticed: 0 };
    return outcome;
  } catch (error) {
    if (wasStopped(error, job.signal)) throw requestStopped(job.info, job.signal, true);
    if (error instanceof Failure) throw withRequest(job.info, error);
    return { trouble: { fault: transportFault(error), detail: "", cause: error } };
  }
}

/** The transport rejects with the signal's reason, which may itself be a Failure. */
export function wasStopped(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || !(error instanceof Failure));
}

function withRequest(info: RequestInfo, failure: Failure): Failure {
  return "ambiguous" in failure ? failure : answerRejected(info, undefined, failure);
}

/** Says once a minute that nothing is answered, so that a silent step does not look stuck. */
function noticeOutage(session: Session, trouble: Trouble): void {
  const { fault } = trouble;
  const absent = fault.kind === "status" ? fault.status >= 500 : fault.kind !== "certificate";
  if (!absent) return;
  const now = session.clock.now();
  session.outage.since ??= now;
  if (!isNoticeDue(session.outage, now)) return;
  session.outage.noticed = now;
  const lasting = Math.round((now - session.outage.since) / 1000);
  const last = fault.kind === "status" ? `status ${fault.status}` : "code" in fault ? fault.code : fault.kind;
  session.notify(
    `${session.hostname} unreachable for ${lasting} s (${last}); a run goes on there, trying again`,
  );
}
