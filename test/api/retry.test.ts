import { expect, test } from "vitest";
import type { Fault } from "../../src/api/faults.ts";
import { decideRetry, defaultTiming, heldFor, type RetryRequest, serverWait } from "../../src/api/retry.ts";

const read: RetryRequest = { repeat: "safely", recent: false, accepted: false };
const act: RetryRequest = { repeat: "if-unsent", recent: false, accepted: false };
const status = (code: number, serverWaitMs?: number): Fault => ({
  kind: "status",
  status: code,
  serverWaitMs,
});
const first = { attempts: 1, elapsedMs: 0, random: 0.5 };

const table: [
  string,
  RetryRequest,
  Fault,
  { attempts?: number; elapsedMs?: number; random?: number },
  number | "final",
][] = [
  ["read, 500", read, status(500), {}, 250],
  ["read, 502", read, status(502), {}, 250],
  ["read, 503", read, status(503), {}, 250],
  ["read, 504", read, status(504), {}, 250],
  ["read, 501", read, status(501), {}, "final"],
  ["read, 503 with a time", read, status(503, 7_000), {}, 7_000],
  ["read, 400", read, status(400), {}, "final"],
  ["read, 404", read, status(404), {}, "final"],
  ["read, 404 of what was just made", { ...read, recent: true }, status(404), {}, 3_300],
  [
    "read, 404 of what was just made, 4th time",
    { ...read, recent: true },
    status(404),
    { attempts: 4 },
    "final",
  ],
  ["read, 401", read, status(401), {}, "final"],
  ["read, 401 with a token that worked", { ...read, accepted: true }, status(401), {}, 2_000],
  [
    "read, 401 with a token that worked, again",
    { ...read, accepted: true },
    status(401),
    { attempts: 2 },
    "final",
  ],
  ["read, reset", read, { kind: "broken", code: "ECONNRESET" }, {}, 250],
  ["read, reset, 3rd time", read, { kind: "broken", code: "ECONNRESET" }, { attempts: 3 }, 1_000],
  ["read, reset, late", read, { kind: "broken", code: "" }, { attempts: 40, random: 0.99 }, 29_700],
  ["read, reset, budget spent", read, { kind: "broken", code: "" }, { elapsedMs: 600_000 }, "final"],
  [
    "read, refused, just inside the budget",
    read,
    { kind: "unsent", code: "ECONNREFUSED" },
    { elapsedMs: 599_999 },
    250,
  ],
  ["read, captive portal", read, { kind: "not-api", status: 200 }, { attempts: 2 }, 500],
  ["read, captive portal, 3rd time", read, { kind: "not-api", status: 200 }, { attempts: 3 }, "final"],
  ["read, certificate", read, { kind: "certificate", code: "CERT_HAS_EXPIRED" }, {}, "final"],
  ["read, proxy 407", read, { kind: "proxy", status: 407 }, {}, "final"],
  ["read, proxy 502", read, { kind: "proxy", status: 502 }, {}, 250],
  ["act, 500", act, status(500), {}, "final"],
  ["act, 503", act, status(503), {}, "final"],
  ["act, 503 with a time", act, status(503, 3_000), {}, 3_000],
  ["act, 429 with a time", act, status(429, 9_000), {}, 9_000],
  ["act, 429 with a time, budget spent", act, status(429, 9_000), { elapsedMs: 700_000 }, 9_000],
  ["act, 429 without one", act, status(429), { random: 0 }, 200],
  ["act, 401 with a token that worked", { ...act, accepted: true }, status(401), {}, "final"],
  ["act, reset", act, { kind: "broken", code: "ECONNRESET" }, {}, "final"],
  ["act, silence", act, { kind: "broken", code: "UND_ERR_HEADERS_TIMEOUT" }, {}, "final"],
  ["act, refused", act, { kind: "unsent", code: "ECONNREFUSED" }, {}, 250],
  ["act, no such name", act, { kind: "unsent", code: "ENOTFOUND" }, {}, 250],
  ["act, captive portal", act, { kind: "not-api", status: 200 }, {}, "final"],
];

test.each(table)("%s", (_name, ...[request, fault, past, expected]) => {
  const decision = decideRetry({ request, fault, past: { ...first, ...past } }, defaultTiming);
  expect(decision.again ? decision.waitMs : "final").toEqual(expected);
});

test("no more tries than allowed, whatever the fault", () => {
  const timing = { ...defaultTiming, tries: 2 };
  for (const fault of [status(429, 100), status(502), { kind: "unsent", code: "" } satisfies Fault]) {
    expect(decideRetry({ request: read, fault, past: { ...first, attempts: 1 } }, timing).again).toBe(true);
    expect(decideRetry({ request: read, fault, past: { ...first, attempts: 2 } }, timing).again).toBe(false);
  }
});

test("429 and 503 with a time bind the endpoint, other faults do not", () => {
  expect(heldFor(status(429, 5_000), first, defaultTiming)).toBe(5_000);
  expect(heldFor(status(503, 5_000), first, defaultTiming)).toBe(5_000);
  expect(heldFor(status(503), first, defaultTiming)).toBeUndefined();
  expect(heldFor(status(502, 5_000), first, defaultTiming)).toBeUndefined();
  expect(heldFor({ kind: "broken" }, first, defaultTiming)).toBeUndefined();
});

const date = "Tue, 01 Jul 2025 10:00:00 GMT";
test.each([
  ["seconds", { retryAfter: "3" }, 3_000],
  ["nothing to wait", { retryAfter: "0" }, 200],
  ["as long as the server says", { retryAfter: "3600" }, 3_600_000],
  ["nonsense", { retryAfter: "9999999" }, 86_400_000],
  ["a date, against the answer's own clock", { retryAfter: "Tue, 01 Jul 2025 10:00:05 GMT", date }, 5_000],
  ["a date that is past", { retryAfter: "Tue, 01 Jul 2025 09:00:05 GMT", date }, 200],
  ["a date without a clock to compare with", { retryAfter: "Tue, 01 Jul 2025 10:00:05 GMT" }, undefined],
  ["a date without a clock, reset readable", { retryAfter: date, rateLimitReset: "2" }, 2_000],
  ["reset as a fraction", { rateLimitReset: "0.523" }, 523],
  ["reset as an epoch", { rateLimitReset: "1751364000" }, 120_000],
  ["reset unreadable", { rateLimitReset: "soon" }, undefined],
  ["negative", { retryAfter: "-5" }, undefined],
  ["Retry-After before reset", { retryAfter: "4", rateLimitReset: "9" }, 4_000],
  ["neither", {}, undefined],
])("server's wait: %s", (_name, headers, expected) => {
  const given = { retryAfter: undefined, date: undefined, rateLimitReset: undefined, ...headers };
  expect(serverWait(given, defaultTiming)).toBe(expected);
});
