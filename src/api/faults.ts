/** What went wrong with one request, as far as repeating it depends on it. */
export type Fault =
  /** An answer whose status is no success; `serverWaitMs` is how long the server asks to wait. */
  | { kind: "status"; status: number; serverWaitMs: number | undefined }
  /** A success whose body is no answer of the API: a captive portal, a sign-in page. */
  | { kind: "not-api"; status: number }
  /** No connection came about, so the server cannot have seen the request. */
  | { kind: "unsent"; code: string }
  /** The server's certificate was not accepted. */
  | { kind: "certificate"; code: string }
  /** The proxy did not let the connection through. */
  | { kind: "proxy"; status: number }
  /** The connection broke or went silent: the request may have arrived. */
  | { kind: "broken"; code: string };

const unsentCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "EAI_NODATA",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** OpenSSL's X509_V_ERR_* names as Node gives them, beside those that start with CERT_ or ERR_TLS_CERT. */
const certificateCodes = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "HOSTNAME_MISMATCH",
  "UND_ERR_PRX_TLS",
]);

/** Sorts an error of the transport by its code; anything unknown counts as broken, the cautious reading. */
export function transportFault(error: unknown): Fault {
  const code = errorCode(error);
  const refusal = /^Proxy response \((\d{3})\)/.exec(error instanceof Error ? error.message : "");
  if (refusal) return { kind: "proxy", status: Number(refusal[1]) };
  if (unsentCodes.has(code)) return { kind: "unsent", code };
  if (certificateCodes.has(code) || /^(CERT_|ERR_TLS_CERT)/.test(code)) return { kind: "certificate", code };
  return { kind: "broken", code };
}

function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
