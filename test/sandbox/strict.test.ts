import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { ask, createRun, dataOf, runBody } from "./client.ts";
import type { ProfileName } from "./profiles.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import type { Settings } from "./world.ts";

let sandbox: Sandbox;

async function start(profile: ProfileName = "hcp", settings: Partial<Settings> = {}): Promise<void> {
  sandbox = await startSandbox({ profile, engine: "recorded", settings });
  sandbox.workspace("demo");
}
afterEach(() => sandbox.close());

const api = (path: string): string => `${sandbox.world.profile.apiPath}${path}`;

async function newVersion(): Promise<{ id: string; url: string }> {
  const answer = await ask(
    sandbox,
    api(`workspaces/${sandbox.workspace("demo").id}/configuration-versions`),
    {
      method: "POST",
      json: { data: { type: "configuration-versions", attributes: { speculative: true } } },
    },
  );
  const { id, attributes } = dataOf(answer);
  return { id, url: String(attributes["upload-url"]) };
}

// a gzipped tar without entries
const good = (): Buffer => gzipSync(Buffer.alloc(1024));

describe("who may ask", () => {
  test.each([
    ["hcp", null, 401, "application/vnd.api+json"],
    ["hcp", "wrong", 401, "application/vnd.api+json"],
    ["otf", "wrong", 401, "text/plain; charset=utf-8"],
  ] as const)("%s with token %s: %i as %s", async (...[profile, token, status, type]) => {
    await start(profile);
    const answer = await ask(sandbox, api("organizations/acme/workspaces/demo"), { token });
    expect(answer.status).toBe(status);
    expect(answer.headers["content-type"]).toBe(type);
  });

  test.each([
    ["hcp", "read", 404],
    ["hcp", "organization", 404],
    ["hcp", "plan", 201],
    ["otf", "read", 403],
    ["otf", "write", 201],
    ["terrakube", "read", 403],
  ] as const)("%s: a configuration version by %s: %i", async (profile, role, status) => {
    await start(profile);
    const answer = await ask(
      sandbox,
      api(`workspaces/${sandbox.workspace("demo").id}/configuration-versions`),
      {
        method: "POST",
        token: sandbox.tokens[role],
        json: { data: { type: "configuration-versions", attributes: { speculative: true } } },
      },
    );
    expect(answer.status).toBe(status);
  });
});

describe("requests", () => {
  test.each([
    ["another media type", { body: Buffer.from("{}"), headers: { "content-type": "application/json" } }, 415],
    ["no JSON", { body: Buffer.from("{"), headers: { "content-type": "application/vnd.api+json" } }, 400],
    ["another type", { json: { data: { type: "run", attributes: {} } } }, 422],
    ["no relationships", { json: { data: { type: "runs", attributes: {} } } }, 422],
    ["a wrong attribute", { json: runBody("ws", "cv", {}) }, 404],
  ])("a run with %s is refused", async (_, body, status) => {
    await start();
    expect((await ask(sandbox, api("runs"), { method: "POST", ...body })).status).toBe(status);
  });

  test("attributes of another type are 422", async () => {
    await start();
    const { id, url } = await newVersion();
    await ask(sandbox, url, { method: "PUT", token: null, body: good() });
    const json = runBody(sandbox.workspace("demo").id, id, { "plan-only": "yes" });
    expect(await ask(sandbox, api("runs"), { method: "POST", json })).toMatchObject({ status: 422 });
  });

  test.each([
    ["GET", "nothing-here", 404],
    ["DELETE", "runs/run-1", 405],
  ])("%s %s: %i", async (method, path, status) => {
    await start();
    expect((await ask(sandbox, api(path), { method })).status).toBe(status);
  });

  test("an unknown include is refused by HCP Terraform and ignored by OTF", async () => {
    for (const [profile, status] of [
      ["hcp", 400],
      ["otf", 200],
    ] as const) {
      await start(profile);
      const run = await createRun(sandbox, { workspace: "demo", archive: good(), speculative: true });
      expect((await ask(sandbox, api(`runs/${run}?include=nonsense`))).status).toBe(status);
      if (profile === "hcp") await sandbox.close();
    }
  });

  test("the rate limit is told, and enforced where a test asks for it", async () => {
    await start("hcp", { rateLimit: 3 });
    const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => ask(sandbox, api("ping"))));
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    expect(answers[0]?.headers).toMatchObject({ "x-ratelimit-limit": "3" });
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers["x-ratelimit-reset"])).toBeGreaterThanOrEqual(0);
  });

  test("run lists have a limit of their own", async () => {
    await start("hcp", { runListsPerMinute: 2 });
    const url = api(`workspaces/${sandbox.workspace("demo").id}/runs`);
    const answers = [
      await ask(sandbox, url),
      await ask(sandbox, url),
      await ask(sandbox, url),
      await ask(sandbox, url),
    ];
    expect(answers.some(({ status }) => status === 429)).toBe(true);
    expect((await ask(sandbox, api("ping"))).status).toBe(200);
  });

  test("lists are paged", async () => {
    await start();
    for (const name of ["a", "b", "c"]) sandbox.workspace(name);
    const answer = await ask(sandbox, api("organizations/acme/workspaces?page[number]=2&page[size]=3"));
    expect(answer.json).toMatchObject({
      data: [{ attributes: { name: "demo" } }],
      meta: {
        pagination: {
          "current-page": 2,
          "prev-page": 1,
          "next-page": null,
          "total-pages": 2,
          "total-count": 4,
        },
      },
    });
  });
});
