import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { ApiError } from "../../src/api/errors.ts";
import { Failure } from "../../src/failure.ts";
import {
  api,
  connected,
  failure,
  type Handler,
  html,
  json,
  type Loopback,
  quick,
  serve,
  token,
} from "./loopback.ts";

const servers: Loopback[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

/** A server whose answers to one path are scripted; when the script ends, its last answer is repeated. */
async function scripted(path: string, ...script: Handler[]): Promise<Loopback> {
  let asked = 0;
  const server = await serve(
    api((request, response, raw) => {
      if (request.path.split("?")[0] !== path) return json(response, 404, { errors: [] });
      const handler = script[Math.min(asked++, script.length - 1)];
      return handler?.(request, response, raw);
    }),
  );
  servers.push(server);
  return server;
}

const run = (status = "planned") => ({ data: { type: "runs", id: "run-1", attributes: { status } } });
const fine: Handler = (_request, response) => json(response, 200, run());
const created: Handler = (_request, response) => json(response, 201, run("pending"));
const reset: Handler = (_request, _response, raw) => raw.reset();
const close: Handler = (_request, _response, raw) => void raw.socket.destroy();
const silent: Handler = () => undefined;
const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    json(
      response,
      code,
      { errors: [{ status: String(code), title: "a fault", detail: "details" }] },
      headers,
    );
const cut =
  (finish: (response: ServerResponse) => void): Handler =>
  (_request, response) => {
    const text = JSON.stringify(run());
    response.writeHead(200, {
      "content-type": "application/vnd.api+json",
      "content-length": String(text.length),
    });
    response.write(text.slice(0, 20));
    setTimeout(() => finish(response), 20);
  };
const cutChunked: Handler = (_request, response, raw) => {
  response.writeHead(200, { "content-type": "application/vnd.api+json" });
  response.write(JSON.stringify(run()).slice(0, 20));
  setTimeout(() => raw.socket.destroy(), 20);
};
const badGateway: Handler = (_request, response) =>
  html(response, 502, "<html><title>502 Bad Gateway</title><b>nginx</b></html>");
const portal: Handler = (_request, response) =>
  html(response, 200, "<html><title>Sign in to WiFi</title><script>x()</script></html>");

const asked = (server: Loopback, path: string) =>
  server.seen.filter((request) => request.path.split("?")[0] === path);
const runPath = "/api/v2/runs/run-1";

describe("a read is repeated after", () => {
  test.each<[string, Handler]>([
    ["a reset before the headers", reset],
    ["a connection closed before the headers", close],
    ["a reset in the body", cut((response) => response.socket?.destroy())],
    ["a body shorter than its Content-Length", cut((response) => response.socket?.end())],
    ["a chunked body that ends too early", cutChunked],
    ["silence before the headers", silent],
    ["silence in the body", cut(() => undefined)],
    ["a 502 with HTML", badGateway],
    ["a 500 of the API", status(500)],
    ["a 503 with a time", status(503, { "retry-after": "0" })],
    ["a 429 with a time", status(429, { "retry-after": "0" })],
    ["a 429 without one", status(429)],
    ["a captive portal", portal],
  ])("%s", async (_name, fault) => {
    const server = await scripted(runPath, fault, fine);
    const { server: client } = await connected(server.host);
    expect((await client.readRun("run-1")).status).toBe("planned");
    expect(asked(server, runPath).length).toBe(2);
    await client.close();
  });
});

describe("creating a run is not repeated, and ambiguous, after", () => {
  test.each<[string, Handler, number | undefined]>([
    ["a reset before the headers", reset, undefined],
    ["a connection closed before the headers", close, undefined],
    ["a reset in the body", cut((response) => response.socket?.destroy()), undefined],
    ["silence", silent, undefined],
    ["a 502 with HTML", badGateway, 502],
    ["a 500 of the API", status(500), 500],
    ["a 503 without a time", status(503), 503],
    ["a success that is a web page", portal, 200],
    ["a success that is no run", (_request, response) => json(response, 201, { data: null }), 201],
  ])("%s", async (_name, fault, code) => {
    const server = await scripted("/api/v2/runs", fault, created);
    const { server: client } = await connected(server.host);
    const error = await failure(client.createRun("ws-1", "cv-1", {}));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ ambiguous: true, status: code });
    expect(asked(server, "/api/v2/runs").length).toBe(1);
    await client.close();
  });
});

describe("creating a run is repeated where the server did nothing", () => {
  test.each<[string, Handler]>([
    ["429 with a time", status(429, { "retry-after": "0" })],
    ["429 without one", status(429)],
    ["503 with a time", status(503, { "retry-after": "0" })],
  ])("%s", async (_name, fault) => {
    const server = await scripted("/api/v2/runs", fault, created);
    const { server: client } = await connected(server.host);
    expect((await client.createRun("ws-1", "cv-1", {})).id).toBe("run-1");
    expect(asked(server, "/api/v2/runs").length).toBe(2);
    await client.close();
  });

  test("a refused connection: not ambiguous when it stays so", async () => {
    const server = await scripted("/api/v2/runs", created);
    const { server: client } = await connected(server.host);
    await server.stop();
    // The kept-alive connection has to be seen closed, else the request may still go out on it.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const error = await failure(client.createRun("ws-1", "cv-1", {}));
    expect(error).toMatchObject({ reason: "unreachable", status: undefined, ambiguous: false });
    expect((error as Error).message).toContain("refused the connection (ECONNREFUSED)");
    await client.close();
  });
});

describe("final answers become one sentence", () => {
  test.each([
    [400, "server", /^reading run run-1: GET \/api\/v2\/runs\/run-1: 400 a fault: details\. /],
    [401, "unauthorized", /401 a fault: details\. The token is not accepted/],
    [403, "forbidden", /403 a fault: details\. The token lacks the permission/],
    [404, "not-found", /404 a fault: details\. It is missing, or the token has no permission/],
    [409, "server", /409 a fault/],
    [422, "server", /422 a fault/],
  ])("%i", async (code, reason, message) => {
    const server = await scripted(runPath, status(code));
    const { server: client } = await connected(server.host);
    const error = await failure(client.readRun("run-1"));
    expect(error).toMatchObject({ reason, status: code, ambiguous: false });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toMatch(/[\n<>]/);
    await client.close();
  });

  test("a captive portal that stays is no TFE API, quoted without HTML", async () => {
    const server = await scripted(runPath, portal);
    const { server: client } = await connected(server.host);
    const error = await failure(client.readRun("run-1"));
    expect(error).toMatchObject({ reason: "not-a-tfe-server" });
    expect((error as Error).message).toContain('200 an HTML page titled "Sign in to WiFi"');
    expect((error as Error).message).toContain("is not a TFE API");
    expect(asked(server, runPath).length).toBe(3);
    await client.close();
  });

  test("an error text that echoes the token is shown without it", async () => {
    const echo: Handler = (request, response) =>
      json(response, 400, { errors: [{ detail: `bad ${request.headers.authorization}` }] });
    const server = await scripted(runPath, echo);
    const { server: client } = await connected(server.host);
    const error = await failure(client.readRun("run-1"));
    expect((error as Error).message).toContain("bad Bearer [secret]");
    await client.close();
  });

  test("an answer of another run", async () => {
    const other: Handler = (_request, response) =>
      json(response, 200, { data: { ...run().data, id: "run-2" } });
    const server = await scripted(runPath, other);
    const { server: client } = await connected(server.host);
    await expect(client.readRun("run-1")).rejects.toThrow('data.id is "run-2", but "run-1" was asked for');
    await client.close();
  });

  test("an answer larger than 8 MiB", async () => {
    const server = await scripted(runPath, (_request, response) => {
      response.on("error", () => undefined);
      response.writeHead(200, { "content-type": "application/vnd.api+json" });
      response.end(Buffer.alloc(9 * 1024 * 1024, 0x20));
    });
    const { server: client } = await connected(server.host);
    await expect(client.readRun("run-1")).rejects.toThrow("larger than 8 MiB");
    await client.close();
  });

  test("an error body without end is read up to its cap", async () => {
    const server = await scripted(runPath, (_request, response) => {
      response.on("error", () => undefined);
      response.writeHead(400, { "content-type": "text/plain" });
      const timer = setInterval(() => response.write("x".repeat(40_000)), 5);
      response.on("close", () => clearInterval(timer));
    });
    const { server: client } = await connected(server.host);
    const error = await failure(client.readRun("run-1"));
    expect((error as Error).message.length).toBeLessThan(600);
    await client.close();
  });
});

describe("time", () => {
  test("after a 429 the endpoint is not asked before the server's time, by anyone", async () => {
    const server = await scripted(runPath, status(429, { "retry-after": "1" }), fine);
    const { server: client } = await connected(server.host);
    await Promise.all([
      client.readRun("run-1"),
      new Promise((r) => setTimeout(r, 60)).then(() => client.readRun("run-1")),
    ]);
    const [first, ...later] = asked(server, runPath).map(({ at }) => at);
    expect(later.length).toBe(2);
    for (const at of later) expect(at - (first ?? 0)).toBeGreaterThanOrEqual(990);
    await client.close();
  });

  test("a signal ends the waiting for the server's time", async () => {
    const server = await scripted(runPath, status(429, { "retry-after": "60" }));
    const { server: client } = await connected(server.host);
    const error = await failure(client.withSignal(AbortSignal.timeout(100)).readRun("run-1"));
    expect(error).toMatchObject({ reason: "timeout" });
    await client.close();
  });

  test("a signal with a Failure ends a request with that failure's words; a POST under way is ambiguous", async () => {
    const server = await scripted("/api/v2/runs", silent);
    const { server: client } = await connected(server.host);
    const controller = new AbortController();
    const creating = failure(client.withSignal(controller.signal).createRun("ws-1", "cv-1", {}));
    setTimeout(() => controller.abort(new Failure("interrupted", "stopped by SIGINT")), 50);
    expect(await creating).toMatchObject({
      reason: "interrupted",
      message: "stopped by SIGINT",
      ambiguous: true,
    });
    await client.close();
  });

  test("an aborted signal sends nothing", async () => {
    const server = await scripted(runPath, fine);
    const { server: client } = await connected(server.host);
    const error = await failure(client.withSignal(AbortSignal.abort()).cancelRun("run-1"));
    expect(error).toMatchObject({ reason: "interrupted", ambiguous: false });
    expect(server.paths().some((path) => path.includes("cancel"))).toBe(false);
    await client.close();
  });

  test("a token that worked is tried once more after a 401", async () => {
    const server = await scripted(runPath, status(401), fine);
    const { server: client } = await connected(server.host);
    expect((await client.readRun("run-1")).id).toBe("run-1");
    await client.close();
  });

  test("what was just made may be missing for a while", async () => {
    let looks = 0;
    const server = await serve(
      api((request, response) => {
        if (request.method === "POST") return json(response, 201, run("pending"));
        return ++looks < 3 ? json(response, 404, { errors: [] }) : json(response, 200, run());
      }),
    );
    servers.push(server);
    const { server: client } = await connected(server.host);
    const { id } = await client.createRun("ws-1", "cv-1", {});
    expect((await client.readRun(id)).status).toBe("planned");
    expect(await failure(client.readRun("run-9"))).toMatchObject({
      message: expect.stringContaining('data.id is "run-1"'),
    });
    await client.close();
  });
});

describe("redirects", () => {
  const redirect =
    (location: string, code = 307): Handler =>
    (_request, response) => {
      response.writeHead(code, { location });
      response.end();
    };

  test.each([
    ["within the API keeps", "/api/v2/moved", `Bearer ${token}`],
    ["elsewhere on the same host, where a signed URL may be, does not carry", "/signed/abc", undefined],
  ])("%s the token", async (_, place, authorization) => {
    const server = await serve(
      api((request, response) => {
        if (request.path === runPath) return redirect(place, 301)(request, response, undefined as never);
        return json(response, 200, run());
      }),
    );
    servers.push(server);
    const { server: client } = await connected(server.host);
    expect((await client.readRun("run-1")).id).toBe("run-1");
    expect(server.seen.at(-1)?.path).toBe(place);
    expect(server.seen.at(-1)?.headers.authorization).toBe(authorization);
    await client.close();
  });

  test.each([301, 302, 303, 307, 308])(
    "%i to another port of the same host never carries the token",
    async (code) => {
      const other = await serve((_request, response) => json(response, 200, run()));
      const server = await scripted(runPath, redirect(`${other.origin}/elsewhere`, code));
      servers.push(other);
      const { server: client } = await connected(server.host);
      expect((await client.readRun("run-1")).id).toBe("run-1");
      expect(other.seen.length).toBe(1);
      expect(other.seen[0]?.headers.authorization).toBeUndefined();
      expect(JSON.stringify(other.seen[0]?.headers)).not.toContain(token);
      await client.close();
    },
  );

  test("back to the API from elsewhere does not get the token again", async () => {
    const other = await serve((request, response, raw) =>
      redirect(`${server.origin}/api/v2/back`)(request, response, raw),
    );
    const server: Loopback = await serve(
      api((request, response, raw) => {
        if (request.path === runPath) return redirect(`${other.origin}/elsewhere`)(request, response, raw);
        return json(response, 200, run());
      }),
    );
    servers.push(server, other);
    const { server: client } = await connected(server.host);
    await client.readRun("run-1");
    expect(server.seen.at(-1)).toMatchObject({ path: "/api/v2/back" });
    expect(server.seen.at(-1)?.headers.authorization).toBeUndefined();
    await client.close();
  });

  test.each([
    ["plain http", (host: string) => `http://${host}/x?secret=signature`],
    ["a user in the URL", (host: string) => `https://user:pass@${host}/x?secret=signature`],
    ["another scheme", () => "ftp://x/?secret=signature"],
    ["what is no URL", () => "https://[/?secret=signature"],
  ])("to %s is refused without naming the target", async (_name, location) => {
    const other = await serve((_request, response) => json(response, 200, run()));
    const server = await scripted(runPath, redirect(location(other.host)));
    servers.push(other);
    const { server: client } = await connected(server.host);
    const error = await failure(client.readRun("run-1"));
    expect((error as Error).message).toContain("no https URL");
    expect((error as Error).message).not.toContain("signature");
    expect(other.seen).toEqual([]);
    await client.close();
  });

  test("more than three", async () => {
    const server = await scripted(runPath, redirect(runPath));
    const { server: client } = await connected(server.host);
    await expect(client.readRun("run-1")).rejects.toThrow("redirects too often");
    expect(asked(server, runPath).length).toBe(4);
    await client.close();
  });

  test("of a POST is not followed", async () => {
    const other = await serve((_request, response) => json(response, 201, run()));
    const server = await scripted("/api/v2/runs", redirect(`${other.origin}/runs`));
    servers.push(other);
    const { server: client } = await connected(server.host);
    const error = await failure(client.createRun("ws-1", "cv-1", {}));
    expect(error).toMatchObject({ status: 307, ambiguous: false });
    expect(other.seen).toEqual([]);
    await client.close();
  });
});

test("never more than the allowed requests in a second", async () => {
  const server = await scripted(runPath, fine);
  const { server: client } = await connected(server.host, {
    tuning: { ...quick, requestsPerSecond: 5, rateWindowMs: 220 },
  });
  // Twelve requests need two full windows after the first five, however slow the machine is.
  const started = performance.now();
  await Promise.all(Array.from({ length: 12 }, () => client.readRun("run-1")));
  expect(performance.now() - started).toBeGreaterThanOrEqual(2 * 220 - 5);
  await client.close();
});
