import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createProxy } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, test } from "vitest";

const CHILD = join(import.meta.dirname, "ask-viewer.ts");
const requests: string[] = [];
const tunnels: string[] = [];
let folder = "";
let proxyUrl = "";
const closers: (() => void)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "github-network-"));
  const made = await generate([{ name: "commonName", value: "github.example" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "github.example" }] }],
  });
  await writeFile(join(folder, "ca.pem"), made.cert);
  const api = createServer({ key: made.private, cert: made.cert }, (request, response) => {
    requests.push(
      `${request.method} ${request.url} ${request.headers.authorization} ${request.headers["user-agent"]}`,
    );
    response.setHeader("content-type", "application/json");
    response.end('{"data":{"viewer":{"login":"octo"}}}');
  });
  const proxy = createProxy().on("connect", (request, socket) => {
    tunnels.push(request.url ?? "");
    const target = connect((api.address() as AddressInfo).port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
    for (const side of [socket, target]) side.on("error", () => {});
  });
  for (const server of [api, proxy]) {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => server.close());
  }
  proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});

afterAll(async () => {
  for (const close of closers) close();
  await rm(folder, { recursive: true });
});

async function ask(
  environment: Record<string, string>,
): Promise<{ status: number; data: unknown; message: string }> {
  const env = { PATH: process.env["PATH"], https_proxy: proxyUrl, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD], { env });
  return JSON.parse(stdout);
}

test("the GitHub API is reached through https_proxy, with a certificate of NODE_EXTRA_CA_CERTS", async () => {
  const answer = await ask({ NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") });
  expect(answer).toMatchObject({ status: 200, data: { viewer: { login: "octo" } } });
  expect(tunnels).toEqual(["github.example:443"]);
  expect(requests).toEqual([expect.stringMatching(/^POST \/api\/graphql token t0k3n tofu-remote\/test/)]);
});

test("a certificate that nobody vouches for ends the request", async () => {
  const before = requests.length;
  const answer = await ask({});
  expect(answer).toMatchObject({ status: 0, message: expect.stringMatching(/certificate/) });
  expect(requests).toHaveLength(before);
});
