import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/json.ts";
import { type ActionOptions, type ActionResult, runAction } from "../sandbox/runner.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import { everything } from "./scene.ts";

type Declared = Record<string, { value: JsonValue; type: JsonValue; sensitive?: boolean }>;

const KEY = "-----BEGIN KEY-----\nMIIE vQIB\nADAN\n-----END KEY-----\n";
const OUTPUTS: Declared = {
  zone: { value: "eu-west-1", type: "string" },
  count: { value: 3, type: "number" },
  ready: { value: true, type: "bool" },
  none: { value: null, type: "string" },
  ids: { value: ["a", "b"], type: ["list", "string"] },
  tags: { value: { b: "2", a: "1" }, type: ["map", "string"] },
  "not an identifier": {
    value: { "x.y": [1, null] },
    type: ["object", { "x.y": ["tuple", ["number", "dynamic"]] }],
  },
  password: { value: "hunter2-hunter2", type: "string", sensitive: true },
  key: { value: KEY, type: "string", sensitive: true },
  users: {
    value: { mona: { secret: "octocat-secret", age: 12345 } },
    type: ["map", ["object", { secret: "string", age: "number" }]],
    sensitive: true,
  },
};
const SECRETS = ["hunter2-hunter2", "MIIE vQIB", "octocat-secret", "12345"];
const OPEN = Object.fromEntries(
  Object.entries(OUTPUTS).flatMap(([name, { value, sensitive }]) => (sensitive ? [] : [[name, value]])),
);

function state(outputs: Declared): string {
  return JSON.stringify({
    version: 4,
    terraform_version: "1.5.0",
    serial: 1,
    lineage: "l",
    outputs,
    resources: [],
  });
}

type Options = Partial<ActionOptions> & { profile?: "hcp" | "otf" | "terrakube"; outputs?: Declared };

/** `command: output` in an empty directory. */
async function output(command: string, options: Options = {}, prepare?: (sandbox: Sandbox) => void) {
  const { profile = "hcp", outputs = OUTPUTS, ...more } = options;
  const sandbox = await startSandbox({ engine: "recorded", profile });
  try {
    sandbox.workspace("demo");
    if (Object.keys(outputs).length > 0) sandbox.setState("demo", state(outputs));
    prepare?.(sandbox);
    const { hostname, organization, token } = sandbox;
    const inputs = { command, hostname, organization, workspace: "demo", token, ...more.inputs };
    const workspace = mkdtempSync(join(tmpdir(), "empty-"));
    const result = await runAction({ sandbox, workspace, ...more, inputs });
    return { ...result, requests: sandbox.requests.filter(({ server }) => server === "tfe") };
  } finally {
    await sandbox.close();
  }
}

function fileOf({ outputs }: ActionResult): unknown {
  return JSON.parse(readFileSync(outputs["outputs-file"] ?? "", "utf8"));
}

describe.each(["hcp", "otf", "terrakube"] as const)("%s", (profile) => {
  test("without a configuration: all outputs, sensitive ones masked and in the file only", async () => {
    const result = await output("output", { profile });
    expect(result.outputs).toMatchObject({ status: "done", "failure-reason": "", workspace: "demo" });
    expect(result.outputs["workspace-id"]).not.toBe("");
    expect(JSON.parse(result.outputs["outputs"] ?? "")).toEqual(OPEN);
    const all = Object.fromEntries(Object.entries(OUTPUTS).map(([name, { value }]) => [name, value]));
    expect(fileOf(result)).toEqual(all);
    expect(statSync(result.outputs["outputs-file"] ?? "").mode & 0o777).toBe(0o600);
    expect(result.masks).toEqual(expect.arrayContaining(SECRETS));
    for (const secret of SECRETS) expect(everything(result)).not.toContain(secret);
    const shown = result.stdout.split("\n").filter((line) => line.startsWith("| "));
    expect(shown.map((line) => line.slice(2))).toEqual([
      ...[
        "count = 3",
        "ids = tolist([",
        '  "a",',
        '  "b",',
        "])",
        "key = <sensitive>",
        "none = tostring(null)",
      ],
      ...[
        "not an identifier = {",
        '  "x.y" = [',
        "    1,",
        "    null,",
        "  ]",
        "}",
        "password = <sensitive>",
      ],
      ...["ready = true", "tags = tomap({", '  "a" = "1"', '  "b" = "2"', "})", "users = <sensitive>"],
      'zone = "eu-west-1"',
    ]);
    expect(result.exitCode).toBe(0);
  });
});

test("one by its name", async () => {
  const result = await output("output zone");
  expect(result.outputs).toMatchObject({ status: "done", outputs: '{"zone":"eu-west-1"}' });
  expect(fileOf(result)).toEqual({ zone: "eu-west-1" });
  expect(result.stdout).toContain('| "eu-west-1"\n');
  expect(result.requests.some(({ path }) => path.includes("state-version-outputs/"))).toBe(false);
});

test("a sensitive one by its name is in the file only", async () => {
  const result = await output("output password");
  expect(result.outputs).toMatchObject({ status: "done", outputs: "{}" });
  expect(fileOf(result)).toEqual({ password: "hunter2-hunter2" });
  expect(everything(result)).not.toContain("hunter2");
  expect(result.stdout).toContain("| <sensitive>\n");
});

test("more than a page", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 230 }, (_, index) => [
      `o${index}`,
      { value: `value-${index}`, type: "string", sensitive: index % 50 === 0 },
    ]),
  );
  const result = await output("output", { outputs: many });
  expect(Object.keys(JSON.parse(result.outputs["outputs"] ?? ""))).toHaveLength(225);
  expect(fileOf(result)).toHaveProperty("o200", "value-200");
  expect(Object.keys(fileOf(result) ?? {})).toHaveLength(230);
});

test("no state: no outputs, and a warning", async () => {
  const result = await output("output", { outputs: {} });
  expect(result.outputs).toMatchObject({ status: "done", outputs: "{}" });
  expect(fileOf(result)).toEqual({});
  expect(result.annotations).toMatchObject(
    [{ level: "warning", message: /^No outputs found/ }].map(({ level, message }) => ({
      level,
      message: expect.stringMatching(message),
    })),
  );
});

test("values that this token may not read are named, and left out of the file", async () => {
  const result = await output("output", {}, (sandbox) => {
    sandbox.workspace("demo", { permissions: { "can-read-sensitive-outputs": false } });
  });
  expect(result.outputs["status"]).toBe("done");
  expect(fileOf(result)).toEqual(OPEN);
  expect(result.annotations[0]?.message).toMatch(/without key, password, users/);
  expect(result.stdout).toContain("| password = <sensitive>\n");
});

test.each<[string, string, Options, (sandbox: Sandbox) => void, string, RegExp]>([
  [
    "one that is not there",
    "output nope",
    {},
    () => undefined,
    "not-found",
    /Output "nope" not found in the state/,
  ],
  [
    "one, without any state",
    "output zone",
    { outputs: {} },
    () => undefined,
    "not-found",
    /Output "zone" not found/,
  ],
  [
    "no right (403)",
    "output",
    { profile: "otf" },
    (sandbox) => void sandbox.workspace("demo", { permissions: { "can-read-state-outputs": false } }),
    "forbidden",
    /token lacks the permission|read state outputs/,
  ],
  [
    "no right (404)",
    "output",
    {},
    (sandbox) => void sandbox.workspace("demo", { permissions: { "can-read-state-outputs": false } }),
    "forbidden",
    /may not read the outputs of the workspace demo/,
  ],
  [
    "no workspace",
    "output",
    { inputs: { workspace: "other" } },
    () => undefined,
    "not-found",
    /workspace "other"/,
  ],
  ["a bad token", "output", { inputs: { token: "nonsense" } }, () => undefined, "unauthorized", /token/],
  ["two names", "output a b", {}, () => undefined, "input", /takes the name of one output, not "a b"/],
])("%s", async (_, command, options, prepare, reason, says) => {
  const result = await output(command, options, prepare);
  expect(result.outputs).toMatchObject({ status: "errored", "failure-reason": reason });
  expect(result.annotations.at(-1)).toMatchObject({ level: "error", message: expect.stringMatching(says) });
  expect(result.exitCode).toBe(1);
});

test("a workspace that runs locally, in an organization without remote operations", async () => {
  const result = await output("output", {}, (sandbox) => {
    sandbox.workspace("demo", { executionMode: "local" });
    sandbox.setOrganization("acme", false);
  });
  expect(result.outputs["status"]).toBe("done");
});

test("a value that would be a command of the runner is only text", async () => {
  const evil = "a\n::set-output name=status::applied\n##[error]x";
  const result = await output("output", { outputs: { evil: { value: evil, type: "string" } } });
  expect(JSON.parse(result.outputs["outputs"] ?? "")).toEqual({ evil });
  expect(result.stdout).not.toMatch(/^::set-output/m);
});
