import { Failure, type FailureReason } from "../failure.ts";
import { ApiError } from "./errors.ts";
import type { Fault } from "./faults.ts";

/** Which request an error is about. `path` is shown; for signed URLs it is a description instead. */
export type RequestInfo = {
  /** What it was for, as the start of a sentence: `reading run run-x`. */
  what: string;
  method: "GET" | "POST" | "PUT" | "PATCH";
  path: string;
  hostname: string;
  /** Where the token was found that it is sent with. */
  tokenSource?: string | undefined;
};

/** A fault of the last attempt with the server's words about it, already sanitised. */
export type Trouble = { fault: Fault; detail: string; cause?: unknown };

/** The error in which a request ends when the retry policy gives up: `<what>: <METHOD> <path>: <status> <detail>. <remedy>`. */
export function requestFailed(info: RequestInfo, trouble: Trouble): ApiError {
  const { fault, detail, cause } = trouble;
  const { reason, fact, remedy } = explain(info, fault, detail);
  return new ApiError(reason, `${info.what}: ${info.method} ${info.path}: ${fact}. ${remedy}`, {
    status: "status" in fault && fault.kind !== "proxy" ? fault.status : undefined,
    ambiguous: isAmbiguous(info, fault),
    cause,
  });
}

/** The error for a request that a signal ended; takes reason and words from the signal where it carries a Failure. */
export function requestStopped(info: RequestInfo, signal: AbortSignal, mayHaveArrived: boolean): ApiError {
  const cause: unknown = signal.reason;
  const ambiguous = mayHaveArrived && info.method !== "GET";
  if (cause instanceof Failure) return new ApiError(cause.reason, cause.message, { ambiguous, cause });
  const late = cause instanceof Error && cause.name === "TimeoutError";
  const words = late
    ? "not answered within the time that this step had"
    : "stopped, because this step was interrupted";
  return new ApiError(
    late ? "timeout" : "interrupted",
    `${info.what}: ${info.method} ${info.path}: ${words}`,
    { ambiguous, cause },
  );
}

/**
 * A Failure with the request that it is about: met while reading an answer of `status`, or before there was one (a
 * redirect that is refused). Only an answer that cannot be read leaves open what the request did.
 */
export function answerRejected(info: RequestInfo, status: number | undefined, failure: Failure): ApiError {
  const about = `${info.what}: ${info.method} ${info.path}: ${status === undefined ? "" : `${status} `}${failure.message}`;
  return new ApiError(failure.reason, about, {
    status,
    ambiguous: status !== undefined && info.method !== "GET",
    cause: failure,
  });
}

/** An answer that is no success or no answer at all leaves open whether the request took effect. */
function isAmbiguous(info: RequestInfo, fault: Fault): boolean {
  if (info.method === "GET") return false;
  return (
    fault.kind === "broken" || fault.kind === "not-api" || (fault.kind === "status" && fault.status >= 500)
  );
}

type Explanation = { reason: FailureReason; fact: string; remedy: string };

function explain(info: RequestInfo, fault: Fault, detail: string): Explanation {
  const { hostname, tokenSource } = info;
  switch (fault.kind) {
    case "status":
      return explainStatus({ hostname, tokenSource }, fault.status, detail);
    case "not-api":
      return {
        reason: "not-a-tfe-server",
        fact: `${fault.status} ${detail === "" ? "an empty answer" : detail}: ${hostname} is not a TFE API here`,
        remedy: "Check the hostname, and whether a proxy or a sign-in page stands in front of it",
      };
    case "certificate":
      return { reason: "unreachable", ...explainCertificate(hostname, fault.code) };
    case "proxy":
      return {
        reason: "unreachable",
        fact: `the proxy answered ${fault.status} instead of connecting to ${hostname}`,
        remedy: "Check HTTPS_PROXY, its user and password, and NO_PROXY",
      };
    case "unsent":
    case "broken":
      return {
        reason: "unreachable",
        fact: `${connectionFact(hostname, fault.code)}${detail === "" ? "" : ` (${detail})`}`,
        remedy: "Check the hostname, the network of this runner, and whether the server is up",
      };
  }
}

function explainStatus(
  { hostname, tokenSource }: Pick<RequestInfo, "hostname" | "tokenSource">,
  status: number,
  detail: string,
): Explanation {
  const fact = `${status}${detail === "" ? "" : ` ${detail}`}`;
  switch (status) {
    case 401:
      return {
        reason: "unauthorized",
        fact,
        remedy: `The token${tokenSource === undefined ? "" : ` (${tokenSource})`} is not accepted: use one of ${hostname} that has not expired`,
      };
    case 403:
      return {
        reason: "forbidden",
        fact,
        remedy: "The token lacks the permission for this: check the name, or use one with more rights",
      };
    case 404:
      return {
        reason: "not-found",
        fact: detail === "" ? "404 not found" : fact,
        remedy: "It is missing, or the token has no permission: check the name, and the rights of the token",
      };
    case 409:
      return {
        reason: "server",
        fact,
        remedy: "Its state does not allow this now: look at it on the server",
      };
    case 413:
      return {
        reason: "server",
        fact,
        remedy: "The server or a proxy in front of it refuses so large a request: raise its limit",
      };
    case 422:
      return { reason: "server", fact, remedy: "The server refuses these values: correct what it names" };
  }
  if (status >= 300 && status < 400) {
    return {
      reason: "server",
      fact,
      remedy: "The redirect is not followed: use the host name that the server itself uses",
    };
  }
  if (status >= 500) {
    return {
      reason: "server",
      fact,
      remedy: `${hostname} has a fault: try again, and look at its own logs if this goes on`,
    };
  }
  return { reason: "server", fact, remedy: "The server does not take this request: look at its own logs" };
}

const certificateFacts: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "is signed by a private authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "is signed by an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT: "is signed by an unknown authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "is signed by an unknown authority",
  CERT_HAS_EXPIRED: "has expired",
  CERT_NOT_YET_VALID: "is not valid yet",
  ERR_TLS_CERT_ALTNAME_INVALID: "is for another host name",
  HOSTNAME_MISMATCH: "is for another host name",
};

function explainCertificate(hostname: string, code: string): { fact: string; remedy: string } {
  const fact = `the certificate of ${hostname} ${certificateFacts[code] ?? "is not accepted"} (${code})`;
  const authority =
    "put the certificate of the authority into a PEM file and its path into NODE_EXTRA_CA_CERTS";
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return { fact, remedy: `Renew it; if the new one is signed by a private authority, ${authority}` };
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") {
    return {
      fact,
      remedy: `Use a host name that it names; if the right one is signed by a private authority, ${authority}`,
    };
  }
  return { fact, remedy: `If it is trustworthy, ${authority}` };
}

const connectionFacts: Record<string, string> = {
  ENOTFOUND: "cannot be resolved",
  EAI_AGAIN: "cannot be resolved now",
  ECONNREFUSED: "refused the connection",
  EHOSTUNREACH: "cannot be reached",
  ENETUNREACH: "cannot be reached",
  UND_ERR_CONNECT_TIMEOUT: "does not answer to connecting",
  UND_ERR_HEADERS_TIMEOUT: "did not answer in time",
  UND_ERR_BODY_TIMEOUT: "stopped in the middle of its answer",
};

function connectionFact(hostname: string, code: string): string {
  return `${hostname} ${connectionFacts[code] ?? "broke the connection"}${code === "" ? "" : ` (${code})`}`;
}
