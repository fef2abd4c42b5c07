import { readFile, writeFile } from "node:fs/promises";
import { bindServer } from "../../src/api/bind.ts";
import { createApiClient, createBlobClient, type Wire } from "../../src/api/clients.ts";
import type { Clock } from "../../src/api/clock.ts";
import { factsOf } from "../../src/api/facts.ts";
import type { HttpRequest, HttpResponse } from "../../src/api/http.ts";
import { createLimiter } from "../../src/api/limiter.ts";
import { defaultTuning } from "../../src/api/tuning.ts";
import type { Server } from "../../src/api/types.ts";
import type { GitHubClient } from "../../src/github/client.ts";
import type { makeGitHub } from "./github/server.ts";
import type { Exchange, Reply } from "./http/exchange.ts";
import { tfeApi } from "./tfe/api.ts";
import type { World } from "./world.ts";

/** A request on its way. `answer` lets the server take it. */
export type Passing = { method: string; path: string; answer: () => Promise<Reply> };

/** What happens between client and server: by default nothing. It may throw as a connection that breaks does. */
export type Between = (passing: Passing) => Promise<Reply>;

export type InProcess = { token: string; clock: Clock; signal: AbortSignal; between: Between };

/** The error of a connection that was reset: nobody knows whether the request arrived. */
export const reset = (): Error => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

/**
 * The action's own client of the sandbox, from the endpoints down to the requests and their retries, without sockets: a
 * request is handed to the server as it would arrive there. For tests of many thousands of sequences.
 */
export function connectInProcess(world: World, options: InProcess): Server {
  const { clock, signal, token, between } = options;
  const handle = tfeApi(world);
  world.origin = "https://tfe.test";
  world.signedOrigin = world.profile.signedHost === "localhost" ? world.origin : "https://archive.test";
  const wire: Wire = {
    transport: { send: (request) => send(request, { handle, between }), close: async () => undefined },
    limiter: createLimiter(clock, { requests: 1000, windowMs: 1000 }),
    stall: { answerMs: 30_000, uploadMs: 30_000 },
    userAgent: "test/1",
  };
  const base = new URL(world.profile.apiPath, world.origin);
  const { pingHeaders, apiPath } = world.profile;
  const facts = factsOf({
    ...{ hostname: "tfe.test", basePath: apiPath, tfeVersion: undefined },
    appName: pingHeaders["tfp-appname"],
    apiVersion: pingHeaders["tfp-api-version"],
  });
  const session = {
    ...{ hostname: "tfe.test", clock, timing: defaultTuning.retry, random: () => 0.5 },
    ...{ mask: () => undefined, notify: () => undefined, accepted: false },
    ...{ holds: new Map(), created: new Set<string>(), secrets: new Set([token]) },
    outage: { since: undefined, noticed: 0 },
  };
  const api = createApiClient(wire, { base, token, headers: {} });
  return bindServer({ session, api, blob: createBlobClient(wire), facts, signal }, async () => undefined);
}

type Route = { handle: (exchange: Exchange) => Promise<Reply>; between: Between };

async function send(request: HttpRequest, { handle, between }: Route): Promise<HttpResponse> {
  request.signal.throwIfAborted();
  const { method, url, headers } = request;
  const body = await bodyOf(request);
  const exchange = { method, url, params: {}, headers: { ...headers }, body };
  const reply = await between({ method, path: url.pathname, answer: () => handle(exchange) });
  request.signal.throwIfAborted();
  const bytes = Buffer.from(reply.body ?? "");
  const capped = (cap: number) =>
    bytes.length > cap
      ? ({ bytes: bytes.subarray(0, cap), end: "over-cap" } as const)
      : ({ bytes, end: "whole" } as const);
  return {
    ...{ status: reply.status, url, headers: { date: new Date().toUTCString(), ...reply.headers } },
    read: async (cap) => capped(cap),
    save: async (cap, file) => {
      const taken = capped(cap);
      await writeFile(file, taken.bytes, { mode: 0o600 });
      return taken;
    },
  };
}

async function bodyOf({ body }: HttpRequest): Promise<Buffer> {
  return typeof body === "object" ? readFile(body.file) : Buffer.from(body ?? "");
}

/** The action's view of the sandbox's GitHub, without Octokit and sockets. */
export function gitHubInProcess(
  github: ReturnType<typeof makeGitHub>,
  { token, between }: { token: string; between: Between },
): GitHubClient {
  const request: GitHubClient["request"] = async ({ method, path, body }) => {
    const exchange = {
      ...{ method, url: new URL(path, "https://github.test"), params: {} },
      ...{ headers: { authorization: `token ${token}` }, body: Buffer.from(JSON.stringify(body ?? {})) },
    };
    const answer = () => github.handle(exchange);
    const reply = await between({ method, path: exchange.url.pathname, answer }).catch(() => undefined);
    if (reply === undefined) return { status: 0, data: undefined, message: "reset", headers: {} };
    const isOk = reply.status < 300;
    return {
      ...{ status: reply.status, headers: reply.headers ?? {}, message: isOk ? "" : "refused" },
      data: isOk ? JSON.parse(String(reply.body)) : undefined,
    };
  };
  const graphql: GitHubClient["graphql"] = async () => ({
    ...{ status: 404, data: undefined, message: "none", headers: {} },
  });
  return { request, graphql, isGitHubDotCom: false };
}
