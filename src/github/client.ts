import { setTimeout as wait } from "node:timers/promises";
import { plainText } from "../foreign-text.ts";
import { type Answer, isRateLimit, retryDelay } from "./retry.ts";
import { isObject } from "./shape.ts";

/** A request to the REST API. `path` is relative to the API's address, its parameters already encoded. */
export type ApiCall = { method: "GET" | "POST" | "PATCH"; path: string; body?: Record<string, unknown> };

/** The GitHub API. Both functions wait, repeat and give up by themselves and never throw. */
export type GitHubClient = {
  request: (call: ApiCall) => Promise<Answer>;
  /** `data` is the answer's `data`; an answer with `errors` has status 200 and a message, and `data` is `undefined`. */
  graphql: (query: string, variables?: Record<string, unknown>) => Promise<Answer>;
  /** The identity behind the API is github.com's, where the bot of GITHUB_TOKEN has a known id. */
  isGitHubDotCom: boolean;
};

export type ClientOptions = {
  token: string;
  /** `GITHUB_API_URL`, `GITHUB_GRAPHQL_URL`. */
  apiUrl: string;
  graphqlUrl: string;
  userAgent: string;
  /** Longest time of one attempt. */
  timeoutMs?: number;
  /** Longest wait in all for rate limits and repetitions of one request. */
  patienceMs?: number;
  /** Ends every request and wait. */
  signal?: AbortSignal;
};

type Octokit = ReturnType<typeof import("@actions/github")["getOctokit"]>;
type Request = { method: ApiCall["method"]; url: string; idempotent: boolean; body: Record<string, unknown> };

const TIMEOUT_MS = 15_000;
const PATIENCE_MS = 90_000;
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * Opens the GitHub API. Octokit is loaded here and not with the module, since not every run comments (it takes 90 ms).
 * It honours the proxy variables, and certificates of NODE_EXTRA_CA_CERTS as all of Node does. Throws when the token
 * is empty.
 */
export async function openGitHub(options: ClientOptions): Promise<GitHubClient> {
  const { getOctokit } = await import("@actions/github");
  const { token, apiUrl, userAgent } = options;
  const octokit = getOctokit(token, { baseUrl: apiUrl, userAgent, log: SILENT });
  const send = (request: Request) => persist(octokit, request, options);
  return {
    request: ({ method, path, body = {} }) =>
      send({ method, url: path, idempotent: method !== "POST", body }),
    graphql: async (query, variables = {}) => {
      const body = { query, variables };
      return graphqlAnswer(
        await send({ method: "POST", url: options.graphqlUrl, idempotent: true, body }),
        token,
      );
    },
    isGitHubDotCom: new URL(apiUrl).hostname === "api.github.com",
  };
}

async function persist(octokit: Octokit, request: Request, options: ClientOptions): Promise<Answer> {
  let patience = options.patienceMs ?? PATIENCE_MS;
  for (let made = 1; ; made += 1) {
    const answer = await attempt(octokit, request, options);
    const delay = retryDelay({ answer, made, idempotent: request.idempotent, now: Date.now() });
    if (delay === undefined || options.signal?.aborted) return answer;
    patience -= delay;
    if (patience < 0) return isRateLimit(answer) ? tooLong(answer, delay) : answer;
    await wait(delay, undefined, { signal: options.signal }).catch(() => {});
    if (options.signal?.aborted) return answer;
  }
}

function tooLong(answer: Answer, delay: number): Answer {
  const seconds = Math.ceil(delay / 1000);
  return {
    ...answer,
    message: `${answer.message} (rate limit: GitHub asks to wait ${seconds} s, which is too long)`,
  };
}

async function attempt(
  octokit: Octokit,
  { method, url, body }: Request,
  options: ClientOptions,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  try {
    const response = await octokit.request({ method, url, ...body, request: { signal } });
    const data: unknown = response.data;
    // Octokit hands a body on as text when it is not the JSON it said it is, e.g. because it broke off.
    const broken = typeof data !== "object" && response.status !== 204;
    const headers = textHeaders(response.headers);
    return broken
      ? { status: 0, data, message: "the answer is no JSON", headers }
      : { status: response.status, data, message: "", headers };
  } catch (error) {
    return failedAnswer(error, options.token);
  }
}

function failedAnswer(error: unknown, token: string): Answer {
  const message = clean(error instanceof Error ? error.message : String(error), token);
  if (!isObject(error) || !isObject(error["response"]))
    return { status: 0, data: undefined, message, headers: {} };
  const { status, headers } = error["response"];
  return {
    status: typeof status === "number" ? status : 0,
    data: undefined,
    message,
    headers: textHeaders(headers),
  };
}

/** A message fit to be shown: one short line without token, addresses or a page of HTML. */
function clean(text: string, token: string): string {
  const plain = plainText(text.replaceAll(token, "***"))
    .replaceAll(/https?:\/\/\S+/g, "")
    .replaceAll(/\s+/g, " ");
  const words = plain.trimStart().startsWith("<") ? "an HTML page" : plain.replace(/[\s-]+$/, "").trim();
  return words.length > 200 ? `${words.slice(0, 199).toWellFormed()}…` : words;
}

function graphqlAnswer(answer: Answer, token: string): Answer {
  if (answer.status !== 200 || !isObject(answer.data)) return answer;
  const { data, errors } = answer.data;
  if (!Array.isArray(errors) || errors.length === 0) return { ...answer, data };
  const first: unknown = errors[0];
  const message =
    isObject(first) && typeof first["message"] === "string"
      ? clean(first["message"], token)
      : "GraphQL error";
  return { ...answer, data: undefined, message };
}

function textHeaders(headers: unknown): Record<string, string> {
  if (!isObject(headers)) return {};
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}
