import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Server, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Certificate } from "./certificate.ts";
import { type Exchange, Refusal, type Reply } from "./exchange.ts";
import type { Fault, Faults } from "./faults.ts";
import { type Connection, endFault, send } from "./wire.ts";

/** One request as a server of the sandbox got it. */
export type RecordedRequest = {
  server: "tfe" | "github";
  method: string;
  /** Path and query. */
  path: string;
  /** All of them but Authorization. */
  headers: Record<string, string>;
  /** An Authorization header was there. */
  authorized: boolean;
  /** The bearer token in it. */
  token: string | undefined;
  /** The body where it is JSON, else undefined; `bytes` is its length. */
  json: unknown;
  bytes: number;
  /** Milliseconds, as `performance.now()`. */
  at: number;
  /** Of the answer; undefined while none is sent. */
  status: number | undefined;
  fault: Fault["kind"] | undefined;
};

export type Listener = { port: number; url: string; close: () => Promise<void> };

export type ListenOptions = {
  name: RecordedRequest["server"];
  /** Absent: plain HTTP. */
  certificate: Certificate | undefined;
  faults: Faults;
  requests: RecordedRequest[];
  handle: (exchange: Exchange) => Promise<Reply>;
  port?: number;
};

/** Listens on 127.0.0.1, records every request, applies faults, answers with `handle`. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const sockets = new Map<number, Socket>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    void serve({ options, request, response, raw: sockets.get(request.socket.remotePort ?? 0) });
  };
  const server: Server =
    options.certificate === undefined
      ? createHttpServer(onRequest)
      : createHttpsServer({ key: options.certificate.key, cert: options.certificate.cert }, onRequest);
  // of a TLS connection only the raw socket below it can be reset
  server.on("connection", (socket: Socket) => {
    const port = socket.remotePort ?? 0;
    sockets.set(port, socket);
    socket.on("close", () => sockets.delete(port));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets.values()) socket.destroy();
    await closed;
  };
  return { port, url: `${options.certificate === undefined ? "http" : "https"}://localhost:${port}`, close };
}

type Served = Connection & { options: ListenOptions };

async function serve(served: Served): Promise<void> {
  const { options, request, response } = served;
  request.on("error", () => {});
  response.on("error", () => {});
  const body = await readBody(request).catch(() => undefined);
  if (body === undefined) return;
  const record = recordOf(options.name, request, body);
  options.requests.push(record);
  const fault = options.faults.take(record);
  record.fault = fault?.kind;
  const reply = needsNoProcessing(fault) ? undefined : await answer(options, request, body);
  if (fault?.kind === "delay") await sleep(fault.ms);
  record.status = fault?.kind === "answer" ? fault.status : reply?.status;
  if (fault === undefined || fault.kind === "delay") {
    if (reply !== undefined) send(response, request.method, reply);
  } else {
    endFault(served, fault, reply);
  }
}

const needsNoProcessing = (fault: Fault | undefined): boolean =>
  fault?.kind === "reset" ||
  (fault?.kind === "answer" && fault.process !== true) ||
  (fault?.kind === "stall" && fault.afterBytes === undefined);

async function answer(options: ListenOptions, request: IncomingMessage, body: Buffer): Promise<Reply> {
  try {
    return await options.handle({
      method: request.method ?? "",
      url: new URL(request.url ?? "/", `https://${request.headers.host ?? "localhost"}`),
      params: {},
      headers: headersOf(request),
      body,
    });
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    // a bug of the sandbox: say so where a developer looks
    process.stderr.write(`sandbox: ${request.method} ${request.url}: ${String(error)}\n`);
    return { status: 500, body: String(error) };
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));

function recordOf(
  server: RecordedRequest["server"],
  request: IncomingMessage,
  body: Buffer,
): RecordedRequest {
  const { authorization, ...headers } = headersOf(request);
  return {
    server,
    method: request.method ?? "",
    path: request.url ?? "",
    headers,
    authorized: authorization !== undefined,
    token: authorization?.replace(/^\S+ /u, ""),
    json: jsonOf(headers["content-type"], body),
    bytes: body.length,
    at: performance.now(),
    status: undefined,
    fault: undefined,
  };
}

function jsonOf(contentType: string | undefined, body: Buffer): unknown {
  if (contentType?.includes("json") !== true || body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}
