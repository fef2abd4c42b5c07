/** An answer of the GitHub API as the client gives it on: never an exception, so that callers decide by `status`. */
export type Answer = {
  /** HTTP status; 0 when there was no answer, or one that broke off. */
  status: number;
  /** Parsed body of a 2xx answer, to be checked before use. */
  data: unknown;
  /** GitHub's words about a failure, plain text; empty for 2xx. Never holds a token or an address. */
  message: string;
  headers: Readonly<Record<string, string>>;
};

/** One attempt that may be followed by another. */
export type Attempt = {
  answer: Answer;
  /** How many attempts were made, this one included. */
  made: number;
  /** The request may be sent twice without doing its work twice. */
  idempotent: boolean;
  /** Milliseconds since the epoch. */
  now: number;
};

const MOST_ATTEMPTS = 4;
/** GitHub asks for at least a minute where a secondary limit names no time ("Rate limits for the REST API"). */
const UNNAMED_LIMIT_MS = 60_000;

/** GitHub refused for now: 429, or a 403 that speaks of a limit rather than of a permission. */
export function isRateLimit({ status, headers, message }: Answer): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    "retry-after" in headers ||
    headers["x-ratelimit-remaining"] === "0" ||
    /rate limit|abuse detection/i.test(message)
  );
}

/**
 * How many milliseconds to wait before the next attempt, or `undefined` when there is to be none. A rate limit waits as
 * long as GitHub says, since it may ban clients that go on (docs.github.com, "Best practices for using the REST API");
 * such a request was not carried out, so it may be sent again whatever it does. No answer and 5xx are repeated for
 * idempotent requests only.
 */
export function retryDelay({ answer, made, idempotent, now }: Attempt): number | undefined {
  if (made >= MOST_ATTEMPTS) return undefined;
  if (isRateLimit(answer)) return limitDelay(answer.headers, made, now);
  const failed = answer.status === 0 || answer.status >= 500;
  return failed && idempotent ? 500 * 3 ** (made - 1) : undefined;
}

function limitDelay(headers: Readonly<Record<string, string>>, made: number, now: number): number {
  const after = Number(headers["retry-after"] || Number.NaN);
  if (Number.isFinite(after) && after >= 0) return after * 1000;
  const reset = Number(headers["x-ratelimit-reset"] || Number.NaN);
  if (headers["x-ratelimit-remaining"] === "0" && Number.isFinite(reset))
    return Math.max(1000, reset * 1000 - now);
  return UNNAMED_LIMIT_MS * 2 ** (made - 1);
}
