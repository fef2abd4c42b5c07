import { type FileHandle, open } from "node:fs/promises";
import type { Dispatcher } from "undici";
import { Failure } from "../failure.ts";
import { type HttpBody, readCapped, saveCapped } from "./http-body.ts";

/** Environment variables that name a proxy, by their names; the caller reads them. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/** A file as a request body: exactly `bytes` of it are sent, with Content-Length. */
export type FileBody = { file: string; bytes: number };

export type HttpRequest = {
  method: "GET" | "POST" | "PUT" | "PATCH";
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string | FileBody;
  /** Longest silence in milliseconds: before the answer's headers, and between parts of a body. */
  stallMs: number;
  signal: AbortSignal;
};

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

export type HttpResponse = {
  status: number;
  headers: ResponseHeaders;
  /** The URL that answered. */
  url: URL;
  /** Reads the body, at most `cap` bytes of it; never rejects. This or `save` is to be called exactly once. */
  read: (cap: number) => Promise<HttpBody>;
  /** Writes the body into a file, as saveCapped does. */
  save: (cap: number, file: string) => Promise<HttpBody>;
};

export type Transport = {
  /** Sends one request, follows nothing. Rejects with undici's or the system's error, or the signal's reason. */
  send: (request: HttpRequest) => Promise<HttpResponse>;
  /** Ends all connections; requests under way reject. */
  close: () => Promise<void>;
};

/** One value of a header, the first when it came several times. */
export function header(headers: ResponseHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Opens the pool of keep-alive connections that carries every request to the server. Certificates are checked against
 * the process's default trust (with NODE_EXTRA_CA_CERTS) whatever NODE_TLS_REJECT_UNAUTHORIZED says.
 * @throws Failure (`input`) when the proxy variable is no URL.
 */
export async function openTransport(options: {
  proxy: ProxyVariables;
  connectTimeoutMs: number;
}): Promise<Transport> {
  const dispatcher = await createDispatcher(options.proxy, options.connectTimeoutMs);
  return {
    send: (request) => send(dispatcher, request),
    close: () => dispatcher.destroy(),
  };
}

/** Idle connections are dropped well before common servers and balancers drop theirs (60 s and more). */
const keepAliveMs = 10_000;
const connectionsPerOrigin = 8;

async function createDispatcher(proxy: ProxyVariables, connectTimeoutMs: number): Promise<Dispatcher> {
  const [{ default: Base }, { default: methods }] = await Promise.all([
    import("undici/lib/dispatcher/dispatcher.js"),
    import("undici/lib/api/index.js"),
  ]);
  // What undici's own entry does, which is not loaded here.
  Object.assign(Base.prototype, methods);
  const tls = { timeout: connectTimeoutMs, rejectUnauthorized: true };
  const pool = { connections: connectionsPerOrigin, keepAliveTimeout: keepAliveMs, connect: tls };
  const proxyUrl = readProxyUrl(proxy["https_proxy"] || proxy["HTTPS_PROXY"]);
  if (proxyUrl === undefined) {
    const { default: Agent } = await import("undici/lib/dispatcher/agent.js");
    return new Agent(pool);
  }
  const { default: EnvHttpProxyAgent } = await import("undici/lib/dispatcher/env-http-proxy-agent.js");
  const noProxy = proxy["no_proxy"] || proxy["NO_PROXY"] || "";
  // Empty strings, not undefined: undefined would make undici look into the environment itself.
  const tunnel = { requestTls: tls, proxyTls: tls, httpProxy: "", httpsProxy: proxyUrl, noProxy };
  return new EnvHttpProxyAgent(Object.assign(pool, tunnel));
}

/** A proxy may be given without a scheme, as curl and Go take it; it may hold a password, so it is never quoted. */
function readProxyUrl(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url !== null && ["http:", "https:"].includes(url.protocol)) return url.href;
  const remedy = "correct or unset it, e.g. http://proxy.example.com:3128";
  throw new Failure("input", `HTTPS_PROXY is not the URL of an HTTP proxy: ${remedy}`);
}

async function send(dispatcher: Dispatcher, request: HttpRequest): Promise<HttpResponse> {
  if (request.url.protocol !== "https:") {
    throw new Failure(
      "internal",
      `a ${request.url.protocol} request was about to be sent; only https: is allowed`,
    );
  }
  request.signal.throwIfAborted();
  const { headers, stream } = await withBody(request);
  const response = await dispatcher.request({
    origin: request.url.origin,
    path: request.url.pathname + request.url.search,
    method: request.method,
    headers: { "accept-encoding": "identity", ...headers },
    body: stream ?? null,
    signal: request.signal,
    headersTimeout: request.stallMs,
    bodyTimeout: request.stallMs,
  });
  const { statusCode: status, headers: answered, body } = response;
  return {
    ...{ status, headers: answered, url: request.url },
    read: (cap) => readCapped(body, cap),
    save: (cap, file) => saveCapped(body, cap, file),
  };
}

async function withBody(request: HttpRequest) {
  const { headers, body } = request;
  if (body === undefined || typeof body === "string") return { headers, stream: body };
  const handle = await openFile(body);
  return {
    headers: { ...headers, "content-length": String(body.bytes) },
    stream: handle.createReadStream({ highWaterMark: 256 * 1024 }),
  };
}

async function openFile(body: FileBody): Promise<FileHandle> {
  const handle = await open(body.file).catch((cause: unknown) => {
    throw new Failure(
      "archive",
      `the archive ${body.file} cannot be read: write it again and do not remove it`,
      { cause },
    );
  });
  const { size } = await handle.stat();
  if (size === body.bytes) return handle;
  await handle.close();
  throw new Failure(
    "archive",
    `the archive ${body.file} has ${size} bytes instead of ${body.bytes}: do not change it while it is sent`,
  );
}
