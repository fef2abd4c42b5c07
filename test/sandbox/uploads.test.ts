import { gzipSync } from "node:zlib";
import { Header } from "tar";
import { afterEach, describe, expect, test } from "vitest";
import { ask, dataOf, runBody } from "./client.ts";
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

type Entry = {
  path: string;
  type?: "File" | "Directory" | "SymbolicLink" | "Link" | "FIFO";
  linkpath?: string;
};

/** A tar.gz of entries that no packer would write. */
function archive(...entries: Entry[]): Buffer {
  const blocks = entries.map(({ path, type = "File", linkpath = "" }) => {
    const header = new Header({
      path,
      type,
      linkpath,
      mode: 0o644,
      size: 0,
      uid: 0,
      gid: 0,
      mtime: new Date(0),
    });
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    return block;
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

const good = (): Buffer => archive({ path: "main.tf" });

describe("signed URLs", () => {
  test("an upload with a token is refused, without one taken once", async () => {
    await start();
    const { id, url } = await newVersion();
    expect((await ask(sandbox, url, { method: "PUT", body: good() })).status).toBe(400);
    expect((await ask(sandbox, url, { method: "PUT", token: null, body: good() })).status).toBe(200);
    expect((await ask(sandbox, url, { method: "PUT", token: null, body: good() })).status).toBe(403);
    const read = await ask(sandbox, api(`configuration-versions/${id}`));
    expect(dataOf(read).attributes).toMatchObject({ status: "uploaded" });
    expect(dataOf(read).attributes).not.toHaveProperty("upload-url");
  });

  test("OTF lets the upload be repeated and overwrites", async () => {
    await start("otf");
    const { id, url } = await newVersion();
    const second = archive({ path: "other.tf" });
    await ask(sandbox, url, { method: "PUT", token: null, body: good() });
    expect((await ask(sandbox, url, { method: "PUT", token: null, body: second })).status).toBe(200);
    expect(sandbox.configurationVersion(id).archive).toEqual(second);
  });

  test.each([
    ["guessed", { signedUrlLifetimeMs: 60_000 }, "/_signed/guess"],
    ["expired", { signedUrlLifetimeMs: -1 }, undefined],
  ])("%s: 401", async (_, settings, guess) => {
    await start("hcp", settings);
    const { url } = await newVersion();
    expect((await ask(sandbox, guess ?? url, { method: "PUT", token: null, body: good() })).status).toBe(401);
  });

  test("OTF takes 10 MiB and not a byte more", async () => {
    await start("otf");
    for (const [size, status] of [
      [10 * 1024 * 1024 + 1, 422],
      [10 * 1024 * 1024, 200],
    ] as const) {
      const { url } = await newVersion();
      const answer = await ask(sandbox, url, { method: "PUT", token: null, body: Buffer.alloc(size) });
      expect(answer.status).toBe(status);
      if (status === 422) expect(answer.body.toString()).toContain("http: request body too large");
    }
  });
});

describe("configuration versions", () => {
  test("stay pending for as many polls as told", async () => {
    await start("hcp", { pollsUntilUploaded: 2 });
    const { id, url } = await newVersion();
    await ask(sandbox, url, { method: "PUT", token: null, body: good() });
    const statuses: unknown[] = [];
    for (let poll = 0; poll < 3; poll += 1) {
      statuses.push(dataOf(await ask(sandbox, api(`configuration-versions/${id}`))).attributes["status"]);
    }
    expect(statuses).toEqual(["pending", "pending", "uploaded"]);
  });

  test.each<[string, Buffer | Entry[], string]>([
    ["no gzip", Buffer.from("this is no archive at all"), "incorrect header check"],
    ["..", [{ path: "../x" }], 'traversal with ".."'],
    [
      "a hard link",
      [{ path: "a" }, { path: "b", type: "Link", linkpath: "a" }],
      "unsupported file type Link",
    ],
    ["a fifo", [{ path: "a", type: "FIFO" }], "unsupported file type FIFO"],
    [
      "an external link",
      [{ path: "a/b", type: "SymbolicLink", linkpath: "../../etc" }],
      "has external target",
    ],
    ["an absolute link", [{ path: "a", type: "SymbolicLink", linkpath: "/etc" }], "has external target"],
    [
      "through a link",
      [{ path: "d", type: "SymbolicLink", linkpath: "e" }, { path: "d/x" }],
      "through symlink",
    ],
  ])("an archive with %s ends errored", async (_, content, message) => {
    await start();
    const { id, url } = await newVersion();
    await ask(sandbox, url, {
      method: "PUT",
      token: null,
      body: Buffer.isBuffer(content) ? content : archive(...content),
    });
    const { attributes } = dataOf(await ask(sandbox, api(`configuration-versions/${id}`)));
    expect(attributes["status"]).toBe("errored");
    expect(attributes["error-message"]).toContain(message);
  });

  test("a link inside the archive is fine", async () => {
    await start();
    const { id, url } = await newVersion();
    const body = archive({ path: "a/b", type: "SymbolicLink", linkpath: "../c" }, { path: "c" });
    await ask(sandbox, url, { method: "PUT", token: null, body });
    expect(sandbox.configurationVersion(id).status).toBe("uploaded");
  });

  test.each([
    ["hcp", 422],
    ["otf", 201],
  ] as const)("%s: a run before the upload: %i", async (profile, status) => {
    await start(profile);
    const { id } = await newVersion();
    const json = runBody(sandbox.workspace("demo").id, id, {});
    expect((await ask(sandbox, api("runs"), { method: "POST", json })).status).toBe(status);
  });

  test("Terrakube breaks without speculative", async () => {
    await start("terrakube");
    const answer = await ask(
      sandbox,
      api(`workspaces/${sandbox.workspace("demo").id}/configuration-versions`),
      {
        method: "POST",
        json: { data: { type: "configuration-versions", attributes: {} } },
      },
    );
    expect(answer.status).toBe(500);
  });
});
