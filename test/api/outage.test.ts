import { afterEach, expect, test } from "vitest";
import { persist } from "../../src/api/attempts.ts";
import type { ApiClient, BlobClient, SignedUrl } from "../../src/api/clients.ts";
import { fillPath } from "../../src/api/path.ts";
import { connect } from "../../src/api/server.ts";
import { isNoticeDue, type Session } from "../../src/api/session.ts";
import { defaultTuning } from "../../src/api/tuning.ts";
import { api, failure, json, type Loopback, optionsFor, serve } from "./loopback.ts";

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

test.each([
  ["nothing wrong", { since: undefined, noticed: 0 }, 500_000, false],
  ["not a minute yet", { since: 100_000, noticed: 0 }, 159_999, false],
  ["a minute", { since: 100_000, noticed: 0 }, 160_000, true],
  ["said already", { since: 100_000, noticed: 160_000 }, 219_999, false],
  ["the next minute", { since: 100_000, noticed: 160_000 }, 220_000, true],
])("a notice is due: %s", (_name, outage, now, due) => {
  expect(isNoticeDue(outage, now)).toBe(due);
});

/** A session on a clock that only waiting moves. */
function simulated(): { session: Session; notices: string[]; now: () => number } {
  let now = 1_000_000;
  const notices: string[] = [];
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  const session: Session = {
    hostname: "h.example",
    clock,
    timing: defaultTuning.retry,
    random: () => 0.9,
    mask: () => undefined,
    notify: (text) => notices.push(text),
    holds: new Map(),
    created: new Set(),
    secrets: new Set(),
    accepted: true,
    outage: { since: undefined, noticed: 0 },
  };
  return { session, notices, now: () => now - 1_000_000 };
}

const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
const info = { what: "reading run x", method: "GET", path: "/runs/x", hostname: "h.example" } as const;
const job = {
  info,
  endpoint: "GET runs/:id",
  repeat: "safely",
  signal: new AbortController().signal,
} as const;

test("an unreachable server is spoken of once a minute and given up after ten", async () => {
  const { session, notices, now } = simulated();
  const error = await failure(persist(session, { ...job, attempt: () => Promise.reject(refused) }));
  expect(error).toMatchObject({ reason: "unreachable" });
  expect(now()).toBeGreaterThanOrEqual(600_000);
  expect(now()).toBeLessThan(640_000);
  expect(notices.length).toBeGreaterThanOrEqual(6);
  expect(notices.length).toBeLessThanOrEqual(10);
  expect(notices[0]).toMatch(
    /^h\.example unreachable for \d+ s \(ECONNREFUSED\); a run goes on there, trying again$/,
  );
});

test("an answer ends the outage", async () => {
  const { session, notices } = simulated();
  let asked = 0;
  const attempt = async () => (++asked < 6 ? Promise.reject(refused) : { value: "fine" });
  for (let i = 0; i < 20; i++) {
    asked = 0;
    expect(await persist(session, { ...job, attempt })).toBe("fine");
  }
  expect(notices).toEqual([]);
  expect(session.outage.since).toBeUndefined();
});

test("waiting for a rate limit is not an outage and has no end of its own", async () => {
  const { session, notices, now } = simulated();
  let asked = 0;
  const limited = {
    trouble: { fault: { kind: "status", status: 429, serverWaitMs: 60_000 }, detail: "" },
  } as const;
  const attempt = async () => (++asked <= 30 ? limited : { value: "fine" });
  expect(await persist(session, { ...job, attempt })).toBe("fine");
  expect(now()).toBeGreaterThanOrEqual(30 * 60_000);
  expect(notices).toEqual([]);
});

test("an organization check that nobody waits for is no unhandled rejection", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const server = await serve((request, response, raw) =>
    request.path.endsWith("/entitlement-set")
      ? json(response, 404, {})
      : api(() => undefined)(request, response, raw),
  );
  servers.push(server);
  const { server: client } = await connect(optionsFor(server.host));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await client.close();
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

test("the token's client takes no URL and the other no path: mixing does not compile", () => {
  const signal = new AbortController().signal;
  const mixed = (apiClient: ApiClient, blob: BlobClient, url: SignedUrl) => [
    // @ts-expect-error a signed URL is no path of the API
    apiClient.send({ method: "GET", path: url, accept: "", signal }),
    // @ts-expect-error a text is no path of the API
    apiClient.send({ method: "GET", path: url.href, accept: "", signal }),
    // @ts-expect-error a path of the API is no signed URL
    blob.send({ method: "GET", url: fillPath("ping"), signal }),
    // @ts-expect-error any URL is not a signed URL
    blob.send({ method: "GET", url: new URL("https://h.example"), signal }),
    // @ts-expect-error the clients are not interchangeable
    ((client: BlobClient) => client)(apiClient),
  ];
  expect(typeof mixed).toBe("function");
});
