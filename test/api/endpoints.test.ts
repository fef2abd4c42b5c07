import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Server } from "../../src/api/types.ts";
import { Failure } from "../../src/failure.ts";
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
  trusted,
} from "./loopback.ts";

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(handler: Handler, headers?: Record<string, string>): Promise<Loopback> {
  const server = await serve(api(handler, headers));
  servers.push(server);
  return server;
}

async function blobs(handler: Handler): Promise<Loopback> {
  const server = await serve(handler);
  servers.push(server);
  return server;
}

/** Answers by `METHOD path` below the API's base, query left out. */
function routes(table: Record<string, Handler>): Handler {
  return (request, response, raw) => {
    const handler = table[`${request.method} ${request.path.replace("/api/v2/", "").split("?")[0]}`];
    return handler === undefined
      ? json(response, 404, { errors: [{ title: "not found" }] })
      : handler(request, response, raw);
  };
}

const answer =
  (value: unknown, status = 200): Handler =>
  (_request, response) =>
    json(response, status, value);
const resource = (type: string, id: string | number, ...members: [object?, object?]) => ({
  data: { type, id, attributes: members[0] ?? {}, relationships: members[1] ?? {} },
});
const to = (type: string, id: string | number) => ({ data: { type, id } });

const otf = { "tfp-api-version": "2.5" };
const hcp = { "tfp-appname": "HCP Terraform", "tfp-api-version": "2.6" };
const terrakube = { "tfp-appname": "Terrakube", "tfp-api-version": "2.5" };

describe("workspace", () => {
  const read = async (attributes: object, relationships: object = {}, headers = otf) => {
    const server = await start(
      routes({
        "GET organizations/org/workspaces/w": answer(
          resource("workspaces", "ws-1", attributes, relationships),
        ),
      }),
      headers,
    );
    const { server: client } = await connected(server.host);
    const workspace = await client.readWorkspace("org", "w");
    await client.close();
    return workspace;
  };

  test("with everything", async () => {
    const attributes = {
      name: "w",
      "execution-mode": "agent",
      "working-directory": "infra",
      "terraform-version": "1.9.0",
      "auto-apply": true,
      locked: true,
      "vcs-repo": { identifier: "o/r" },
      "structured-run-output-enabled": true,
      permissions: { "can-queue-run": true, "can-update": false, "can-queue-apply": true },
    };
    expect(await read(attributes, { "current-run": to("runs", "run-9") })).toEqual({
      id: "ws-1",
      name: "w",
      executionMode: "agent",
      workingDirectory: "infra",
      terraformVersion: "1.9.0",
      autoApply: true,
      locked: true,
      vcsConnected: true,
      structuredRunOutput: true,
      currentRunId: "run-9",
      permissions: { canQueueRun: true, canUpdate: false, canQueueApply: true },
    });
  });

  test("with almost nothing", async () => {
    expect(await read({ name: "w", "vcs-repo": null, "working-directory": null })).toEqual({
      id: "ws-1",
      name: "w",
      executionMode: "remote",
      workingDirectory: "",
      terraformVersion: "",
      autoApply: false,
      locked: false,
      vcsConnected: false,
      structuredRunOutput: false,
      currentRunId: undefined,
      permissions: { canQueueRun: undefined, canUpdate: undefined, canQueueApply: undefined },
    });
  });

  test("Terrakube names its current run without the prefix", async () => {
    expect((await read({ name: "w" }, { "current-run": to("runs", 12) }, terrakube)).currentRunId).toBe(
      "run-12",
    );
    expect((await read({ name: "w" }, { "current-run": to("runs", "run-12") }, terrakube)).currentRunId).toBe(
      "run-12",
    );
  });

  test("without a name is refused", async () => {
    await expect(read({})).rejects.toThrow(
      /200 the server's answer is not as documented: the attribute "name" is not a string/,
    );
  });
});

describe("configuration version", () => {
  const path = "/signed/1754.AbCdEfGh/configuration-versions/cv-1/upload";

  test("is created, its upload URL masked at once", async () => {
    const server: Loopback = await start(
      routes({
        "POST workspaces/ws-1/configuration-versions": (_request, response) =>
          json(
            response,
            201,
            resource("configuration-versions", "cv-1", {
              status: "pending",
              "upload-url": `${server.origin}${path}`,
            }),
          ),
        "GET configuration-versions/cv-1": answer(
          resource("configuration-versions", "cv-1", { status: "errored", "error-message": "bad slug" }),
        ),
      }),
    );
    const { server: client, masked } = await connected(server.host);
    expect(
      await client.createConfigurationVersion("ws-1", { speculative: true, provisional: false }),
    ).toEqual({
      id: "cv-1",
      status: "pending",
      uploadUrl: `${server.origin}${path}`,
      errorMessage: undefined,
    });
    expect(JSON.parse(server.seen.at(-1)?.body.toString() ?? "")).toEqual({
      data: {
        type: "configuration-versions",
        attributes: { "auto-queue-runs": false, speculative: true, provisional: false },
      },
    });
    expect(server.seen.at(-1)?.headers["content-type"]).toBe("application/vnd.api+json");
    expect(masked).toEqual([`${server.origin}${path}`, path]);
    expect(await client.readConfigurationVersion("cv-1")).toMatchObject({
      status: "errored",
      errorMessage: "bad slug",
      uploadUrl: undefined,
    });
    await client.close();
  });

  test("is asked for again after a broken answer: a stray one harms nobody", async () => {
    let asked = 0;
    const server = await start(
      routes({
        "POST workspaces/ws-1/configuration-versions": (_request, response, raw) =>
          ++asked === 1
            ? raw.reset()
            : json(response, 201, resource("configuration-versions", "cv-1", { status: "pending" })),
      }),
    );
    const { server: client } = await connected(server.host);
    expect((await client.createConfigurationVersion("ws-1", { speculative: true })).id).toBe("cv-1");
    expect(asked).toBe(2);
    await client.close();
  });

  test("a relative upload URL is resolved, an http one refused without being quoted", async () => {
    const read = async (uploadUrl: string) => {
      const attributes = { status: "pending", "upload-url": uploadUrl };
      const server = await start(
        routes({
          "GET configuration-versions/cv-1": answer(resource("configuration-versions", "cv-1", attributes)),
        }),
      );
      const { server: client } = await connected(server.host);
      const outcome = await client.readConfigurationVersion("cv-1").catch((error: Error) => error.message);
      await client.close();
      return { outcome, origin: server.origin };
    };
    const relative = await read("/up/load?sig=1");
    expect(relative.outcome).toMatchObject({ uploadUrl: `${relative.origin}/up/load?sig=1` });
    const plain = await read("http://h.example/secret-signature");
    expect(plain.outcome).toContain("is not an https URL");
    expect(plain.outcome).not.toContain("secret-signature");
  });
});

describe("upload", () => {
  let directory = "";
  let file = "";
  const content = Buffer.alloc(3 * 1024 * 1024 + 17, "archive");
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "upload-"));
    file = join(directory, "a.tar.gz");
    writeFileSync(file, content);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  const upload = async (handler: Handler, path = "/signed/secret-signature-1") => {
    const store = await blobs(handler);
    const server = await start(routes({}));
    const { server: client, masked } = await connected(server.host);
    const outcome = await client
      .uploadArchive(`${store.origin}${path}`, file, content.length)
      .catch((error: unknown) => error);
    await client.close();
    return { outcome, store, masked };
  };

  test("sends the file with its length and without the token", async () => {
    const { outcome, store, masked } = await upload(
      (_request, response) => void response.writeHead(200).end(),
    );
    expect(outcome).toBeUndefined();
    expect(store.seen.length).toBe(1);
    const [put] = store.seen;
    expect(put?.method).toBe("PUT");
    expect(put?.body.equals(content)).toBe(true);
    expect(put?.headers).toMatchObject({
      "content-length": String(content.length),
      "content-type": "application/octet-stream",
    });
    expect(put?.headers["transfer-encoding"]).toBeUndefined();
    expect(JSON.stringify(put?.headers)).not.toContain(token);
    expect(masked).toContain("/signed/secret-signature-1");
  });

  test.each([
    [
      413,
      (_r, response) => html(response, 413, "<title>413 Request Entity Too Large</title>"),
      "Request Entity Too Large",
    ],
    [
      422,
      (_r, response) =>
        json(response, 422, {
          errors: [{ status: "422", title: "Unprocessable", detail: "http: request body too large" }],
        }),
      "http: request body too large",
    ],
  ] satisfies [number, Handler, string][])(
    "%i is too large, in the server's words",
    async (status, handler, words) => {
      const { outcome } = await upload(handler);
      expect(outcome).toMatchObject({
        reason: "archive-too-large",
        status,
        ambiguous: false,
        message: expect.stringContaining(words),
      });
      expect((outcome as Error).message).toContain(String(content.length));
      expect((outcome as Error).message).toContain(".terraformignore");
    },
  );

  test.each([
    [403, false],
    [404, false],
    [410, false],
    [429, false],
    [500, true],
    [503, true],
  ])("%i ends it, ambiguous %s, and is not repeated", async (status, ambiguous) => {
    const { outcome, store } = await upload((request, response) =>
      json(response, status, { errors: [{ detail: `cannot PUT ${request.path}` }] }),
    );
    expect(outcome).toMatchObject({ status, ambiguous });
    expect((outcome as Error).message).not.toContain("secret-signature");
    expect(store.seen.length).toBe(1);
  });

  test.each<[string, Handler]>([
    ["silence", () => undefined],
    ["a reset", (_request, _response, raw) => raw.reset()],
  ])("%s is ambiguous", async (_name, handler) => {
    const { outcome } = await upload(handler);
    expect(outcome).toMatchObject({ reason: "unreachable", status: undefined, ambiguous: true });
    expect((outcome as Error).message).not.toContain("secret-signature");
  });

  test("a server that stops reading is given up", async () => {
    const big = join(directory, "big.tar.gz");
    writeFileSync(big, Buffer.alloc(64 * 1024 * 1024));
    const deaf = createServer(await trusted(), (raw) => raw.pause());
    await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
    const address = deaf.address();
    const port = typeof address === "object" ? address?.port : 0;
    const server = await start(routes({}));
    const { server: client } = await connected(server.host);
    const error = await failure(client.uploadArchive(`https://localhost:${port}/up`, big, 64 * 1024 * 1024));
    expect(error).toMatchObject({ reason: "unreachable", ambiguous: true });
    await client.close();
    deaf.closeAllConnections();
    deaf.close();
  });

  test("one 307 is followed without the token, with the whole body; a second is not", async () => {
    const store: Loopback = await blobs((request, response) => {
      if (request.path === "/2") return void response.writeHead(200).end();
      response.writeHead(307, { location: `${store.origin}${request.path === "/1" ? "/2" : "/1"}` }).end();
    });
    const server = await start(routes({}));
    const { server: client } = await connected(server.host);
    await client.uploadArchive(`${store.origin}/1`, file, content.length);
    expect(store.seen.map(({ body }) => body.length)).toEqual([content.length, content.length]);
    await expect(client.uploadArchive(`${store.origin}/0`, file, content.length)).rejects.toThrow(
      "redirects too often",
    );
    await client.close();
  });

  test("a file that is gone or has another size is not sent", async () => {
    const server = await start(routes({}));
    const { server: client } = await connected(server.host);
    expect(
      await failure(client.uploadArchive(`${server.origin}/up`, join(directory, "none"), 1)),
    ).toMatchObject({ reason: "archive", ambiguous: false });
    expect(await failure(client.uploadArchive(`${server.origin}/up`, file, 1))).toMatchObject({
      reason: "archive",
      ambiguous: false,
    });
    expect(server.paths().some((path) => path.startsWith("PUT"))).toBe(false);
    await client.close();
  });
});

describe("run", () => {
  const attributes = {
    status: "planned",
    message: "m",
    "is-destroy": true,
    "plan-only": false,
    "auto-apply": false,
    "has-changes": true,
    "refresh-only": false,
    "save-plan": true,
    "terraform-version": "1.9.0",
    "position-in-queue": 3,
    actions: {
      "is-cancelable": false,
      "is-confirmable": true,
      "is-discardable": true,
      "is-force-cancelable": false,
    },
    permissions: { "can-apply": true, "can-cancel": true, "can-discard": false },
    "status-timestamps": { "planned-at": "2025-07-01T10:00:00.123Z", odd: null },
  };
  const relationships = {
    plan: to("plans", "plan-1"),
    apply: to("applies", "apply-1"),
    workspace: to("workspaces", "ws-1"),
    "configuration-version": to("configuration-versions", "cv-1"),
    "cost-estimate": { data: null },
    "policy-checks": { data: [{ type: "policy-checks", id: "polchk-1" }] },
    "task-stages": {
      data: [
        { type: "task-stages", id: "ts-1" },
        { type: "task-stages", id: "ts-2" },
      ],
    },
  };

  test("is created with its relationships and read in full", async () => {
    const server = await start(
      routes({ "POST runs": answer(resource("runs", "run-1", attributes, relationships), 201) }),
    );
    const { server: client } = await connected(server.host);
    const run = await client.createRun("ws-1", "cv-1", {
      message: "m",
      refresh: true,
      variables: [{ key: "a", value: '"b"' }],
      "target-addrs": ["x.y"],
    });
    expect(JSON.parse(server.seen.at(-1)?.body.toString() ?? "")).toEqual({
      data: {
        type: "runs",
        attributes: {
          message: "m",
          refresh: true,
          variables: [{ key: "a", value: '"b"' }],
          "target-addrs": ["x.y"],
        },
        relationships: {
          workspace: to("workspaces", "ws-1"),
          "configuration-version": to("configuration-versions", "cv-1"),
        },
      },
    });
    expect(run).toEqual({
      id: "run-1",
      status: "planned",
      ...{ targetAddrs: [], replaceAddrs: [], variables: [], refresh: undefined, createdAt: undefined },
      message: "m",
      isDestroy: true,
      planOnly: false,
      autoApply: false,
      hasChanges: true,
      positionInQueue: 3,
      refreshOnly: false,
      savePlan: true,
      terraformVersion: "1.9.0",
      workspaceId: "ws-1",
      configurationVersionId: "cv-1",
      planId: "plan-1",
      applyId: "apply-1",
      costEstimateId: undefined,
      policyCheckIds: ["polchk-1"],
      taskStageIds: ["ts-1", "ts-2"],
      actions: { isCancelable: false, isConfirmable: true, isDiscardable: true },
      permissions: { canApply: true, canCancel: true, canDiscard: false },
      statusTimestamps: { "planned-at": "2025-07-01T10:00:00.123Z" },
    });
    await client.close();
  });

  test("of Terrakube: integer ids, few attributes, its words for statuses", async () => {
    const server = await start(
      routes({
        "GET runs/run-5": answer(
          resource(
            "runs",
            "run-5",
            { status: "running", permissions: { "can-apply": true } },
            { plan: to("plans", 12) },
          ),
        ),
      }),
      terrakube,
    );
    const { server: client } = await connected(server.host);
    expect(await client.readRun("run-5")).toMatchObject({
      status: "planning",
      planId: "12",
      planOnly: undefined,
      actions: { isCancelable: undefined },
    });
    await client.close();
  });

  test("actions are sent once and their empty answers taken", async () => {
    const accepted: Handler = (_request, response) => void response.writeHead(202).end();
    const server = await start(
      routes({ "POST runs/run-1/actions/cancel": accepted, "POST runs/run-1/actions/discard": accepted }),
    );
    const { server: client } = await connected(server.host);
    await client.cancelRun("run-1");
    await client.discardRun("run-1");
    expect(server.seen.slice(-2).map(({ body }) => body.toString())).toEqual(["{}", "{}"]);
    expect(await failure(client.cancelRun("run-2"))).toMatchObject({
      status: 404,
      message: expect.stringMatching(
        /^canceling run run-2: POST \/api\/v2\/runs\/run-2\/actions\/cancel: 404/,
      ),
    });
    await client.close();
  });

  const listed =
    (count: number): Handler =>
    (request, response) => {
      const query = new URL(request.path, "https://h").searchParams;
      const page = Number(query.get("page[number]"));
      const size = Number(query.get("page[size]"));
      const data = Array.from(
        { length: Math.min(size, count - (page - 1) * size) },
        (_, i) => resource("runs", `run-${(page - 1) * size + i}`, { status: "planned" }).data,
      );
      json(response, 200, {
        data,
        meta: { pagination: { "current-page": page, "next-page": page * size < count ? page + 1 : null } },
      });
    };

  test("lists over pages up to the limit, plan-only ones asked for", async () => {
    const server = await start(routes({ "GET workspaces/ws-1/runs": listed(250) }), hcp);
    const { server: client } = await connected(server.host);
    expect((await client.listRuns("ws-1", 150)).map(({ id }) => id)).toEqual(
      Array.from({ length: 150 }, (_, i) => `run-${i}`),
    );
    expect(server.seen.filter(({ path }) => path.includes("/runs?")).length).toBe(2);
    expect(
      new URL(server.seen.at(-1)?.path ?? "", "https://h").searchParams.get("filter[operation]"),
    ).toMatch(/plan_only.*save_plan/);
    expect((await client.listRuns("ws-1", 5)).length).toBe(5);
    expect((await client.listRuns("ws-1", 1_000)).length).toBe(250);
    await client.close();
  });

  test("lists of OTF are not filtered: save_plan in the filter empties them", async () => {
    const server = await start(routes({ "GET workspaces/ws-1/runs": listed(2) }));
    const { server: client } = await connected(server.host);
    expect((await client.listRuns("ws-1", 10)).length).toBe(2);
    expect(server.seen.at(-1)?.path).not.toContain("filter");
    await client.close();
  });

  test.each<[string, Handler, number | undefined]>([
    ["told", answer({ data: [resource("runs", "run-1", { "position-in-queue": 4 }).data] }), 4],
    [
      "0, as OTF says of all",
      answer({ data: [resource("runs", "run-1", { "position-in-queue": 0 }).data] }),
      undefined,
    ],
    ["not in the queue", answer({ data: [] }), undefined],
    ["403", answer({ errors: [] }, 403), undefined],
    ["500", answer({ errors: [] }, 500), undefined],
    ["HTML", (_request, response) => html(response, 200, "x"), undefined],
  ])("position in the queue: %s", async (_name, handler, expected) => {
    const server = await start(routes({ "GET organizations/org/runs/queue": handler }));
    const { server: client } = await connected(server.host);
    expect(await client.readQueuePosition("org", "run-1")).toBe(expected);
    expect(server.seen.filter(({ path }) => path.includes("/queue")).length).toBe(1);
    await client.close();
  });
});

describe("plan", () => {
  test("its log URL is masked and resolved, counts are taken where there are some", async () => {
    const server = await start(
      routes({
        "GET plans/plan-1": answer(
          resource("plans", "plan-1", {
            status: "finished",
            "has-changes": true,
            "log-read-url": "/logs/secret-of-the-log?sig=abc",
            "resource-additions": 1,
            "resource-changes": 2,
            "resource-destructions": 0,
          }),
        ),
        "GET plans/12": answer(resource("plans", 12, { status: "running" })),
      }),
    );
    const { server: client, masked } = await connected(server.host);
    expect(await client.readPlan("plan-1")).toEqual({
      id: "plan-1",
      status: "finished",
      hasChanges: true,
      logReadUrl: `${server.origin}/logs/secret-of-the-log?sig=abc`,
      counts: { add: 1, change: 2, destroy: 0, import: 0 },
    });
    expect(masked).toContain("/logs/secret-of-the-log?sig=abc");
    expect(await client.readPlan("12")).toEqual({
      id: "12",
      status: "running",
      hasChanges: undefined,
      logReadUrl: undefined,
      counts: undefined,
    });
    await client.readPlan("plan-1");
    expect(masked.length).toBe(2);
    await client.close();
  });

  const redacted = "GET plans/plan-1/json-output-redacted";
  const plain = "GET plans/plan-1/json-output";
  const plan = { format_version: "1.2", resource_changes: [] };
  /** What is in the file afterwards, where the server gave a plan; nobody else may read it. */
  const savedPlan = async (client: Server) => {
    const file = join(mkdtempSync(join(tmpdir(), "plan-json-")), "plan.json");
    const form = await client.savePlanJson("plan-1", file);
    if (form === undefined) return undefined;
    expect(statSync(file).mode & 0o777).toBe(0o600);
    return { form, text: readFileSync(file, "utf8") };
  };
  const text =
    (status: number, body: string, contentType = "text/plain"): Handler =>
    (_request, response) =>
      void response.writeHead(status, { "content-type": contentType }).end(body);

  test.each<[string, Record<string, string>, Record<string, Handler>, unknown]>([
    [
      "redacted",
      hcp,
      { [redacted]: answer(plan), [plain]: answer({ no: 1 }) },
      { form: "redacted", text: JSON.stringify(plan) },
    ],
    [
      "plain where there is no redacted",
      hcp,
      { [plain]: answer(plan) },
      { form: "plain", text: JSON.stringify(plan) },
    ],
    [
      "plain where redacted is not ready",
      hcp,
      { [redacted]: text(204, ""), [plain]: answer(plan) },
      { form: "plain", text: JSON.stringify(plan) },
    ],
    [
      "plain where redacted is refused",
      hcp,
      { [redacted]: answer({ errors: [] }, 403), [plain]: answer(plan) },
      { form: "plain", text: JSON.stringify(plan) },
    ],
    [
      "both refused",
      hcp,
      { [redacted]: answer({ errors: [] }, 404), [plain]: answer({ errors: [] }, 403) },
      undefined,
    ],
    ["too old", hcp, { [plain]: answer({ errors: [] }, 422) }, undefined],
    [
      "OTF: as text/plain, redacted not asked for",
      otf,
      { [redacted]: answer({ no: 1 }), [plain]: text(200, JSON.stringify(plan)) },
      { form: "plain", text: JSON.stringify(plan) },
    ],
    ["OTF: 200 without a body is not ready", otf, { [plain]: text(200, "") }, undefined],
    ["Terrakube has none", terrakube, { [redacted]: answer(plan), [plain]: answer(plan) }, undefined],
  ])("as JSON: %s", async (_name, ...[headers, table, expected]) => {
    const server = await start(routes(table), headers);
    const { server: client } = await connected(server.host);
    expect(await savedPlan(client)).toEqual(expected);
    await client.close();
  });

  test("as JSON: the 307 of json-output is followed without the token", async () => {
    const store = await blobs(
      (_request, response) =>
        void response.writeHead(200, { "content-type": "binary/octet-stream" }).end(JSON.stringify(plan)),
    );
    const server = await start(
      routes({
        [plain]: (_request, response) =>
          void response.writeHead(307, { location: `${store.origin}/object/secret` }).end(),
      }),
      hcp,
    );
    const { server: client } = await connected(server.host);
    expect(await savedPlan(client)).toEqual({ form: "plain", text: JSON.stringify(plan) });
    expect(JSON.stringify(store.seen.map(({ headers }) => headers))).not.toContain(token);
    await client.close();
  });

  test("as JSON: over 256 MiB is left out", async () => {
    const large: Handler = (_request, response) => {
      response.on("error", () => undefined);
      response.writeHead(200, { "content-type": "application/json" });
      const part = Buffer.alloc(1024 * 1024, 0x20);
      Readable.from(Array.from({ length: 257 }, () => part)).pipe(response);
    };
    const server = await start(routes({ [plain]: large }));
    const { server: client } = await connected(server.host, { tuning: {} });
    expect(await savedPlan(client)).toBeUndefined();
    await client.close();
  });

  test("as JSON: what a broken connection left is written over", async () => {
    let asked = 0;
    const server = await start(
      routes({
        [plain]: (_request, response, raw) => {
          asked += 1;
          response.writeHead(200, { "content-type": "application/json" });
          if (asked > 1) response.end(JSON.stringify(plan));
          else {
            raw.socket.on("error", () => undefined);
            response.write(`${JSON.stringify(plan)} and more`, () => raw.reset());
          }
        },
      }),
    );
    const { server: client } = await connected(server.host);
    expect(await savedPlan(client)).toEqual({ form: "plain", text: JSON.stringify(plan) });
    expect(asked).toBe(2);
    await client.close();
  });

  test.each<[string, Record<string, Handler>, string]>([
    ["plain", { [redacted]: answer(plan), [plain]: answer(plan) }, "plain"],
    ["redacted where plain is refused", { [redacted]: answer(plan), [plain]: answer({}, 403) }, "redacted"],
  ])("as JSON, plain asked for first: %s", async (_name, table, form) => {
    const server = await start(routes(table), hcp);
    const { server: client } = await connected(server.host);
    const file = join(mkdtempSync(join(tmpdir(), "plan-json-")), "plan.json");
    expect(await client.savePlanJson("plan-1", file, "plain-first")).toBe(form);
    expect(server.paths().filter((path) => path.endsWith("json-output"))).toHaveLength(1);
    await client.close();
  });

  test("as JSON: a file that cannot be written is said, and nothing tried again", async () => {
    const server = await start(routes({ [plain]: answer(plan) }));
    const { server: client } = await connected(server.host);
    const file = join(mkdtempSync(join(tmpdir(), "plan-json-")), "none", "plan.json");
    expect(await failure(client.savePlanJson("plan-1", file))).toMatchObject({
      reason: "outputs",
      message: expect.stringContaining(file),
    });
    expect(server.paths().filter((path) => path.endsWith("json-output"))).toHaveLength(1);
    await client.close();
  });

  test("as JSON: what is none is an error", async () => {
    const server = await start(
      routes({ [plain]: (_request, response) => html(response, 200, "<title>Sign in</title>") }),
    );
    const { server: client } = await connected(server.host);
    expect(await failure(savedPlan(client))).toMatchObject({ reason: "not-a-tfe-server" });
    await client.close();
  });
});

describe("log", () => {
  const text = "héllo wörld ".repeat(10);
  const log: Handler = (request, response) => {
    const query = new URL(request.path, "https://h").searchParams;
    const offset = Number(query.get("offset"));
    response
      .writeHead(200, { "content-type": "text/plain" })
      .end(Buffer.from(text).subarray(offset, offset + Number(query.get("limit"))));
  };
  const readFrom = async (handler: Handler) => {
    const store = await blobs(handler);
    const server = await start(routes({}));
    const { server: client, masked } = await connected(server.host);
    return { store, client, masked };
  };

  test("is read piece by piece, without the token, the signed query kept as it is", async () => {
    const { store, client, masked } = await readFrom(log);
    const url = `${store.origin}/log/secret-object?X-Sig=a%2Fb+c~d&limit=1&empty`;
    const first = await client.readLog(url, 0, 7);
    expect({ ...first, bytes: Buffer.from(first.bytes).toString() }).toEqual({
      status: 200,
      complete: true,
      bytes: "héllo ",
    });
    expect(Buffer.from((await client.readLog(url, 7, 1_000)).bytes).toString()).toBe(
      Buffer.from(text).subarray(7).toString(),
    );
    expect(store.paths()[0]).toBe("GET /log/secret-object?X-Sig=a%2Fb+c~d&empty&limit=7&offset=0");
    expect(JSON.stringify(store.seen.map(({ headers }) => headers))).not.toContain(token);
    expect(masked).toContain("/log/secret-object?X-Sig=a%2Fb+c~d&limit=1&empty");
    await client.close();
  });

  test("a relative URL is resolved against the API", async () => {
    const server = await start(routes({ "GET logs/plan-1": log }));
    const { server: client } = await connected(server.host);
    expect((await client.readLog("logs/plan-1", 0, 5)).bytes.length).toBe(5);
    expect(server.seen.at(-1)?.headers.authorization).toBeUndefined();
    await client.close();
  });

  test("a connection that breaks in the body gives what came", async () => {
    const { store, client } = await readFrom((_request, response, raw) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("0123456789");
      setTimeout(() => raw.socket.destroy(), 20);
    });
    const chunk = await client.readLog(`${store.origin}/log`, 0, 100);
    expect({ ...chunk, bytes: Buffer.from(chunk.bytes).toString() }).toEqual({
      status: 200,
      complete: false,
      bytes: "0123456789",
    });
    await client.close();
  });

  test("silence in the body, too", async () => {
    const { store, client } = await readFrom((_request, response) => {
      response.writeHead(200);
      response.write("0123456789");
    });
    expect(await client.readLog(`${store.origin}/log`, 0, 100)).toMatchObject({
      status: 200,
      complete: false,
    });
    await client.close();
  });

  test("a server that ignores the limit is stopped", async () => {
    const { store, client } = await readFrom((_request, response) => {
      response.on("error", () => undefined);
      response.writeHead(200).end(Buffer.alloc(5 * 1024 * 1024, 0x61));
    });
    const chunk = await client.readLog(`${store.origin}/log`, 0, 1_000);
    expect([chunk.complete, chunk.bytes.length]).toEqual([false, 3_016]);
    await client.close();
  });

  test.each([401, 403, 404, 500, 502])("status %i is given, not thrown, and not repeated", async (status) => {
    const { store, client } = await readFrom(
      (_request, response) => void response.writeHead(status).end("invalid signature"),
    );
    expect((await client.readLog(`${store.origin}/log`, 0, 10)).status).toBe(status);
    expect(store.seen.length).toBe(1);
    await client.close();
  });

  test("no status line rejects, without the URL", async () => {
    const { store, client } = await readFrom((_request, _response, raw) => raw.reset());
    const error = await failure(client.readLog(`${store.origin}/log/secret-object`, 0, 10));
    expect(error).toMatchObject({ reason: "unreachable", status: undefined });
    expect((error as Error).message).not.toContain("secret-object");
    expect(store.seen.length).toBe(1);
    await client.close();
  });

  test("after a 429 the next piece waits for the server's time", async () => {
    let asked = 0;
    const { store, client } = await readFrom((request, response, raw) =>
      ++asked === 1
        ? void response.writeHead(429, { "retry-after": "1" }).end()
        : log(request, response, raw),
    );
    expect((await client.readLog(`${store.origin}/log`, 0, 10)).status).toBe(429);
    expect((await client.readLog(`${store.origin}/log`, 0, 10)).status).toBe(200);
    expect((store.seen[1]?.at ?? 0) - (store.seen[0]?.at ?? 0)).toBeGreaterThanOrEqual(990);
    await client.close();
  });
});

describe("checks", () => {
  test("cost estimate, policy check and its output, task stage, policy evaluation", async () => {
    const server = await start(
      routes({
        "GET cost-estimates/ce-1": answer(
          resource("cost-estimates", "ce-1", {
            status: "finished",
            "error-message": "",
            "prior-monthly-cost": "0.0",
            "proposed-monthly-cost": "25.488",
            "delta-monthly-cost": 25.488,
            "resources-count": 4,
            "matched-resources-count": 3,
          }),
        ),
        "GET policy-checks/polchk-1": answer(
          resource("policy-checks", "polchk-1", {
            status: "soft_failed",
            scope: "organization",
            actions: { "is-overridable": true },
            result: { passed: 1 },
          }),
        ),
        "GET policy-checks/polchk-1/output": (_request, response) =>
          void response.writeHead(200, { "content-type": "text/plain" }).end("Sentinel Result: false\n"),
        "GET task-stages/ts-1": answer({
          ...resource(
            "task-stages",
            "ts-1",
            { stage: "post_plan", status: "failed" },
            {
              "task-results": { data: [{ type: "task-results", id: "taskrs-1" }] },
              "policy-evaluations": { data: [{ type: "policy-evaluations", id: "poleval-1" }] },
            },
          ),
          included: [
            {
              type: "task-results",
              id: "taskrs-1",
              attributes: {
                "task-name": "scan",
                status: "failed",
                message: "2 findings",
                "workspace-task-enforcement-level": "mandatory",
                url: "https://x.example/1",
              },
            },
            { type: "task-results", id: "taskrs-2", attributes: { "task-name": "of another stage" } },
          ],
        }),
        "GET policy-evaluations/poleval-1/policy-set-outcomes": answer({
          data: [
            resource("policy-set-outcomes", "psout-1", {
              "policy-set-name": "set",
              error: "",
              outcomes: [
                {
                  policy_name: "p",
                  status: "failed",
                  enforcement_level: "mandatory",
                  description: "d",
                  output: [{ print: "a" }, { print: "b" }],
                },
                { policy_name: "q", status: "passed" },
              ],
            }).data,
          ],
        }),
      }),
      hcp,
    );
    const { server: client } = await connected(server.host);
    expect(await client.readCostEstimate("ce-1")).toEqual({
      status: "finished",
      errorMessage: undefined,
      priorMonthlyCost: "0.0",
      proposedMonthlyCost: "25.488",
      deltaMonthlyCost: "25.488",
      resourcesCount: 4,
      matchedResourcesCount: 3,
    });
    expect(await client.readPolicyCheck("polchk-1")).toEqual({
      id: "polchk-1",
      status: "soft_failed",
      scope: "organization",
      isOverridable: true,
      result: { passed: 1 },
    });
    expect(await client.readPolicyCheckOutput("polchk-1")).toBe("Sentinel Result: false\n");
    expect(await client.readTaskStage("ts-1")).toEqual({
      id: "ts-1",
      stage: "post_plan",
      status: "failed",
      taskResults: [
        {
          id: "taskrs-1",
          name: "scan",
          status: "failed",
          message: "2 findings",
          enforcement: "mandatory",
          url: "https://x.example/1",
        },
      ],
      policyEvaluationIds: ["poleval-1"],
    });
    expect(server.seen.at(-1)?.path).toContain("?include=task_results%2Cpolicy_evaluations");
    expect(await client.readPolicySetOutcomes("poleval-1")).toEqual([
      {
        policySet: "set",
        error: "",
        outcomes: [
          { policy: "p", status: "failed", enforcement: "mandatory", description: "d", output: "a\nb" },
          { policy: "q", status: "passed", enforcement: "", description: "", output: "" },
        ],
      },
    ]);
    await client.close();
  });
});

test("whatever the server answers, every method gives a value or a Failure", async () => {
  let body: unknown;
  const server = await start((_request, response) => json(response, 200, body), hcp);
  const { server: client } = await connected(server.host);
  const member = fc.jsonValue({ maxDepth: 2 });
  const names = [
    "status",
    "name",
    "actions",
    "log-read-url",
    "upload-url",
    "outcomes",
    "status-timestamps",
    "__proto__",
  ];
  const near = (type: string) =>
    fc.record({
      type: fc.constant(type),
      id: fc.constantFrom("x", 1, ""),
      attributes: fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.string(), member)),
      relationships: fc.dictionary(fc.constantFrom("plan", "task-results"), fc.record({ data: member })),
    });
  const calls: [string, () => Promise<unknown>][] = [
    ["workspaces", () => client.readWorkspace("org", "w")],
    ["configuration-versions", () => client.readConfigurationVersion("x")],
    ["runs", () => client.readRun("x")],
    ["runs", () => client.listRuns("x", 3)],
    ["plans", () => client.readPlan("x")],
    ["cost-estimates", () => client.readCostEstimate("x")],
    ["policy-checks", () => client.readPolicyCheck("x")],
    ["task-stages", () => client.readTaskStage("x")],
    ["policy-set-outcomes", () => client.readPolicySetOutcomes("x")],
  ];
  const exchange = fc.constantFrom(...calls).chain(([type, call]) => {
    const data = fc.oneof(near(type), fc.array(near(type), { maxLength: 3 }), member);
    return fc.tuple(
      fc.constant(call),
      fc.oneof(fc.record({ data, included: member, meta: member }), fc.jsonValue()),
    );
  });
  await fc.assert(
    fc.asyncProperty(exchange, async ([call, document]) => {
      body = document;
      const error = await call().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error !== undefined) expect(error).toBeInstanceOf(Failure);
    }),
    { numRuns: 200 },
  );
  await client.close();
});
