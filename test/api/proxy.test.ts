import { createServer, type Server } from "node:http";
import { type AddressInfo, connect as connectTcp } from "node:net";
import { afterEach, expect, test } from "vitest";
import { connect } from "../../src/api/server.ts";
import { api, connected, failure, json, type Loopback, optionsFor, serve } from "./loopback.ts";

const open: { close: () => unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const workspace = api((_request, response) =>
  json(response, 200, { data: { type: "workspaces", id: "ws-1", attributes: { name: "w" } } }),
);

async function target(): Promise<Loopback> {
  const server = await serve(workspace);
  open.push({ close: server.stop });
  return server;
}

/** A proxy that tunnels, or answers CONNECT with a status. */
async function proxy(
  status = 200,
): Promise<{ url: string; connects: string[]; authorizations: (string | undefined)[] }> {
  const connects: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const server: Server = createServer();
  server.on("connect", (request, client) => {
    connects.push(request.url ?? "");
    authorizations.push(request.headers["proxy-authorization"]);
    client.on("error", () => undefined);
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const [host, port] = (request.url ?? "").split(":");
    const upstream = connectTcp(Number(port), host, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({ close: () => server.closeAllConnections() }, server);
  return {
    url: `http://user:pa55@127.0.0.1:${(server.address() as AddressInfo).port}`,
    connects,
    authorizations,
  };
}

test.each(["https_proxy", "HTTPS_PROXY"])(
  "%s carries every request, with the proxy's own credentials",
  async (name) => {
    const server = await target();
    const between = await proxy();
    const { server: client } = await connected(server.host, { proxy: { [name]: between.url } });
    expect((await client.readWorkspace("org", "w")).id).toBe("ws-1");
    expect(new Set(between.connects)).toEqual(new Set([server.host]));
    expect(between.authorizations[0]).toBe(`Basic ${Buffer.from("user:pa55").toString("base64")}`);
    expect(server.seen.some(({ headers }) => headers["proxy-authorization"])).toBe(false);
    await client.close();
  },
);

test("a proxy without a scheme is taken as http", async () => {
  const server = await target();
  const between = await proxy();
  const { server: client } = await connected(server.host, {
    proxy: { https_proxy: between.url.replace("http://", "") },
  });
  expect(between.connects.length).toBeGreaterThan(0);
  await client.close();
});

test("no_proxy leaves a host out", async () => {
  const server = await target();
  const between = await proxy();
  const { server: client } = await connected(server.host, {
    proxy: { https_proxy: between.url, no_proxy: "localhost" },
  });
  expect(between.connects).toEqual([]);
  await client.close();
});

test("HTTP_PROXY alone is not for https", async () => {
  const server = await target();
  const between = await proxy();
  const { server: client } = await connected(server.host, { proxy: { HTTP_PROXY: between.url } });
  expect(between.connects).toEqual([]);
  await client.close();
});

test("the process's own environment is not looked at", async () => {
  const server = await target();
  process.env["https_proxy"] = "http://127.0.0.1:1";
  try {
    const { server: client } = await connected(server.host);
    await client.close();
  } finally {
    delete process.env["https_proxy"];
  }
});

test("a proxy that refuses is named as the cause, without its password", async () => {
  const server = await target();
  const between = await proxy(407);
  const error = await failure(connect(optionsFor(server.host, { proxy: { https_proxy: between.url } })));
  expect(error).toMatchObject({
    reason: "unreachable",
    message: expect.stringContaining("the proxy answered 407"),
  });
  expect((error as Error).message).toContain("HTTPS_PROXY");
  expect((error as Error).message).not.toContain("pa55");
});

test.each(["socks5://user:pa55@h:1080", "http://", "http://user:pa55@h:port"])(
  "%j is no proxy, and is not quoted",
  async (url) => {
    const error = await failure(connect(optionsFor("localhost:1", { proxy: { https_proxy: url } })));
    expect(error).toMatchObject({ reason: "input", message: expect.stringContaining("HTTPS_PROXY") });
    expect(JSON.stringify([(error as Error).message, String((error as Error).cause)])).not.toContain("pa55");
  },
);
