import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask, createRun, waitForStatus } from "./client.ts";
import { type Sandbox, startSandbox } from "./server.ts";

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ engine: "recorded" });
  sandbox.workspace("demo");
});
afterEach(() => sandbox.close());

type Wire = { bytes: string; ending: "end" | "reset" };

/** What really comes over the wire until the connection ends. */
function wire(path: string): Promise<Wire> {
  return new Promise((resolve) => {
    let bytes = "";
    const port = Number(new URL(sandbox.url).port);
    const socket = connect({
      port,
      host: "127.0.0.1",
      servername: "localhost",
      ca: readFileSync(sandbox.caFile),
    });
    socket.on("secureConnect", () => {
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\nAuthorization: Bearer ${sandbox.token}\r\n\r\n`,
      );
    });
    socket.on("data", (chunk) => {
      bytes += chunk.toString("latin1");
    });
    socket.on("error", (error: NodeJS.ErrnoException) =>
      resolve({ bytes, ending: error.code === "ECONNRESET" ? "reset" : "end" }),
    );
    socket.on("end", () => resolve({ bytes, ending: "end" }));
  });
}

const path = "/api/v2/organizations/acme/workspaces/demo";
const bodyOf = ({ bytes }: Wire): string => bytes.split("\r\n\r\n")[1] ?? "";

describe("faults at the socket", () => {
  test("reset: nothing comes, nothing is processed", async () => {
    sandbox.faults.add({ path }, { kind: "reset" });
    expect(await wire(path)).toEqual({ bytes: "", ending: "reset" });
    expect(sandbox.requests.at(-1)).toMatchObject({ fault: "reset", status: undefined });
  });

  test.each([
    ["reset", true],
    ["fin", true],
    ["fin", false],
  ] as const)("cut by %s, Content-Length %s", async (end, contentLength) => {
    sandbox.faults.add({ path }, { kind: "cut", afterBytes: 7, end, contentLength });
    const got = await wire(path);
    expect(bodyOf(got)).toBe('{"data"');
    expect(got.ending).toBe(end === "fin" ? "end" : "reset");
    expect(/content-length: \d{3}/u.test(got.bytes)).toBe(contentLength);
  });

  test("stall: the first bytes come, then nothing", async () => {
    sandbox.faults.add({ path }, { kind: "stall", afterBytes: 3 });
    const stalled = wire(path);
    const winner = await Promise.race([
      stalled,
      new Promise((resolve) => setTimeout(resolve, 150, "still open")),
    ]);
    expect(winner).toBe("still open");
  });

  test("answer: another answer, with the request processed or not", async () => {
    const url = `/api/v2/organizations/acme/workspaces`;
    const json = (name: string) => ({ data: { type: "workspaces", attributes: { name } } });
    const html = { status: 502, headers: { "content-type": "text/html" }, body: "<h1>Bad Gateway</h1>" };
    sandbox.faults.add({ method: "POST", nth: 1 }, { kind: "answer", ...html });
    sandbox.faults.add({ method: "POST", nth: 2 }, { kind: "answer", ...html, process: true });
    for (const name of ["one", "two"]) {
      expect(await ask(sandbox, url, { method: "POST", json: json(name) })).toMatchObject({ status: 502 });
    }
    expect(sandbox.world.workspaces.map(({ name }) => name)).toEqual(["demo", "two"]);
  });

  test("drop: the request takes effect, the answer is lost", async () => {
    sandbox.script("demo", {});
    const drop = sandbox.faults.add({ method: "POST", path: /\/runs$/u }, { kind: "drop" });
    const archive = gzipSync(Buffer.alloc(1024));
    await expect(createRun(sandbox, { workspace: "demo", archive })).rejects.toThrow("ECONNRESET");
    expect(sandbox.world.runs).toHaveLength(1);
    expect(drop.hits()).toBe(1);
    await waitForStatus(sandbox, sandbox.world.runs[0]?.id ?? "", "planned");
  });

  test("a fault hits the requests it is meant for", async () => {
    const unavailable = { kind: "answer", status: 503 } as const;
    const fault = sandbox.faults.add({ path: "workspaces/demo", times: 2 }, unavailable);
    const statuses: number[] = [];
    for (const url of [path, "/api/v2/ping", path, path]) statuses.push((await ask(sandbox, url)).status);
    expect(statuses).toEqual([503, 200, 503, 200]);
    fault.remove();
    sandbox.faults.add({ path, nth: 2 }, unavailable);
    expect((await ask(sandbox, path)).status).toBe(200);
    expect((await ask(sandbox, path)).status).toBe(503);
    sandbox.faults.clear();
    expect((await ask(sandbox, path)).status).toBe(200);
  });
});

test("requests are recorded without the token in their headers", async () => {
  await ask(sandbox, "/api/v2/ping", { headers: { "user-agent": "test" } });
  expect(sandbox.requests).toMatchObject([
    {
      server: "tfe",
      method: "GET",
      path: "/api/v2/ping",
      authorized: true,
      token: sandbox.token,
      status: 200,
    },
  ]);
  expect(sandbox.requests[0]?.headers).not.toHaveProperty("authorization");
});
