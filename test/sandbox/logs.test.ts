import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { ask, createRun, dataOf, waitForStatus } from "./client.ts";
import type { ProfileName } from "./profiles.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import type { Settings } from "./world.ts";

let sandbox: Sandbox;
afterEach(() => sandbox.close());

const text = "première ligne 🌍\nsecond line\n";
const stx = "\u0002";
const etx = "\u0003";

type Opened = { run: string; url: (phase?: "plan" | "apply") => Promise<string> };

async function open(profile: ProfileName, settings: Partial<Settings> = {}): Promise<Opened> {
  sandbox = await startSandbox({ profile, engine: "recorded", settings });
  sandbox.script("demo", { plan: [{ log: text }], apply: [{ log: "applied\n" }] });
  const run = await createRun(sandbox, { workspace: "demo", archive: gzipSync(Buffer.alloc(1024)) });
  await waitForStatus(sandbox, run, "planned");
  const url = async (phase: "plan" | "apply" = "plan"): Promise<string> => {
    const kind = phase === "plan" ? "plans" : "applies";
    const answer = await ask(
      sandbox,
      `${sandbox.world.profile.apiPath}${kind}/${sandbox.run(run)[phase].id}`,
    );
    return String(dataOf(answer).attributes["log-read-url"]);
  };
  return { run, url };
}

const get = async (url: string): Promise<Buffer> => (await ask(sandbox, url, { token: null })).body;

describe("logs", () => {
  test.each([
    ["hcp", `${stx}${text}${etx}`],
    ["otf", `${stx}${text}${etx}`],
    ["terrakube", text],
  ] as const)("%s: framed as the server does, whole and in pieces of 7 bytes", async (profile, expected) => {
    const { url } = await open(profile);
    const address = await url();
    expect((await get(address)).toString("utf8")).toBe(expected);
    if (profile === "terrakube") return;
    const pieces: Buffer[] = [];
    for (let offset = 0; ; ) {
      const piece = await get(`${address}?limit=7&offset=${offset}`);
      if (piece.length === 0) break;
      pieces.push(piece);
      offset += piece.length;
    }
    expect(Buffer.concat(pieces).toString("utf8")).toBe(expected);
  });

  test("Terrakube counts UTF-16 units: a byte offset skips text", async () => {
    const { url } = await open("terrakube");
    const address = await url();
    expect((await get(`${address}?offset=18&limit=100`)).toString("utf8")).toBe(text.slice(18));
    expect((await get(`${address}?offset=1000&limit=100`)).length).toBe(0);
  });

  test("Terrakube repeats the plan in the apply's log and forgets both at the end", async () => {
    const { run, url } = await open("terrakube");
    expect((await get(await url("apply"))).toString("utf8")).toBe(text);
    sandbox.someoneElse.confirms(run);
    await waitForStatus(sandbox, run, "applied");
    expect(await get(await url())).toHaveLength(0);
  });

  test("an apply that has not begun has an empty log", async () => {
    const { url } = await open("hcp");
    expect(await get(await url("apply"))).toHaveLength(0);
  });

  test("the query of a signed log URL must survive where the setting says so", async () => {
    const { url } = await open("hcp", { logUrlQuery: true });
    const address = await url();
    expect((await ask(sandbox, `${address}&offset=0&limit=10`, { token: null })).status).toBe(200);
    const bare = `${address.split("?")[0]}?offset=0&limit=10`;
    expect((await ask(sandbox, bare, { token: null })).status).toBe(401);
  });

  test("a token shown to a log URL is refused", async () => {
    const { url } = await open("otf");
    expect((await ask(sandbox, await url())).status).toBe(400);
  });
});
