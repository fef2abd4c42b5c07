import { Failure } from "../failure.ts";
import { bindServer } from "./bind.ts";
import { createApiClient, createBlobClient, type Wire } from "./clients.ts";
import { systemClock } from "./clock.ts";
import { chooseConfigured, discover } from "./discovery.ts";
import { checkOrganization, type Entitlements } from "./endpoints/organizations.ts";
import { readPing } from "./endpoints/ping.ts";
import { readWorkspace } from "./endpoints/workspaces.ts";
import { factsOf } from "./facts.ts";
import { openTransport, type ProxyVariables, type Transport } from "./http.ts";
import { createLimiter } from "./limiter.ts";
import type { Bound, Session } from "./session.ts";
import { defaultTuning, type Tuning } from "./tuning.ts";
import type { Server, Workspace } from "./types.ts";

export type ConnectOptions = {
  /** Host and optional port, as configured. */
  hostname: string;
  organization: string;
  token: string;
  /** Where it was found, for the error of a server that does not accept it: `the input token`. */
  tokenSource?: string;
  userAgent: string;
  /** Version of the CLI whose part is played here, `x.y.z`; sent as `Terraform-Version`. */
  clientVersion?: string;
  /** The environment's proxy variables by name: `https_proxy`, `HTTPS_PROXY`, `no_proxy`, `NO_PROXY`. */
  proxy: ProxyVariables;
  signal: AbortSignal;
  /** Service → URL: stands for the host's discovery document, which is not asked for then. */
  services?: Readonly<Record<string, string>>;
  /** Called with every secret before it can be printed. */
  mask: (secret: string) => void;
  /** Called once in every minute in which the server is unreachable. */
  notify?: (text: string) => void;
  tuning?: Partial<Tuning>;
};

/**
 * A connected server. `entitled` settles by itself: it rejects when the organization is missing, the token is not
 * accepted; await it before anything is created. Its rejection is never an unhandled one.
 */
export type Connection = { server: Server; entitled: Promise<Entitlements> };

/**
 * Finds the server's API, recognises the server by its ping, and checks the organization at the same time.
 * @throws ApiError, Failure; nothing stays open then.
 */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const opened = await open(options);
  const entitled = handled(checkOrganization(opened.preliminary, options.organization));
  return orAbandon(opened, async () => ({ server: await recogniseServer(opened), entitled }));
}

/**
 * `connect` with the organization checked and the workspace read: after the discovery, the ping, the organization and
 * the workspace are asked for at the same time, so two round trips in all. Of several failures the organization's is
 * reported before the workspace's, whichever came first.
 * @throws ApiError, Failure; nothing stays open then.
 */
export async function connectToWorkspace(
  options: ConnectOptions & { workspace: string },
): Promise<{ server: Server; workspace: Workspace; entitlements: Entitlements }> {
  const opened = await open(options);
  const entitled = handled(checkOrganization(opened.preliminary, options.organization));
  const read = handled(readWorkspace(opened.preliminary, options.organization, options.workspace));
  return orAbandon(opened, async () => {
    const server = await recogniseServer(opened);
    const entitlements = await entitled;
    return { server, entitlements, workspace: await read };
  });
}

/** A discovered API, not yet recognised. */
type Opened = {
  /** What the server's methods will be bound to. */
  bound: Omit<Bound, "facts">;
  /** For what is asked before the ping has answered: the facts that the discovery alone shows. */
  preliminary: Bound;
  /** Ends what is still being asked, and the connections. */
  abandon: () => Promise<void>;
  close: () => Promise<void>;
};

async function open(options: ConnectOptions): Promise<Opened> {
  checkToken(options);
  const tuning = { ...defaultTuning, ...options.tuning };
  const transport = await openTransport({ proxy: options.proxy, connectTimeoutMs: tuning.connectTimeoutMs });
  const session = createSession(options, tuning);
  const wire = createWire(transport, tuning, options.userAgent);
  const blob = createBlobClient(wire);
  const { signal } = options;
  try {
    const { services } = options;
    const base =
      services === undefined
        ? await discover(session, blob, { signal, limits: tuning.discovery ?? {} })
        : chooseConfigured(options.hostname, services);
    const api = createApiClient(wire, { base, token: options.token, headers: headersOf(options) });
    return prepare({ session, api, blob, signal }, transport.close);
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/** What no HTTP header may hold would otherwise only show as a request that cannot be sent. */
function checkToken({ token, hostname }: ConnectOptions): void {
  if (/^[\u0021-\u007e]+$/.test(token)) return;
  const what =
    token === "" ? "is empty" : "holds a space, a line break or another character that no token has";
  throw new Failure("credentials", `the token for ${hostname} ${what}: check how it is given`);
}

function prepare(bound: Omit<Bound, "facts">, close: () => Promise<void>): Opened {
  const phase = new AbortController();
  const silent = { appName: undefined, apiVersion: undefined, tfeVersion: undefined };
  return {
    bound,
    preliminary: {
      ...bound,
      signal: AbortSignal.any([bound.signal, phase.signal]),
      facts: factsOf({ ...evidenceOf(bound), ...silent }),
    },
    abandon: () => {
      phase.abort();
      return close();
    },
    close,
  };
}

async function recogniseServer({ bound, preliminary, close }: Opened): Promise<Server> {
  const shown = await readPing(preliminary);
  const facts = factsOf({ ...evidenceOf(bound), ...shown });
  return bindServer({ ...bound, facts }, close);
}

function evidenceOf({ session, api }: Omit<Bound, "facts">) {
  return { hostname: session.hostname, basePath: api.base.pathname };
}

async function orAbandon<T>(opened: Opened, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await opened.abandon();
    throw error;
  }
}

/** Keeps a promise that is awaited later, or never, from counting as an unhandled rejection. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function createSession(options: ConnectOptions, tuning: Tuning): Session {
  return {
    hostname: options.hostname,
    tokenSource: options.tokenSource,
    clock: systemClock,
    timing: tuning.retry,
    random: tuning.random,
    mask: options.mask,
    notify: options.notify ?? (() => undefined),
    holds: new Map(),
    created: new Set(),
    secrets: new Set([options.token]),
    accepted: false,
    outage: { since: undefined, noticed: 0 },
  };
}

function createWire(transport: Transport, tuning: Tuning, userAgent: string): Wire {
  const rate = { requests: tuning.requestsPerSecond, windowMs: tuning.rateWindowMs };
  return {
    transport,
    limiter: createLimiter(systemClock, rate),
    stall: { answerMs: tuning.answerStallMs, uploadMs: tuning.uploadStallMs },
    // TF_APPEND_USER_AGENT may hold anything; a header may not.
    userAgent: userAgent.replace(/[^\u0020-\u007e]/g, "?"),
  };
}

/**
 * Headers of every request to the API. `X-Terraform-Integration: cloud` is always sent: it says that the client plays
 * the part of the `cloud` block (sends variables, waits for task stages), as this one does for both kinds of block, and
 * without it OTF reports workspaces that allow applies from the CLI as tied to their VCS.
 */
function headersOf({ clientVersion }: ConnectOptions): Record<string, string> {
  const version: Record<string, string> =
    clientVersion === undefined ? {} : { "terraform-version": clientVersion };
  return { "x-terraform-integration": "cloud", ...version };
}
