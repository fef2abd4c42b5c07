import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  api,
  connected,
  failure,
  type Handler,
  html,
  json,
  type Loopback,
  serve,
  token,
} from "./loopback.ts";

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});
const folder = mkdtempSync(join(tmpdir(), "apply-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function start(handler: Handler, headers?: Record<string, string>): Promise<Loopback> {
  const server = await serve(api(handler, headers));
  servers.push(server);
  return server;
}

/** Answers every request for this endpoint by the handlers in turn, the last one again and again. */
async function serving(endpoint: string, ...handlers: [Handler, ...Handler[]]) {
  let asked = 0;
  const server = await start((request, response, raw) => {
    const path = `${request.method} ${request.path.replace("/api/v2/", "").split("?")[0]}`;
    if (path !== endpoint) return json(response, 404, { errors: [] });
    const handler = handlers[Math.min(asked++, handlers.length - 1)] ?? handlers[0];
    return handler(request, response, raw);
  });
  const { server: client, masked } = await connected(server.host);
  return { server, client, masked, times: () => asked };
}

const answer =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    json(response, status, value, headers);
const refuse = (status: number, headers: Record<string, string> = {}) =>
  answer({ errors: [{ status: String(status), title: "no" }] }, status, headers);
const reset: Handler = (_request, _response, raw) => raw.reset();
const silence: Handler = () => undefined;
const one = (type: string, id: string | number, attributes: object, relationships: object = {}) => ({
  data: { type, id, attributes, relationships },
});

describe("confirming a run", () => {
  const endpoint = "POST runs/run-1/actions/apply";

  test.each([200, 202, 204])("status %i", async (status) => {
    const { client, server } = await serving(endpoint, (_request, response) => {
      response.writeHead(status);
      response.end();
    });
    await client.applyRun("run-1");
    const sent = server.seen.filter(({ method }) => method === "POST");
    expect(sent.map(({ body }) => body.toString())).toEqual(["{}"]);
    expect(sent[0]?.headers["content-type"]).toBe("application/vnd.api+json");
  });

  test.each<[string, Handler, { status?: number; ambiguous: boolean }]>([
    ["a reset", reset, { ambiguous: true }],
    ["silence", silence, { ambiguous: true }],
    ["500", refuse(500), { status: 500, ambiguous: true }],
    [
      "502 with HTML",
      (_request, response) => html(response, 502, "<b>Bad"),
      { status: 502, ambiguous: true },
    ],
    ["503 with a time", refuse(503, { "retry-after": "0" }), { status: 503, ambiguous: true }],
    ["504", refuse(504), { status: 504, ambiguous: true }],
    ["409", refuse(409), { status: 409, ambiguous: false }],
    ["403", refuse(403), { status: 403, ambiguous: false }],
    ["404", refuse(404), { status: 404, ambiguous: false }],
    ["429", refuse(429, { "retry-after": "0" }), { status: 429, ambiguous: false }],
    ["a redirect", refuse(307, { location: "/elsewhere" }), { status: 307, ambiguous: false }],
  ])("%s: an error, and no second request", async (_name, handler, expected) => {
    const { client, server, times } = await serving(endpoint, handler);
    expect(await failure(client.applyRun("run-1"))).toMatchObject(expected);
    expect([times(), server.seen.filter(({ method }) => method === "POST").length]).toEqual([1, 1]);
  });

  test("after 429 the next one waits as long as the server said", async () => {
    const { client, server } = await serving(
      endpoint,
      refuse(429, { "retry-after": "0.2" }),
      (_request, response) => {
        response.writeHead(202);
        response.end();
      },
    );
    await failure(client.applyRun("run-1"));
    await client.applyRun("run-1");
    const [first, second] = server.seen.filter(({ method }) => method === "POST");
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(190);
  });
});

describe("what is said with a confirmation", () => {
  const product = { "tfp-appname": "HCP Terraform", "tfp-api-version": "2.6" };

  test.each([
    ["kept by HCP Terraform: sent", product, { comment: "step 1" }],
    ["lost by OTF: not sent", { "tfp-api-version": "2.5" }, {}],
  ])("%s", async (_name, headers, body) => {
    const server = await start((_request, response) => {
      response.writeHead(202);
      response.end();
    }, headers);
    const { server: client } = await connected(server.host);
    await client.applyRun("run-1", "step 1");
    const [sent] = server.seen.filter(({ method }) => method === "POST");
    expect(JSON.parse(String(sent?.body))).toEqual(body);
  });

  test("the texts of a run's comments, all pages", async () => {
    const pageOf = (body: string | undefined, next: number | null) =>
      answer({
        data: [{ type: "comments", id: `wsc-${next}`, attributes: body === undefined ? {} : { body } }],
        meta: { pagination: { "next-page": next } },
      });
    const pages = [pageOf("one", 2), pageOf(undefined, 3), pageOf("three", 3)] as const;
    const { client, server } = await serving("GET runs/run-1/comments", ...pages);
    expect(await client.listRunComments("run-1")).toEqual(["one", "", "three"]);
    const asked = server.seen.filter(({ path }) => path.includes("/comments"));
    expect(asked.map(({ path }) => path.split("?")[1])).toEqual(
      [1, 2, 3].map((page) => `page%5Bnumber%5D=${page}&page%5Bsize%5D=100`),
    );
  });
});

describe("an apply", () => {
  test("its status, counts and log URL", async () => {
    const attributes = {
      status: "finished",
      "log-read-url": "/signed/log-of-the-apply",
      "resource-additions": 1,
      "resource-changes": 0,
      "resource-destructions": 2,
      "resource-imports": 3,
    };
    const { client, server, masked } = await serving(
      "GET applies/apply-1",
      answer(one("applies", "apply-1", attributes)),
    );
    expect(await client.readApply("apply-1")).toEqual({
      ...{ id: "apply-1", status: "finished", hasChanges: undefined },
      logReadUrl: `${server.origin}/signed/log-of-the-apply`,
      counts: { add: 1, change: 0, destroy: 2, import: 3 },
    });
    expect(masked).toContain(`${server.origin}/signed/log-of-the-apply`);
  });

  test("without counts, by an integer as its id", async () => {
    const { client } = await serving("GET applies/12", answer(one("applies", 12, { status: "running" })));
    expect(await client.readApply("12")).toMatchObject({ status: "running", counts: undefined });
  });

  test("a plan in its place is refused", async () => {
    const { client } = await serving(
      "GET applies/apply-1",
      answer(one("plans", "apply-1", { status: "finished" })),
    );
    expect(await failure(client.readApply("apply-1"))).toMatchObject({ reason: "server" });
  });
});

test("a reading of a run tells the server's time", async () => {
  const date = "Thu, 01 Jan 2026 00:00:04 GMT";
  const { client } = await serving(
    "GET runs/run-1",
    answer(one("runs", "run-1", { status: "planned" }), 200, { date }),
  );
  expect((await client.readRun("run-1")).readAt).toBe(date);
});

describe("options of a run", () => {
  const read = async (attributes: object, headers?: Record<string, string>) => {
    const server = await start(answer(one("runs", "run-1", { status: "planned", ...attributes })), headers);
    const { server: client } = await connected(server.host);
    const { refresh, targetAddrs, replaceAddrs, variables, createdAt } = await client.readRun("run-1");
    return { refresh, targetAddrs, replaceAddrs, variables, createdAt };
  };
  const hcp = { "tfp-appname": "HCP Terraform", "tfp-api-version": "2.6" };

  test("as the server tells them", async () => {
    expect(
      await read({
        ...{ refresh: false, "target-addrs": ["a.b"], "replace-addrs": ["c.d"] },
        ...{ variables: [{ key: "x", value: '"1"' }], "created-at": "2026-01-02T03:04:05Z" },
      }),
    ).toEqual({
      ...{ refresh: false, targetAddrs: ["a.b"], replaceAddrs: ["c.d"] },
      ...{ variables: [{ key: "x", value: '"1"' }], createdAt: "2026-01-02T03:04:05Z" },
    });
  });

  test("null stands for an empty list", async () => {
    const none = { "target-addrs": null, "replace-addrs": null, variables: null };
    expect(await read(none, hcp)).toMatchObject({ targetAddrs: [], replaceAddrs: [], variables: [] });
  });

  test("what is left out is not told, except where empty lists are left out (OTF)", async () => {
    expect(await read({}, hcp)).toMatchObject({ targetAddrs: undefined, variables: undefined });
    expect(await read({})).toMatchObject({
      targetAddrs: [],
      replaceAddrs: [],
      variables: [],
      refresh: undefined,
    });
  });
});

test("who locked a workspace and why", async () => {
  const by = { "locked-by": { data: { type: "users", id: "user-1" } } };
  const attributes = { name: "w", locked: true, "locked-reason": "audit" };
  const { client } = await serving(
    "GET organizations/org/workspaces/w",
    answer(one("workspaces", "ws-1", attributes, by)),
    answer(one("workspaces", "ws-1", { name: "w", locked: true })),
  );
  expect(await client.readWorkspace("org", "w")).toMatchObject({
    ...{ locked: true, lockedReason: "audit", lockedBy: { kind: "users", id: "user-1" } },
  });
  expect(await client.readWorkspace("org", "w")).toMatchObject({
    lockedReason: undefined,
    lockedBy: undefined,
  });
});

describe("download of a configuration version", () => {
  const endpoint = "GET configuration-versions/cv-1/download";
  const archive = gzipSync(Buffer.from("an archive"));
  const bytes =
    (body: Buffer): Handler =>
    (_request, response) => {
      response.writeHead(200, { "content-type": "application/x-gzip", "content-length": body.length });
      response.end(body);
    };
  let files = 0;
  const file = () => join(folder, `archive-${files++}.tar.gz`);

  test("the bytes, readable for nobody else", async () => {
    const { client } = await serving(endpoint, bytes(archive));
    const into = file();
    expect(await client.downloadConfigurationVersion("cv-1", into, archive.length)).toBe("saved");
    expect(readFileSync(into)).toEqual(archive);
    expect(statSync(into).mode & 0o777).toBe(0o600);
  });

  test("a redirect is followed without the token", async () => {
    const store = await serve(bytes(archive));
    servers.push(store);
    const { client } = await serving(endpoint, (_request, response) => {
      response.writeHead(302, { location: `${store.origin}/signed?x=1` });
      response.end();
    });
    const into = file();
    expect(await client.downloadConfigurationVersion("cv-1", into, 1_000)).toBe("saved");
    expect(readFileSync(into)).toEqual(archive);
    expect(JSON.stringify(store.seen.map(({ headers }) => headers))).not.toContain(token);
  });

  test("one that is cut off is asked for again", async () => {
    const cut: Handler = (_request, response, raw) => {
      response.writeHead(200, { "content-length": archive.length });
      response.write(archive.subarray(0, 10), () => setTimeout(raw.reset, 20));
    };
    const { client, times } = await serving(endpoint, cut, bytes(archive));
    const into = file();
    expect(await client.downloadConfigurationVersion("cv-1", into, 1_000)).toBe("saved");
    expect([readFileSync(into), times()]).toEqual([archive, 2]);
  });

  test("more than the cap is not written", async () => {
    const { client } = await serving(endpoint, bytes(archive));
    const into = file();
    expect(await client.downloadConfigurationVersion("cv-1", into, archive.length - 1)).toBe("too-large");
    expect(statSync(into).size).toBeLessThan(archive.length);
  });

  test.each<[string, Handler]>([
    ["403", refuse(403)],
    ["404", refuse(404)],
    ["204", (_request, response) => void response.writeHead(204).end()],
    ["nothing", bytes(Buffer.alloc(0))],
  ])("%s: there is none to be had", async (_name, handler) => {
    const { client } = await serving(endpoint, handler);
    expect(await client.downloadConfigurationVersion("cv-1", file(), 1_000)).toBeUndefined();
  });

  test("what is no archive is an error", async () => {
    const { client } = await serving(endpoint, (_request, response) => html(response, 200, "<p>Sign in"));
    const into = file();
    expect(await failure(client.downloadConfigurationVersion("cv-1", into, 1_000))).toMatchObject({
      reason: "not-a-tfe-server",
    });
  });

  test("a plain http redirect is refused", async () => {
    const { client } = await serving(endpoint, (_request, response) => {
      response.writeHead(302, { location: "http://127.0.0.1:1/x" });
      response.end();
    });
    const into = file();
    expect(await failure(client.downloadConfigurationVersion("cv-1", into, 1_000))).toMatchObject({
      reason: "server",
    });
    expect(existsSync(into)).toBe(false);
  });
});

describe("outputs of a state", () => {
  const endpoint = "GET workspaces/ws-1/current-state-version-outputs";
  const output = (name: string, more: object = {}) =>
    one("state-version-outputs", `wsout-${name}`, { name, sensitive: false, type: "string", ...more }).data;

  test("all pages; what is not said to be harmless is sensitive", async () => {
    const { client, server } = await serving(
      endpoint,
      answer({
        data: [output("a", { value: "x" }), output("b", { sensitive: true, value: null })],
        meta: { pagination: { "next-page": 2 } },
      }),
      answer({ data: [output("c", { value: { d: [1] }, type: "object", sensitive: undefined })] }),
    );
    expect(await client.readStateOutputs("ws-1")).toEqual([
      { id: "wsout-a", name: "a", sensitive: false, type: "string", value: "x" },
      { id: "wsout-b", name: "b", sensitive: true, type: "string", value: null },
      { id: "wsout-c", name: "c", sensitive: true, type: "object", value: { d: [1] } },
    ]);
    expect(server.seen.at(-1)?.path).toContain("page%5Bnumber%5D=2");
  });

  test("a state that is still being processed is asked for again", async () => {
    const { client, times } = await serving(endpoint, refuse(503), refuse(503), answer({ data: [] }));
    expect([await client.readStateOutputs("ws-1"), times()]).toEqual([[], 3]);
  });

  test("404: none; 403: an error", async () => {
    const { client } = await serving(endpoint, refuse(404), refuse(403));
    expect(await client.readStateOutputs("ws-1")).toBeUndefined();
    expect(await failure(client.readStateOutputs("ws-1"))).toMatchObject({ reason: "forbidden" });
  });

  test("one that stays in process is an error", async () => {
    const { client } = await serving(endpoint, refuse(503));
    expect(await failure(client.readStateOutputs("ws-1"))).toMatchObject({ status: 503 });
  });

  test("a single one, in clear", async () => {
    const { client } = await serving(
      "GET state-version-outputs/wsout-b",
      answer({ data: output("b", { sensitive: true, value: "secret" }) }),
    );
    expect(await client.readStateOutput("wsout-b")).toMatchObject({ sensitive: true, value: "secret" });
  });
});
