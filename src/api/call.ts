import { Failure } from "../failure.ts";
import type { JsonValue } from "../json.ts";
import { answerText } from "./answer-text.ts";
import { askedWait, type Job, persist } from "./attempts.ts";
import { answerRejected, type RequestInfo, type Trouble } from "./failures.ts";
import { transportFault } from "./faults.ts";
import { type HttpResponse, header, type ResponseHeaders } from "./http.ts";
import type { HttpBody } from "./http-body.ts";
import { type JsonObject, parseApiBody } from "./json-api.ts";
import { fillPath, type PathParameters, withQuery } from "./path.ts";
import type { Repeat } from "./retry.ts";
import type { Bound } from "./session.ts";

/** Byte caps while reading answers. */
export const caps = { error: 64 * 1024, document: 8 * 1024 * 1024, planJson: 256 * 1024 * 1024 };

/** A call of one endpoint of the API. */
export type Call = {
  /** What it is for, as the start of a sentence: `reading run run-x`. */
  what: string;
  method: "GET" | "POST" | "PATCH";
  endpoint: string;
  parameters?: PathParameters;
  query?: Readonly<Record<string, string>>;
  body?: JsonValue;
  repeat?: Repeat;
  /** The id of something made through this session, for which a 404 may pass. */
  recent?: boolean;
  limits?: Job<never>["limits"];
};

/**
 * A success; `bytes` is at most the cap and `overCap` tells whether there was more. Of a body that went into a file they
 * are its first part.
 */
export type Answer = { status: number; headers: ResponseHeaders; bytes: Uint8Array; overCap: boolean };

/** Calls an endpoint that answers a JSON:API document, and reads the document. */
export async function callForDocument<T>(
  bound: Bound,
  call: Call,
  read: (document: JsonObject, headers: ResponseHeaders) => T,
): Promise<T> {
  return callEndpoint(bound, call, {
    accept: "application/vnd.api+json",
    cap: caps.document,
    read: (answer) => {
      if (answer.overCap)
        throw new Failure("server", `the answer is larger than ${caps.document / 1024 / 1024} MiB`);
      const document = parseApiBody(header(answer.headers, "content-type"), answer.bytes);
      return document === undefined ? "not-api" : { value: read(document, answer.headers) };
    },
  });
}

/** Calls an endpoint whose success has nothing to read. */
export async function callForNothing(bound: Bound, call: Call): Promise<void> {
  const read = () => ({ value: undefined });
  await callEndpoint(bound, call, { accept: "application/vnd.api+json", cap: caps.error, read });
}

/**
 * How the body of a success is taken: into memory, or into `file`, which is written anew at each attempt. `not-api`: it
 * is nothing that the API would answer.
 */
export type Reading<T> = {
  accept: string;
  cap: number;
  file?: string;
  read: (answer: Answer) => { value: T } | "not-api";
};

/**
 * Calls an endpoint with the token, repeating it as the retry policy says.
 * @throws ApiError naming what was asked for, method, path, status, the server's words and what to do.
 */
export async function callEndpoint<T>(bound: Bound, call: Call, reading: Reading<T>): Promise<T> {
  const { session, api, signal } = bound;
  const path = withQuery(fillPath(call.endpoint, call.parameters), call.query ?? {});
  const url = new URL(path, api.base);
  const { hostname, tokenSource } = session;
  const info = { what: call.what, method: call.method, path: url.pathname, hostname, tokenSource };
  const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
  return persist(session, {
    info,
    endpoint: `${call.method} ${call.endpoint}`,
    repeat: call.repeat ?? (call.method === "GET" ? "safely" : "if-unsent"),
    recent: call.recent ?? false,
    limits: call.limits ?? {},
    signal,
    attempt: async () => {
      const response = await api.send({ method: call.method, path, accept: reading.accept, signal, ...body });
      return takeAnswer(bound, { info, response, reading });
    },
  });
}

type Taking<T> = { info: RequestInfo; response: HttpResponse; reading: Reading<T> };

async function takeAnswer<T>(bound: Bound, taking: Taking<T>): Promise<{ value: T } | { trouble: Trouble }> {
  const { info, response, reading } = taking;
  const { status, headers } = response;
  const success = status >= 200 && status < 300;
  const body = await takeBody(response, success ? reading : { cap: caps.error });
  if (body.end === "cut") {
    return {
      trouble: { fault: transportFault(body.error), detail: `after status ${status}`, cause: body.error },
    };
  }
  const contentType = header(headers, "content-type");
  const words = () => answerText({ contentType, bytes: body.bytes }, bound.session.secrets);
  if (!success) {
    return {
      trouble: {
        fault: { kind: "status", status, serverWaitMs: askedWait(bound.session, headers) },
        detail: words(),
      },
    };
  }
  try {
    const taken = reading.read({ status, headers, bytes: body.bytes, overCap: body.end === "over-cap" });
    if (taken === "not-api") return { trouble: { fault: { kind: "not-api", status }, detail: words() } };
    bound.session.accepted = true;
    return taken;
  } catch (error) {
    throw error instanceof Failure ? answerRejected(info, status, error) : error;
  }
}

function takeBody(
  response: HttpResponse,
  { cap, file }: { cap: number; file?: string | undefined },
): Promise<HttpBody> {
  return file === undefined ? response.read(cap) : response.save(cap, file);
}
