import type { Exchange, Reply } from "../http/exchange.ts";
import type { World } from "../world.ts";
import { answer } from "./json-api.ts";
import { tokenOf } from "./rights.ts";

/** Headers for every answer, and the 429 where the limit is passed. */
export type Limited = { headers: Record<string, string>; refusal?: Reply };

type Window = { index: number; used: number };

/**
 * Counts the requests of each token in each second, and its run lists in each minute; told to clients always, enforced
 * where the settings say so.
 */
export function rateLimiter(world: World): (exchange: Exchange) => Limited {
  const seconds = new Map<string, Window>();
  const minutes = new Map<string, Window>();
  return (exchange) => {
    if (!world.profile.rateLimitHeaders) return { headers: {} };
    const now = performance.now() / 1000;
    const token = tokenOf(exchange) ?? "";
    const { rateLimit, runListsPerMinute } = world.settings;
    const used = count(seconds, token, Math.floor(now));
    const headers = limitHeaders(rateLimit ?? 30, used, 1 - (now % 1));
    if (rateLimit !== undefined && used > rateLimit) return { headers, refusal: tooMany };
    if (runListsPerMinute === undefined || !/\/workspaces\/[^/]+\/runs$/u.test(exchange.url.pathname))
      return { headers };
    const lists = count(minutes, token, Math.floor(now / 60));
    if (lists <= runListsPerMinute) return { headers };
    return { headers: limitHeaders(runListsPerMinute, lists, 60 - (now % 60)), refusal: tooMany };
  };
}

function count(windows: Map<string, Window>, token: string, index: number): number {
  const known = windows.get(token);
  const window = known?.index === index ? known : { index, used: 0 };
  window.used += 1;
  windows.set(token, window);
  return window.used;
}

const limitHeaders = (limit: number, used: number, reset: number): Record<string, string> => ({
  "x-ratelimit-limit": String(limit),
  "x-ratelimit-remaining": String(Math.max(0, limit - used)),
  "x-ratelimit-reset": reset.toFixed(3),
});

const tooMany: Reply = answer(429, {
  errors: [{ detail: "You have exceeded the API's rate limit.", status: 429, title: "Too many requests" }],
});
