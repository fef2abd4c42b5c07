import { randomBytes } from "node:crypto";

/** What a signed URL stands for. */
export type Grant =
  | { kind: "upload"; configurationVersionId: string }
  | { kind: "download"; configurationVersionId: string }
  | { kind: "log"; runId: string; phase: "plan" | "apply" }
  | { kind: "plan-json" | "redacted-json"; runId: string }
  | { kind: "state"; workspaceId: string; stateId: string };

type Issued = { grant: Grant; expires: number; query: string };

/** URLs that hold their own authority: unguessable, expiring, to be asked for without a token. */
export type SignedUrls = {
  issue: (grant: Grant, options: { lifetimeMs: number; query?: boolean }) => string;
  /** The grant of a URL's path and query; `expired` and `unknown` are refused with 401 by the API. */
  redeem: (url: URL) => Grant | "expired" | "unknown";
};

/** An empty book of signed URLs below `origin`. */
export function makeSignedUrls(origin: () => string): SignedUrls {
  const issued = new Map<string, Issued>();
  return {
    issue: (grant, { lifetimeMs, query = false }) => {
      const path = `/_signed/${randomBytes(24).toString("base64url")}`;
      const secret = query ? `signature=${randomBytes(12).toString("hex")}` : "";
      issued.set(path, { grant, expires: performance.now() + lifetimeMs, query: secret });
      return `${origin()}${path}${secret === "" ? "" : `?${secret}`}`;
    },
    redeem: (url) => {
      const entry = issued.get(url.pathname);
      if (entry === undefined || !url.search.includes(entry.query)) return "unknown";
      return performance.now() > entry.expires ? "expired" : entry.grant;
    },
  };
}
