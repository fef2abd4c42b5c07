import { Failure } from "../failure.ts";
import { type FileBody, type HttpRequest, type HttpResponse, header, type Transport } from "./http.ts";
import type { Limiter } from "./limiter.ts";
import type { ApiPath } from "./path.ts";

declare const signedUrl: unique symbol;

/** A URL that is its own permission. A secret; only BlobClient takes it. */
export type SignedUrl = URL & { readonly [signedUrl]: true };

/** A request to the API. It can only name a path, so the token cannot go anywhere else. */
export type ApiRequest = {
  method: "GET" | "POST" | "PATCH";
  path: ApiPath;
  accept: string;
  body?: string;
  signal: AbortSignal;
};

/** A request to a URL that the server signed or redirected to. It carries no token, no cookie, no header of ours but these. */
export type BlobRequest = {
  method: "GET" | "PUT";
  url: SignedUrl;
  body?: FileBody;
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
};

/** Holds the token and one https origin. */
export type ApiClient = { readonly base: URL; send: (request: ApiRequest) => Promise<HttpResponse> };

/** Holds nothing. */
export type BlobClient = { send: (request: BlobRequest) => Promise<HttpResponse> };

/** Silence, in milliseconds, after which a request counts as broken. */
export type StallTimes = { answerMs: number; uploadMs: number };

/** What both clients send through. */
export type Wire = { transport: Transport; limiter: Limiter; stall: StallTimes; userAgent: string };

const mostHops = 3;

/**
 * Reads a URL out of an answer as a signed one; a relative one is resolved against the API's base.
 * @throws Failure (`server`) when it is no https URL. The message does not quote it.
 */
export function readSignedUrl(text: string, base: URL, what: string): SignedUrl {
  const url = URL.parse(text, base.href);
  if (url?.protocol === "https:" && url.username === "" && url.password === "") return url as SignedUrl;
  const why = url === null ? "is not a URL" : "is not an https URL";
  throw new Failure(
    "server",
    `${what} ${why}: correct the server's own address in its settings (often behind a proxy)`,
  );
}

/** A client for signed URLs and for hops that leave the API. It follows https redirects: 3 of a GET, 1 (307, 308) of a PUT. */
export function createBlobClient(wire: Wire): BlobClient {
  return { send: (request) => sendBlob(wire, request, request.method === "GET" ? mostHops : 1) };
}

async function sendBlob(wire: Wire, request: BlobRequest, hops: number): Promise<HttpResponse> {
  await wire.limiter.take(request.signal);
  const response = await wire.transport.send({
    method: request.method,
    url: request.url,
    headers: { "user-agent": wire.userAgent, ...request.headers },
    stallMs: request.method === "PUT" ? wire.stall.uploadMs : wire.stall.answerMs,
    signal: request.signal,
    ...(request.body === undefined ? {} : { body: request.body }),
  });
  const followed =
    request.method === "GET" ? isRedirect(response.status) : [307, 308].includes(response.status);
  const location = header(response.headers, "location");
  if (!followed || location === undefined) return response;
  const url = nextHop(response, location, hops);
  await response.read(64 * 1024);
  return sendBlob(wire, { ...request, url }, hops - 1);
}

/**
 * The client that holds the token. Redirects of a GET are followed by hand: with the token within the API, through the
 * blob client elsewhere, be it the same host (plans/:id/json-output answers 307 to a signed URL); redirects of a POST are
 * not followed.
 */
export function createApiClient(
  wire: Wire,
  options: { base: URL; token: string; headers: Readonly<Record<string, string>> },
): ApiClient {
  if (options.base.protocol !== "https:")
    throw new Failure("internal", "an API client was made for a base that is not https");
  const { base } = options;
  const blob = createBlobClient(wire);
  const authorized = {
    ...options.headers,
    "user-agent": wire.userAgent,
    authorization: `Bearer ${options.token}`,
  };
  const sendTo = async (url: URL, request: ApiRequest, hops: number): Promise<HttpResponse> => {
    if (url.origin !== base.origin)
      throw new Failure("internal", "the token was about to leave the API's origin");
    await wire.limiter.take(request.signal);
    const response = await wire.transport.send({
      ...authorize(request, authorized),
      url,
      stallMs: wire.stall.answerMs,
    });
    wire.limiter.adopt(header(response.headers, "x-ratelimit-limit"));
    const location = header(response.headers, "location");
    if (request.method !== "GET" || !isRedirect(response.status) || location === undefined) return response;
    const next = nextHop(response, location, hops);
    await response.read(64 * 1024);
    if (isPartOf(base, next)) return sendTo(next, request, hops - 1);
    return blob.send({ method: "GET", url: next, signal: request.signal });
  };
  return { base, send: (request) => sendTo(new URL(request.path, base), request, mostHops) };
}

function authorize(
  request: ApiRequest,
  authorized: Record<string, string>,
): Omit<HttpRequest, "url" | "stallMs"> {
  const { method, accept, body, signal } = request;
  if (body === undefined) return { method, signal, headers: { ...authorized, accept } };
  return {
    method,
    signal,
    headers: { ...authorized, accept, "content-type": "application/vnd.api+json" },
    body,
  };
}

function isPartOf(base: URL, url: URL): boolean {
  return url.origin === base.origin && url.pathname.startsWith(base.pathname);
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** Where a redirect leads. Its target may be signed, so neither it nor the path that answered is named. */
function nextHop(response: HttpResponse, location: string, hops: number): SignedUrl {
  const from = `${response.url.host} (status ${response.status})`;
  const url = URL.parse(location, response.url.href);
  if (hops <= 0)
    throw new Failure(
      "server",
      `${from} redirects too often: check the hostname and what stands in front of the server`,
    );
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "") {
    throw new Failure(
      "server",
      `${from} redirects to what is no https URL, which is refused: let the server redirect to https`,
    );
  }
  return url as SignedUrl;
}
