import { Failure } from "../../failure.ts";
import { holdIfAsked, pause, untilAllowed, wasStopped } from "../attempts.ts";
import { caps } from "../call.ts";
import { readSignedUrl, type SignedUrl } from "../clients.ts";
import { answerRejected, type RequestInfo, requestFailed, requestStopped } from "../failures.ts";
import { transportFault } from "../faults.ts";
import type { HttpResponse } from "../http.ts";
import { type Bound, keepSecret } from "../session.ts";
import type { LogChunk } from "../types.ts";

const endpoint = "GET log";

/** Bytes that `limit` units of log can have: a UTF-16 unit has up to 3, and the framing adds two. */
function chunkCap(limit: number): number {
  return 3 * limit + 16;
}

/**
 * Reads a piece of a log from its signed URL, once and without the token. `limit` and `offset` are added to whatever
 * query the URL was signed with. A connection that breaks in the body gives what came of it, `complete: false`.
 * @throws ApiError only when no status line came.
 */
export async function readLog(
  bound: Bound,
  url: string,
  range: { offset: number; limit: number },
): Promise<LogChunk> {
  const { session, signal } = bound;
  const signed = rangeOf(readSignedUrl(url, bound.api.base, "the log URL of the server"), range);
  keepSecret(session, new URL(url, bound.api.base));
  const info: RequestInfo = {
    what: "reading the log",
    method: "GET",
    path: `the signed log URL on ${signed.host}`,
    hostname: signed.host,
  };
  await pause(session, { info, signal }, untilAllowed(session, endpoint));
  const response = await send(bound, info, signed);
  holdIfAsked(session, endpoint, response);
  const success = response.status >= 200 && response.status < 300;
  const body = await response.read(success ? chunkCap(range.limit) : caps.error);
  return { status: response.status, bytes: body.bytes, complete: body.end === "whole" };
}

function rangeOf(url: SignedUrl, { offset, limit }: { offset: number; limit: number }): SignedUrl {
  // Appended as text: URLSearchParams would write the signed part anew, in its own spelling.
  const kept = url.search
    .slice(1)
    .split("&")
    .filter((pair) => pair !== "" && !/^(limit|offset)=/.test(pair));
  url.search = [...kept, `limit=${limit}`, `offset=${offset}`].join("&");
  return url;
}

async function send(bound: Bound, info: RequestInfo, url: SignedUrl): Promise<HttpResponse> {
  try {
    return await bound.blob.send({ method: "GET", url, signal: bound.signal });
  } catch (error) {
    if (wasStopped(error, bound.signal)) throw requestStopped(info, bound.signal, true);
    if (error instanceof Failure) throw answerRejected(info, undefined, error);
    throw requestFailed(info, { fault: transportFault(error), detail: "", cause: error });
  }
}
