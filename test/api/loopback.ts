import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";
import { type ConnectOptions, connect } from "../../src/api/server.ts";
import { defaultTuning, type Tuning } from "../../src/api/tuning.ts";

export type Seen = { method: string; path: string; headers: IncomingHttpHeaders; body: Buffer; at: number };
/** `raw.reset` sends a TCP reset. */
export type Raw = IncomingMessage & { reset: () => void };
export type Handler = (request: Seen, response: ServerResponse, raw: Raw) => void | Promise<void>;

export type Loopback = {
  /** `localhost:<port>` */
  host: string;
  origin: string;
  seen: Seen[];
  paths: () => string[];
  stop: () => Promise<void>;
};

export type Certificate = { key: string; cert: string };

/** A certificate for localhost and 127.0.0.1, self-signed. */
export async function makeCertificate(
  options: { names?: string[]; notAfter?: Date; notBefore?: Date } = {},
): Promise<Certificate> {
  const names = options.names ?? ["localhost"];
  const made = await generate([{ name: "commonName", value: names[0] ?? "localhost" }], {
    algorithm: "sha256",
    keyType: "ec",
    extensions: [{ name: "subjectAltName", altNames: names.map((value) => ({ type: 2, value })) }],
    ...(options.notAfter === undefined ? {} : { notAfterDate: options.notAfter }),
    ...(options.notBefore === undefined ? {} : { notBeforeDate: options.notBefore }),
  });
  return { key: made.private, cert: made.cert };
}

/** Makes this process trust a certificate, as NODE_EXTRA_CA_CERTS would from the start. */
export function trust(...certificates: Certificate[]): void {
  setDefaultCACertificates([...getCACertificates("default"), ...certificates.map(({ cert }) => cert)]);
}

let shared: Promise<Certificate> | undefined;

/** The certificate that this process trusts. */
export function trusted(): Promise<Certificate> {
  shared ??= makeCertificate().then((certificate) => {
    trust(certificate);
    return certificate;
  });
  return shared;
}

/** An https server that records every request and answers by the handler. */
export async function serve(handler: Handler, certificate?: Certificate): Promise<Loopback> {
  const seen: Seen[] = [];
  const sockets = new Map<number | undefined, Socket>();
  const server: Server = createServer(certificate ?? (await trusted()), async (raw, response) => {
    const chunks: Buffer[] = [];
    const request: Seen = {
      method: raw.method ?? "",
      path: raw.url ?? "",
      headers: raw.headers,
      body: Buffer.alloc(0),
      at: performance.now(),
    };
    seen.push(request);
    raw.on("error", () => undefined);
    try {
      for await (const chunk of raw) chunks.push(chunk);
    } catch {
      return;
    }
    request.body = Buffer.concat(chunks);
    await handler(
      request,
      response,
      Object.assign(raw, { reset: () => sockets.get(raw.socket.remotePort)?.resetAndDestroy() }),
    );
  });
  // A TLS socket cannot be reset, the TCP socket under it can.
  server.on("connection", (socket: Socket) => sockets.set(socket.remotePort, socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `localhost:${port}`,
    origin: `https://localhost:${port}`,
    seen,
    paths: () => seen.map(({ method, path }) => `${method} ${path}`),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(
  response: ServerResponse,
  status: number,
  ...rest: [unknown, Record<string, string>?]
): void {
  const [value, headers] = rest;
  response.writeHead(status, { "content-type": "application/vnd.api+json", ...headers });
  response.end(JSON.stringify(value));
}

export function html(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" });
  response.end(text);
}

export const services = { "tfe.v2": "/api/v2/", "tfe.v2.1": "/api/v2/", "tfe.v2.2": "/api/v2/" };

/** Answers discovery, ping and entitlement-set, and everything else by the handler, whose paths start after the base. */
export function api(
  handler: Handler,
  headers: Record<string, string> = { "tfp-api-version": "2.5" },
): Handler {
  return (request, response, raw) => {
    if (request.path === "/.well-known/terraform.json") {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(services));
      return;
    }
    if (request.path === "/api/v2/ping") {
      response.writeHead(204, headers);
      response.end();
      return;
    }
    if (request.path.endsWith("/entitlement-set")) {
      json(response, 200, {
        data: { type: "entitlement-sets", id: "org", attributes: { operations: true } },
      });
      return;
    }
    return handler(request, response, raw);
  };
}

/** Timeouts and waits small enough for tests. */
export const quick: Partial<Tuning> = {
  connectTimeoutMs: 2_000,
  answerStallMs: 300,
  uploadStallMs: 300,
  retry: {
    ...defaultTuning.retry,
    backoffMinMs: 2,
    backoffMaxMs: 10,
    budgetMs: 400,
    serverWaitMinMs: 1,
    unauthorizedWaitMs: 5,
    recentWaitMs: 5,
  },
  requestsPerSecond: 1_000,
};

export const token = "token-that-nobody-may-see";

export function optionsFor(
  host: string,
  more: Partial<ConnectOptions> = {},
): ConnectOptions & { masked: string[] } {
  const masked: string[] = [];
  return {
    hostname: host,
    organization: "org",
    token,
    userAgent: "test/1",
    proxy: {},
    signal: new AbortController().signal,
    mask: (secret) => masked.push(secret),
    tuning: quick,
    masked,
    ...more,
  };
}

export async function connected(host: string, more: Partial<ConnectOptions> = {}) {
  const options = optionsFor(host, more);
  const { server, entitled } = await connect(options);
  await entitled;
  return { server, masked: options.masked };
}

/** The error that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}
