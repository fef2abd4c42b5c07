import type { ApiClient, BlobClient } from "./clients.ts";
import type { Clock } from "./clock.ts";
import type { RetryTiming } from "./retry.ts";
import type { ServerFacts } from "./server-facts.ts";

/** What the requests of one connection share. Its mutable members are this stage's only state. */
export type Session = {
  readonly hostname: string;
  readonly tokenSource?: string | undefined;
  readonly clock: Clock;
  readonly timing: RetryTiming;
  readonly random: () => number;
  readonly mask: (secret: string) => void;
  readonly notify: (text: string) => void;
  /** Endpoint → time before which the server does not want to be asked again. */
  readonly holds: Map<string, number>;
  /** Ids of what was made through this session: a 404 for one of them may pass. */
  readonly created: Set<string>;
  /** Token and signed URLs, so that foreign text can be freed of them. */
  readonly secrets: Set<string>;
  /** The token was accepted at least once. */
  accepted: boolean;
  outage: Outage;
};

/** Since when nothing was answered, and when that was last said; times of the session's clock. */
export type Outage = { since: number | undefined; noticed: number };

/** What an endpoint needs to be called. */
export type Bound = {
  session: Session;
  api: ApiClient;
  blob: BlobClient;
  facts: ServerFacts;
  signal: AbortSignal;
};

export const outageNoticeMs = 60_000;

/** Whether an outage is to be spoken of now: once in every minute that it lasts. */
export function isNoticeDue(outage: Outage, now: number): boolean {
  return outage.since !== undefined && now - Math.max(outage.since, outage.noticed) >= outageNoticeMs;
}

/** Registers a secret URL before anything can print it: whole, and the part after the host, as logs quote it. */
export function keepSecret(session: Session, url: URL): void {
  const tail = url.pathname + url.search;
  for (const secret of [url.href, tail]) {
    if (secret.length < 12 || session.secrets.has(secret)) continue;
    session.secrets.add(secret);
    session.mask(secret);
  }
}
