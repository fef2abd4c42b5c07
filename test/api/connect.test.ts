import { afterEach, describe, expect, test } from "vitest";
import { connect, connectToWorkspace } from "../../src/api/server.ts";
import {
  api,
  connected,
  failure,
  type Handler,
  html,
  json,
  type Loopback,
  makeCertificate,
  optionsFor,
  quick,
  serve,
  services,
  token,
  trust,
} from "./loopback.ts";

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(handler: Handler): Promise<Loopback> {
  const server = await serve(handler);
  servers.push(server);
  return server;
}

const workspace = { data: { type: "workspaces", id: "ws-1", attributes: { name: "w" } } };
const withWorkspace = api((_request, response) => json(response, 200, workspace));

/** A server whose discovery is the given handler and whose API works. */
const discoveredBy =
  (discovery: Handler): Handler =>
  (request, response, raw) =>
    request.path === "/.well-known/terraform.json"
      ? discovery(request, response, raw)
      : withWorkspace(request, response, raw);

const document =
  (value: unknown, contentType = "application/json"): Handler =>
  (_request, response) => {
    response.writeHead(200, { "content-type": contentType });
    response.end(typeof value === "string" ? value : JSON.stringify(value));
  };

describe("discovery", () => {
  test("is asked without the token, everything else with it and with the headers of a cloud block", async () => {
    const server = await start(withWorkspace);
    const options = { ...optionsFor(server.host), clientVersion: "1.9.0", workspace: "w" };
    const { server: client } = await connectToWorkspace(options);
    expect(server.paths().sort()).toEqual([
      "GET /.well-known/terraform.json",
      "GET /api/v2/organizations/org/entitlement-set",
      "GET /api/v2/organizations/org/workspaces/w",
      "GET /api/v2/ping",
    ]);
    const [discovery, ...others] = server.seen;
    expect(JSON.stringify(discovery?.headers)).not.toContain(token);
    for (const { headers } of others) {
      expect(headers).toMatchObject({
        authorization: `Bearer ${token}`,
        accept: "application/vnd.api+json",
        "accept-encoding": "identity",
        "user-agent": "test/1",
        "terraform-version": "1.9.0",
        "x-terraform-integration": "cloud",
      });
      expect(headers.cookie).toBeUndefined();
    }
    await client.close();
  });

  test.each([
    ["only tfe.v2", { "tfe.v2": "/api/v2/" }],
    ["only tfe.v2.1", { "tfe.v2.1": "/api/v2/" }],
    ["only tfe.v2.2", { "tfe.v2.2": "/api/v2/" }],
    ["a path without a final slash", { "tfe.v2": "/api/v2" }],
  ])("takes %s", async (_name, value) => {
    const server = await start(discoveredBy(document(value, "application/json; charset=utf-8")));
    const { server: client } = await connected(server.host);
    expect(server.paths()).toContain("GET /api/v2/ping");
    await client.close();
  });

  test("takes an absolute URL on the configured host", async () => {
    const server: Loopback = await start(
      discoveredBy((...asked) => document({ "tfe.v2": `${server.origin}/api/v2/` })(...asked)),
    );
    const { server: client } = await connected(server.host);
    await client.close();
  });

  test("follows a redirect and resolves against where it ended", async () => {
    const server = await start((request, response, raw) => {
      if (request.path === "/.well-known/terraform.json") {
        response.writeHead(302, { location: "/api/disco.json" });
        return void response.end();
      }
      if (request.path === "/api/disco.json") return document({ "tfe.v2": "v2/" })(request, response, raw);
      return withWorkspace(request, response, raw);
    });
    const { server: client } = await connected(server.host);
    expect(server.paths()).toContain("GET /api/v2/ping");
    await client.close();
  });

  test.each<[string, Handler, string, RegExp]>([
    [
      "404",
      (_r, response) => html(response, 404, "no"),
      "not-a-tfe-server",
      /has no TFE API.*offers no services/,
    ],
    [
      "other services only",
      document({ "modules.v1": "/m/", "providers.v1": "/p/" }),
      "not-a-tfe-server",
      /offers only modules.v1, providers.v1/,
    ],
    [
      "HTML",
      (_r, response) => html(response, 200, "<title>Welcome</title>"),
      "not-a-tfe-server",
      /an HTML page titled "Welcome"/,
    ],
    ["broken JSON", document("{"), "not-a-tfe-server", /is not a TFE API/],
    ["a list", document("[]"), "not-a-tfe-server", /is not a TFE API/],
    ["JSON as text/plain", document(services, "text/plain"), "not-a-tfe-server", /is not a TFE API/],
    [
      "another host",
      document({ "tfe.v2": "https://evil.example/api/" }),
      "not-a-tfe-server",
      /says that its API is at https:\/\/evil.example/,
    ],
    [
      "another port",
      document({ "tfe.v2": "https://localhost:1/api/" }),
      "not-a-tfe-server",
      /configured host/,
    ],
    [
      "plain http",
      document({ "tfe.v2": "http://localhost/api/" }),
      "not-a-tfe-server",
      /only sent over https/,
    ],
    [
      "a user in the URL",
      document({ "tfe.v2": "https://u:p@localhost/api/" }),
      "not-a-tfe-server",
      /no usable URL/,
    ],
    ["500", (_r, response) => json(response, 500, {}), "server", /: 500\. .*has a fault/],
    ["403", (_r, response) => html(response, 403, "x"), "forbidden", /: 403 /],
  ])("refuses %s before the token is sent", async (_name, ...[discovery, reason, message]) => {
    const server = await start(discoveredBy(discovery));
    const error = await failure(connect(optionsFor(server.host)));
    expect(error).toMatchObject({ reason, message: expect.stringMatching(message) });
    expect((error as Error).message).not.toMatch(/[\n<>]/);
    expect(JSON.stringify(server.seen.map(({ headers }) => headers))).not.toContain(token);
  });

  test("tries five times and gives up", async () => {
    const server = await start(discoveredBy((_request, response) => html(response, 502, "x")));
    await failure(connect(optionsFor(server.host)));
    expect(server.seen.length).toBe(5);
  });

  test.each([
    "https://h.example",
    "h.example/path",
    "user@h.example",
    "h.example:port",
    "",
    "h.example?x",
    "a b",
  ])("%j is no host name", async (hostname) => {
    expect(await failure(connect(optionsFor(hostname)))).toMatchObject({ reason: "input" });
  });

  test("nothing listens there", async () => {
    const server = await serve(withWorkspace);
    await server.stop();
    const error = await failure(connect(optionsFor(server.host)));
    expect(error).toMatchObject({
      reason: "unreachable",
      message: expect.stringContaining("refused the connection"),
    });
  });

  test("a name that does not exist", async () => {
    const error = await failure(connect(optionsFor("no-such-host.invalid")));
    expect(error).toMatchObject({
      reason: "unreachable",
      message: expect.stringContaining("cannot be resolved"),
    });
  });
});

describe("certificates that are not accepted are final and name NODE_EXTRA_CA_CERTS", () => {
  test.each([
    ["self-signed, unknown", async () => makeCertificate(), /is self-signed \(DEPTH_ZERO_SELF_SIGNED_CERT\)/],
    [
      "for another host",
      async () => {
        const certificate = await makeCertificate({ names: ["other.example"] });
        trust(certificate);
        return certificate;
      },
      /is for another host name \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
    ],
    [
      "expired",
      async () => {
        const certificate = await makeCertificate({
          notBefore: new Date("2020-01-01"),
          notAfter: new Date("2021-01-01"),
        });
        trust(certificate);
        return certificate;
      },
      /has expired \(CERT_HAS_EXPIRED\)/,
    ],
  ])("%s", async (_name, make, message) => {
    const server = await serve(withWorkspace, await make());
    servers.push(server);
    const error = await failure(connect(optionsFor(server.host)));
    expect(error).toMatchObject({ reason: "unreachable", message: expect.stringMatching(message) });
    expect((error as Error).message).toContain("NODE_EXTRA_CA_CERTS");
    expect(server.seen).toEqual([]);
  });

  test("even where NODE_TLS_REJECT_UNAUTHORIZED=0 would accept them", async () => {
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const server = await serve(withWorkspace, await makeCertificate());
      servers.push(server);
      expect(await failure(connect(optionsFor(server.host)))).toMatchObject({ reason: "unreachable" });
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    }
  });
});

describe("organization and workspace", () => {
  const entitled =
    (answer: Handler): Handler =>
    (request, response, raw) =>
      request.path.endsWith("/entitlement-set")
        ? answer(request, response, raw)
        : withWorkspace(request, response, raw);
  const entitlement = (attributes: object): Handler =>
    entitled((_request, response) =>
      json(response, 200, { data: { type: "entitlement-sets", id: "org", attributes } }),
    );
  const status = (code: number): Handler =>
    entitled((_request, response) => json(response, code, { errors: [{ title: "no" }] }));

  test.each<[string, Handler, string, RegExp]>([
    ["404", status(404), "not-found", /^organization "org" at host localhost:\d+ not found \(404\)/],
    ["401", status(401), "unauthorized", /reading organization "org".*401 no\. The token is not accepted/],
    ["403", status(403), "forbidden", /403/],
    [
      "a plain text 401",
      entitled(
        (_r, response) => void response.writeHead(401, { "content-type": "text/plain" }).end("invalid JWT\n"),
      ),
      "unauthorized",
      /401 invalid JWT\./,
    ],
  ])("organization: %s", async (_name, ...[handler, reason, message]) => {
    const server = await start(handler);
    const error = await failure(connectToWorkspace({ ...optionsFor(server.host), workspace: "w" }));
    expect(error).toMatchObject({ reason, message: expect.stringMatching(message) });
    const { server: client, entitled: check } = await connect(optionsFor(server.host));
    expect(await failure(check)).toMatchObject({ reason });
    await client.close();
  });

  test.each([
    [true, { operations: true }],
    [false, { operations: false }],
    [false, {}],
  ])("operations run on the server: %s for %j", async (operations, attributes) => {
    const { host } = await start(entitlement(attributes));
    const { server, entitlements } = await connectToWorkspace({ ...optionsFor(host), workspace: "w" });
    expect(entitlements).toEqual({ operations });
    await server.close();
  });

  test("of organization and workspace both missing, the organization is reported", async () => {
    const server = await start(api((_request, response) => json(response, 404, { errors: [] })));
    const late = await start(async (request, response, raw) => {
      if (!request.path.endsWith("/entitlement-set"))
        return api((_r, r) => json(r, 404, { errors: [] }))(request, response, raw);
      await new Promise((resolve) => setTimeout(resolve, 80));
      json(response, 404, { errors: [] });
    });
    expect(await failure(connectToWorkspace({ ...optionsFor(late.host), workspace: "w" }))).toMatchObject({
      message: expect.stringMatching(/^organization "org"/),
    });
    const error = await failure(connectToWorkspace({ ...optionsFor(server.host), workspace: "w" }));
    expect(error).toMatchObject({
      reason: "not-found",
      status: 404,
      message: expect.stringMatching(
        /reading workspace "w" of organization "org".*404 not found\. It is missing, or the token has no permission/,
      ),
    });
  });

  test("ping, organization and workspace are asked for at the same time", async () => {
    let waiting = 0;
    const { promise: all, resolve: release } = Promise.withResolvers<void>();
    const server = await start(async (request, response, raw) => {
      if (request.path !== "/.well-known/terraform.json") {
        if (++waiting === 3) release();
        await all;
      }
      return withWorkspace(request, response, raw);
    });
    const { server: client } = await connectToWorkspace({
      ...optionsFor(server.host, { tuning: { ...quick, answerStallMs: 5_000 } }),
      workspace: "w",
    });
    expect(waiting).toBe(3);
    await client.close();
  });

  test("names are encoded in the path", async () => {
    const server = await start(withWorkspace);
    const { server: client } = await connectToWorkspace({
      ...optionsFor(server.host),
      organization: "o rg?",
      workspace: "w#1",
    });
    expect(server.paths()).toContain("GET /api/v2/organizations/o%20rg%3F/workspaces/w%231");
    await client.close();
  });
});

test.each(["", "a b", "token\n", "tökén"])("the token %j is refused before anything is sent", async (bad) => {
  const server = await start(withWorkspace);
  const error = await failure(connect({ ...optionsFor(server.host), token: bad }));
  expect(error).toMatchObject({ reason: "credentials" });
  expect((error as Error).message).not.toContain("tökén");
  expect(server.seen).toEqual([]);
});

test("a user agent with a line break is sent without it", async () => {
  const server = await start(withWorkspace);
  const { server: client } = await connected(server.host, { userAgent: "a/1\r\nx-evil: 1" });
  expect(server.seen.at(-1)?.headers).toMatchObject({ "user-agent": "a/1??x-evil: 1" });
  await client.close();
});

describe("ping", () => {
  const pinged =
    (answer: Handler): Handler =>
    (request, response, raw) =>
      request.path === "/api/v2/ping"
        ? answer(request, response, raw)
        : withWorkspace(request, response, raw);

  test.each([200, 204, 401, 404])("status %i means nothing, its headers do", async (code) => {
    const server = await start(
      pinged(
        (_request, response) =>
          void response.writeHead(code, { "tfp-appname": "HCP Terraform", "tfp-api-version": "2.6" }).end(),
      ),
    );
    const { server: client } = await connected(server.host);
    expect(client.facts).toMatchObject({ product: "hcp", apiVersion: "2.6" });
    await client.close();
  });

  test("a gateway's 502 is asked again", async () => {
    let asked = 0;
    const server = await start(
      pinged(
        (_request, response) =>
          void response
            .writeHead(++asked === 1 ? 502 : 204, asked === 1 ? {} : { "tfp-api-version": "2.5" })
            .end(),
      ),
    );
    const { server: client } = await connected(server.host);
    expect(client.facts.product).toBe("otf");
    await client.close();
  });

  test("a gateway that stays broken leaves an unknown server", async () => {
    const server = await start(pinged((_request, response) => void response.writeHead(500).end()));
    const { server: client } = await connected(server.host);
    expect(client.facts.product).toBe("unknown");
    await client.close();
  });

  test("a limit told by it is kept", async () => {
    const limited = api((_request, response) => json(response, 200, workspace), {
      "tfp-appname": "HCP Terraform",
      "x-ratelimit-limit": "3",
    });
    const server = await start(limited);
    const { server: client } = await connected(server.host, { tuning: { ...quick, rateWindowMs: 150 } });
    await Promise.all([1, 2, 3].map(() => client.readWorkspace("org", "w")));
    const times = server.seen
      .slice(3)
      .map(({ at }) => at)
      .sort((a, b) => a - b);
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(130);
    await client.close();
  });
});
