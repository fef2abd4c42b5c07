import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { ask, createRun, dataOf, type RunRequest, waitForStatus } from "./client.ts";
import type { ProfileName } from "./profiles.ts";
import type { Script } from "./runs/script.ts";
import { type Sandbox, startSandbox } from "./server.ts";

let sandbox: Sandbox;

async function start(profile: ProfileName = "hcp"): Promise<void> {
  sandbox = await startSandbox({ profile, engine: "recorded" });
  sandbox.workspace("demo");
}
afterEach(() => sandbox.close());

const api = (path: string): string => `${sandbox.world.profile.apiPath}${path}`;

// an empty tar: scripts need no configuration
const archive = gzipSync(Buffer.alloc(1024));

function scripted(script: Script, wanted: Partial<RunRequest> = {}): Promise<string> {
  sandbox.script("demo", script);
  return createRun(sandbox, { workspace: "demo", archive, ...wanted });
}

const read = async (run: string): Promise<Record<string, unknown>> =>
  dataOf(await ask(sandbox, api(`runs/${run}`))).attributes;

describe("what servers keep", () => {
  test.each([
    ["hcp", "hello", "hello"],
    ["otf", "hello", ""],
  ] as const)("%s: the message", async (profile, sent, kept) => {
    await start(profile);
    const run = await scripted({}, { attributes: { message: sent, "save-plan": profile === "otf" } });
    await waitForStatus(sandbox, run, "planned");
    expect(await read(run)).toMatchObject({ message: kept });
  });

  test("HCP Terraform hides plan-only runs from lists, OTF does not", async () => {
    for (const [profile, count] of [
      ["hcp", 0],
      ["otf", 1],
    ] as const) {
      await start(profile);
      await scripted({}, { speculative: true });
      const list = await ask(sandbox, api(`workspaces/${sandbox.workspace("demo").id}/runs`));
      expect(list.json).toMatchObject({ meta: { pagination: { "total-count": count } } });
      const all = await ask(
        sandbox,
        api(`workspaces/${sandbox.workspace("demo").id}/runs?filter[operation]=plan_only`),
      );
      expect(all.json).toMatchObject({ meta: { pagination: { "total-count": 1 } } });
      if (profile === "hcp") await sandbox.close();
    }
  });

  test("Terrakube's own statuses, ids and actions", async () => {
    await start("terrakube");
    const run = await scripted({});
    await waitForStatus(sandbox, run, "planned");
    expect(run).toBe("run-1");
    const answer = await ask(sandbox, api(`runs/${run}`));
    expect(answer.json).toMatchObject({
      data: {
        attributes: {
          status: "unknown",
          actions: { "is-confirmable": true, "is-discardable": true },
          permissions: { "can-apply": true },
        },
        relationships: { plan: { data: { id: "11" } } },
      },
    });
    const list = await ask(sandbox, api(`workspaces/${sandbox.workspace("demo").id}/runs`));
    expect(list.json).not.toHaveProperty("meta");
  });
});

describe("the structured plan", () => {
  test.each([
    ["hcp", 307, 204],
    ["otf", 200, 200],
    ["terrakube", 404, 404],
  ] as const)("%s: ready %i, not ready %i", async (profile, ready, notReady) => {
    await start(profile);
    const gate = Promise.withResolvers<void>();
    const run = await scripted({
      plan: [{ until: () => gate.promise }],
      planJson: { format_version: "1.2" },
    });
    const url = api(`plans/${sandbox.run(run).plan.id}/json-output`);
    const early = await ask(sandbox, url);
    expect([early.status, early.body.length]).toEqual([
      notReady,
      profile === "terrakube" ? early.body.length : 0,
    ]);
    gate.resolve();
    await waitForStatus(sandbox, run, "planned");
    const late = await ask(sandbox, url);
    expect(late.status).toBe(ready);
    if (ready === 307) {
      const followed = await ask(sandbox, late.headers["location"] ?? "", { token: null });
      expect(followed.json).toEqual({ format_version: "1.2" });
    }
  });
});
