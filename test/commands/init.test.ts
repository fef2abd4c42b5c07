import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { connectToWorkspace } from "../../src/api/server.ts";
import { initCommand } from "../../src/commands/init/init.ts";
import { checkTags } from "../../src/commands/target/workspace-family.ts";
import { Failure } from "../../src/failure.ts";
import { failureOf, moduleWith } from "../config/module.ts";
import { isRecord } from "../sandbox/http/exchange.ts";
import type { ProfileName } from "../sandbox/profiles.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import type { Settings } from "../sandbox/world.ts";
import { outputsOf, stepOnSandbox, trustSandbox } from "./step-on-sandbox.ts";

let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function start(profile: ProfileName = "hcp", settings: Partial<Settings> = {}): Promise<void> {
  sandbox = await startSandbox({ profile, engine: "recorded", settings });
}

const REMOTE_NAME = 'workspaces { name = "net-prod" }';
const PREFIX = 'workspaces { prefix = "net-" }';

async function prepare(block: string, kind = 'backend "remote"', inputs: Record<string, string> = {}) {
  const head = `hostname = "${sandbox.hostname}"\n organization = "acme"`;
  const module = await moduleWith({ "main.tf": `terraform {\n ${kind} {\n ${head}\n ${block}\n }\n}\n` });
  return stepOnSandbox({ sandbox, ...module, inputs });
}

const init = async (...args: Parameters<typeof prepare>) => {
  const { step, log } = await prepare(...args);
  return { outputs: await outputsOf(initCommand(step)), log: log.join("\n") };
};

const posts = (path: string) =>
  sandbox.requests.filter((request) => request.method === "POST" && request.path.endsWith(path));

function attributesOf(json: unknown): unknown {
  const data = isRecord(json) ? json["data"] : undefined;
  return isRecord(data) ? data["attributes"] : undefined;
}

test.each([
  ["TF_WORKSPACE", { environment: { TF_WORKSPACE: "other" } }, {}],
  ["an earlier selection", {}, { ".terraform/environment": "other" }],
])("%s against the block's name makes nothing", async (_, more, files) => {
  await start();
  const head = `hostname = "${sandbox.hostname}"\n organization = "acme"`;
  const main = `terraform {\n backend "remote" {\n ${head}\n ${REMOTE_NAME}\n }\n}\n`;
  const module = await moduleWith({ "main.tf": main, ...files });
  const { step } = stepOnSandbox({ sandbox, ...module, ...more });
  const failure = await failureOf(() => outputsOf(initCommand(step)));
  expect(failure.message).toMatch(
    /^workspaces not supported: the block names the workspace "net-prod".*"other"/,
  );
  expect(sandbox.requests).toEqual([]);
});

test.each([
  ["is gone: the only one left is taken", "gone", "net-prod"],
  ["is there", "dev", "net-dev"],
])("an earlier selection under a prefix %s", async (_, selected, expected) => {
  await start();
  sandbox.workspace("net-prod");
  if (selected === "dev") sandbox.workspace("net-dev");
  const head = `hostname = "${sandbox.hostname}"\n organization = "acme"`;
  const main = `terraform {\n backend "remote" {\n ${head}\n ${PREFIX}\n }\n}\n`;
  const module = await moduleWith({ "main.tf": main, ".terraform/environment": selected });
  const { step } = stepOnSandbox({ sandbox, ...module });
  expect((await outputsOf(initCommand(step))).workspace).toBe(expected);
});

describe.each<ProfileName>(["hcp", "otf", "terrakube"])("%s: a workspace", (profile) => {
  test("that is absent is made, and found the second time", async () => {
    await start(profile);
    const first = await init(REMOTE_NAME);
    const made = sandbox.world.workspaces[0];
    expect(first.outputs).toEqual({ status: "done", workspace: "net-prod", "workspace-id": made?.id });
    expect(first.log).toContain(`Workspace acme/net-prod on ${sandbox.hostname} created (${made?.id}`);
    const again = await init(REMOTE_NAME);
    expect(again.outputs).toEqual(first.outputs);
    expect(again.log).toContain("exists");
    expect(posts("/workspaces")).toHaveLength(1);
  });

  test("with the version that is asked for", async () => {
    await start(profile);
    const { log } = await init(REMOTE_NAME, undefined, { "terraform-version": "1.9.3" });
    expect(sandbox.world.workspaces[0]?.terraformVersion).toBe("1.9.3");
    expect(log).toContain("version 1.9.3");
  });

  test("that somebody else makes at the same time is taken", async () => {
    await start(profile);
    sandbox.faults.add(
      { method: "GET", path: "/workspaces/net-prod", nth: 1 },
      { kind: "answer", status: 404, body: "" },
    );
    sandbox.workspace("net-prod");
    const { outputs, log } = await init(REMOTE_NAME);
    expect(outputs["workspace-id"]).toBe(sandbox.world.workspaces[0]?.id);
    expect(sandbox.world.workspaces).toHaveLength(1);
    expect(log).toContain("net-prod");
  });

  test.each(["drop", "reset"] as const)("whose answer is lost (%s) is made once", async (kind) => {
    await start(profile);
    sandbox.faults.add({ method: "POST", path: "/workspaces", nth: 1 }, { kind });
    const { outputs } = await init(REMOTE_NAME);
    expect(outputs["workspace"]).toBe("net-prod");
    expect(sandbox.world.workspaces).toHaveLength(1);
  });

  test("is not made after the step was interrupted", async () => {
    await start(profile);
    const { step } = await prepare(REMOTE_NAME);
    const stop = new AbortController();
    const commanded = initCommand({ ...step, signal: stop.signal });
    stop.abort(new Failure("interrupted", "The job was canceled."));
    const { outputs, failure } = await commanded;
    expect(outputs).toEqual({ workspace: "net-prod", status: "canceled" });
    expect(failure?.reason).toBe("interrupted");
    expect(sandbox.world.workspaces).toHaveLength(0);
  });

  test.each(["plan", "read"] as const)("may not be made by %s", async (role) => {
    await start(profile);
    const { step } = await prepare(REMOTE_NAME, undefined, { token: sandbox.tokens[role] });
    const failure = await failureOf(() => outputsOf(initCommand(step)));
    expect(failure.reason).toBe("forbidden");
    expect(failure.message).toMatch(
      /may not create workspaces in the organization acme.*Use a token of a team/,
    );
    expect(sandbox.world.workspaces).toHaveLength(0);
  });
});

describe("versions", () => {
  test.each([
    ["tofu", "1.12.6", "1.12.6"],
    ["terraform", "1.9.0-rc2", "1.9.0-rc2"],
    ["tofu", "1.12.0-beta1", "1.11.4"],
    ["tofu", "1.13.0-dev", "1.11.4"],
    ["elsewhere", "1.2.3", "1.11.4"],
  ])("a binary %s %s on PATH: %s", async (name, version, expected) => {
    await start();
    const module = await moduleWith({ "main.tf": "" });
    const binary = join(module.workspaceRoot, name);
    await writeFile(binary, `#!/bin/sh\necho '{ "terraform_version": "${version}" }'\n`, { mode: 0o755 });
    const inputs = { hostname: sandbox.hostname, organization: "acme", workspace: "one" };
    const environment = { PATH: module.workspaceRoot };
    const { step } = stepOnSandbox({ sandbox, ...module, inputs, environment });
    await outputsOf(initCommand(step));
    expect(sandbox.workspace("one").terraformVersion).toBe(expected);
  });

  test("one that the server does not have gives way to its own", async () => {
    await start("hcp", { versions: ["1.11.4"] });
    const { log } = await init(REMOTE_NAME, undefined, { "terraform-version": "1.12.6" });
    expect(log).toMatch(/warning: The version 1\.12\.6 is not available.*has version 1\.11\.4/);
    expect(posts("/workspaces").map(({ json }) => attributesOf(json))).toEqual([
      { name: "net-prod", "terraform-version": "1.12.6" },
      { name: "net-prod" },
    ]);
  });

  test("a name that is none is an error of its own", async () => {
    await start();
    const { step } = await prepare('workspaces { name = "net.prod" }');
    const failure = await failureOf(() => outputsOf(initCommand(step)));
    expect(failure.message).toMatch(/creating workspace "net\.prod".*422.*Name is invalid/);
  });
});

describe("a cloud block", () => {
  const TAGGED = 'workspaces {\n tags = ["net", "prod"]\n project = "Platform" }';
  const VALUES = 'workspaces { tags = { layer = "net" } }';

  test("makes the workspace with its tags, and the project", async () => {
    await start();
    const { outputs, log } = await init(TAGGED, "cloud", { workspace: "one" });
    expect(outputs.workspace).toBe("one");
    const [project] = sandbox.world.projects;
    expect(project?.name).toBe("Platform");
    expect(sandbox.world.workspaces[0]).toMatchObject({ tags: ["net", "prod"], projectId: project?.id });
    expect(log).toContain(`Project Platform created (${project?.id}).`);
    expect(posts("/relationships/tags")).toHaveLength(0);
  });

  test("finds the project that is there, once", async () => {
    await start();
    sandbox.world.projects.push({ id: "prj-1", organization: "acme", name: "Platform" });
    await init(TAGGED, "cloud", { workspace: "one" });
    await init(TAGGED, "cloud", { workspace: "two" });
    expect(sandbox.world.workspaces.map(({ projectId }) => projectId)).toEqual(["prj-1", "prj-1"]);
    expect(posts("/projects")).toHaveLength(0);
  });

  test("adds the tags that a workspace lacks, and only those", async () => {
    await start();
    sandbox.workspace("one", { tags: ["net", "other"] });
    const { log } = await init('workspaces { tags = ["net", "prod"] }', "cloud", { workspace: "one" });
    expect(sandbox.workspace("one").tags).toEqual(["net", "other", "prod"]);
    expect(log).toContain("Tags added to workspace one: prod.");
    await init('workspaces { tags = ["net", "prod"] }', "cloud", { workspace: "one" });
    expect(posts("/relationships/tags")).toHaveLength(1);
  });

  test.each<ProfileName>(["otf", "terrakube"])("%s: tags by name", async (profile) => {
    await start(profile);
    await init('workspaces { tags = ["net"] }', "cloud", { workspace: "new" });
    sandbox.workspace("old");
    await init('workspaces { tags = ["net"] }', "cloud", { workspace: "old" });
    expect(sandbox.world.workspaces.map(({ tags }) => tags)).toEqual([["net"], ["net"]]);
  });

  test("tags with values, on a new workspace and on an old one", async () => {
    await start();
    await init(VALUES, "cloud", { workspace: "new" });
    sandbox.workspace("old", { tagValues: { layer: "app", team: "x" } });
    const { log } = await init(VALUES, "cloud", { workspace: "old" });
    expect(sandbox.workspace("new").tagValues).toEqual({ layer: "net" });
    expect(sandbox.workspace("old").tagValues).toEqual({ layer: "net", team: "x" });
    expect(log).toContain("Tags added to workspace old: layer=net.");
    expect(sandbox.requests.filter(({ method }) => method === "PATCH")).toHaveLength(1);
  });

  test.each<[string, string, RegExp]>([
    ["tags with values", VALUES, /does not support key-value tags.*list of names/],
    ["projects", TAGGED, /may not see projects, or the server has none.*\(404\)/],
  ])("otf has no %s", async (_, block, says) => {
    await start("otf");
    const { step } = await prepare(block, "cloud", { workspace: "new" });
    const failure = await failureOf(() => outputsOf(initCommand(step)));
    expect(failure.reason).toBe("unsupported");
    expect(failure.message).toMatch(says);
  });

  test.each([
    ["project", 'workspaces {\n name = "one"\n project = data.a.b }'],
    ["tags", "workspaces { tags = [data.a.b] }"],
  ])("whose %s is not known is not made", async (name, block) => {
    await start();
    const { step } = await prepare(block, "cloud", { workspace: "one" });
    const failure = await failureOf(() => outputsOf(initCommand(step)));
    expect(failure.reason).toBe("configuration");
    expect(failure.message).toContain(`the value of ${name} is not known`);
    expect(sandbox.requests).toEqual([]);
  });

  test("may not be tagged by everybody", async () => {
    await start();
    sandbox.workspace("one");
    const { step } = await prepare('workspaces { tags = ["net"] }', "cloud", {
      workspace: "one",
      token: sandbox.tokens.write,
    });
    const failure = await failureOf(() => outputsOf(initCommand(step)));
    expect(failure.reason).toBe("forbidden");
    expect(failure.message).toContain("may not tag the workspace one");
  });
});

describe("which of several", () => {
  test("the only one under the prefix is selected, on whatever page it is", async () => {
    await start();
    for (let number = 0; number < 120; number++) sandbox.workspace(`app-net-${number}`);
    sandbox.workspace("net-prod");
    const { outputs, log } = await init(PREFIX);
    expect(outputs.workspace).toBe("net-prod");
    expect(log).toContain('Workspace net-prod: the only one with the prefix "net-"');
    const pages = sandbox.requests.filter(({ path }) => path.includes("search%5Bname%5D=net-"));
    expect(pages).toHaveLength(2);
  });

  test("the only one with all tags, in the project", async () => {
    await start();
    sandbox.world.projects.push({ id: "prj-1", organization: "acme", name: "Platform" });
    sandbox.workspace("a", { tags: ["net"], projectId: "prj-1" });
    sandbox.workspace("b", { tags: ["net", "prod"] });
    sandbox.workspace("c", { tags: ["prod", "net"], projectId: "prj-1" });
    const block = 'workspaces {\n tags = ["net", "prod"]\n project = "Platform" }';
    expect((await init(block, "cloud")).outputs.workspace).toBe("c");
  });

  test("the only one with these values", async () => {
    await start();
    sandbox.workspace("a", { tagValues: { layer: "app" } });
    sandbox.workspace("b", { tagValues: { layer: "net" } });
    const { outputs } = await init('workspaces { tags = { layer = "net" } }', "cloud");
    expect(outputs.workspace).toBe("b");
  });

  test.each<ProfileName>(["hcp", "otf", "terrakube"])("%s: several are listed", async (profile) => {
    await start(profile);
    for (const name of ["net-prod", "net-dev", "app-net-x"]) sandbox.workspace(name);
    const { step } = await prepare(PREFIX);
    const failure = await failureOf(() => outputsOf(initCommand(step)));
    expect(failure.reason).toBe("configuration");
    expect(failure.message).toMatch(/has the workspaces dev, prod\. Set the input workspace/);
    expect(failure.position?.file).toBe("infra/main.tf");
  });

  test.each([
    ["prefix", PREFIX, 'backend "remote"'],
    ["tags", 'workspaces { tags = ["net"] }', "cloud"],
  ])("none with the %s, and none is made", async (_, block, kind) => {
    await start();
    sandbox.workspace("other");
    const { step } = await prepare(block, kind);
    const failure = await failureOf(() => outputsOf(initCommand(step)));
    expect(failure.reason).toBe("not-found");
    expect(failure.message).toMatch(
      /No existing workspaces.*Set the input workspace.*command: init creates it/,
    );
    expect(posts("/workspaces")).toHaveLength(0);
  });

  test("the organization's absence is told before", async () => {
    await start();
    sandbox.world.organizations.clear();
    for (const block of [PREFIX, REMOTE_NAME]) {
      const { step } = await prepare(block);
      const failure = await failureOf(() => outputsOf(initCommand(step)));
      expect(failure.reason).toBe("not-found");
      expect(failure.message).toContain('organization "acme"');
    }
  });

  test("an organization without remote operations has workspaces, too", async () => {
    await start();
    sandbox.setOrganization("acme", false);
    expect((await init(REMOTE_NAME)).outputs.status).toBe("done");
  });
});

describe("a workspace that is chosen by name among tagged ones", () => {
  const TAGS = ["net", "prod"];
  const target = (tags: Record<string, string> | string[]) =>
    ({
      ...{ kind: "cloud" as const, hostname: sandbox.hostname, organization: "acme", workspace: "one" },
      ...{ token: sandbox.token, tokenSource: "the input token", tags },
    }) as const;

  async function check(tags: Record<string, string> | string[]): Promise<void> {
    trustSandbox(sandbox);
    const options = { ...target(tags), userAgent: "x", proxy: {}, signal: AbortSignal.timeout(10_000) };
    const { server, workspace } = await connectToWorkspace({ ...options, mask: () => undefined });
    await checkTags(server, workspace, target(tags)).finally(server.close);
  }

  test.each<[ProfileName, number]>([
    ["hcp", 0],
    ["otf", 0],
    ["terrakube", 1],
  ])("%s: has to have all of them, which takes %i more requests", async (profile, requests) => {
    await start(profile);
    sandbox.workspace("one", { tags: ["net", "prod", "x"] });
    await check(TAGS);
    expect(sandbox.requests.filter(({ path }) => path.includes("search%5Btags%5D"))).toHaveLength(requests);
    sandbox.workspace("one", { tags: ["net"] });
    const failure = await failureOf(() => check(TAGS));
    expect(failure.reason).toBe("configuration");
    expect(failure.message).toMatch(
      /^Invalid workspace selection: OpenTofu failed to find workspace "one" with the tags specified in your configuration: \[net, prod\]/,
    );
  });

  test("values count", async () => {
    await start();
    sandbox.workspace("one", { tagValues: { layer: "net" } });
    await check({ layer: "net" });
    const failure = await failureOf(() => check({ layer: "app" }));
    expect(failure.message).toContain("[layer=app]");
  });
});

test("a workspace that is missing is not made by anything else, and its error names init", async () => {
  await start();
  trustSandbox(sandbox);
  const options = {
    hostname: sandbox.hostname,
    organization: "acme",
    token: sandbox.token,
    workspace: "none",
  };
  const more = { userAgent: "x", proxy: {}, signal: AbortSignal.timeout(10_000), mask: () => undefined };
  const failure = await failureOf(() => connectToWorkspace({ ...options, ...more }));
  expect(failure.reason).toBe("not-found");
  expect(failure.message).toMatch(/workspace "none" of organization "acme".*404.*command: init$/);
  expect(sandbox.world.workspaces).toHaveLength(0);
});
