import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readBackendConfig, withBackendConfig } from "../../src/config/backend-config.ts";
import type { Block } from "../../src/config/syntax.ts";
import { resolveTarget } from "../../src/config/target.ts";
import { Failure } from "../../src/failure.ts";
import { type Files, failureOf, moduleWith } from "./module.ts";

const EMPTY = 'terraform {\n  backend "remote" {}\n}\n';
const FULL = `terraform {
  backend "remote" {
    hostname     = "app.example.com"
    organization = "acme"
    workspaces { name = "net" }
  }
}
`;
const TFBACKEND =
  'hostname = "app.example.com"\norganization = "acme"\nworkspaces { name = "net" }\ntoken = "t"\n';

async function resolve(files: Files, backendConfig: string[], environment = {}) {
  const module = await moduleWith(files);
  return resolveTarget({ ...module, backendConfig }, { TF_TOKEN_app_example_com: "env", ...environment });
}

const FOUND = { hostname: "app.example.com", organization: "acme", workspace: "net" };

test.each<[string, Files, string[], object]>([
  [
    "a file in native syntax",
    { "main.tf": EMPTY, "prod.tfbackend": TFBACKEND },
    ["prod.tfbackend"],
    { ...FOUND, token: "t" },
  ],
  [
    "a file in JSON syntax",
    {
      "main.tf": EMPTY,
      "b.tfbackend.json": JSON.stringify({
        hostname: "app.example.com",
        organization: "acme",
        workspaces: { prefix: "n" },
      }),
    },
    ["b.tfbackend.json"],
    { ...FOUND, workspace: "", prefix: "n" },
  ],
  [
    "JSON: workspaces as a list of blocks, comments",
    {
      "main.tf": EMPTY,
      "b.json":
        '{"//": "x", "hostname": "app.example.com", "organization": "acme", "workspaces": [{"name": "net"}]}',
    },
    ["b.json"],
    FOUND,
  ],
  [
    "a file of any name, key=value after it",
    { "main.tf": EMPTY, "sub/backend": TFBACKEND },
    ["./sub/backend", "organization=other", "token=a=b"],
    { ...FOUND, organization: "other", token: "a=b" },
  ],
  [
    "key=value before a file loses",
    { "main.tf": EMPTY, "b.tfbackend": TFBACKEND },
    ["organization=other", "b.tfbackend"],
    FOUND,
  ],
  [
    "the last of the same key counts",
    { "main.tf": FULL },
    ["organization=one", "organization=two"],
    { organization: "two" },
  ],
  [
    "a workspaces block replaces all of the block's",
    { "main.tf": FULL, "b.tfbackend": 'workspaces { prefix = "p-" }' },
    ["b.tfbackend"],
    { workspace: "", prefix: "p-" },
  ],
  [
    "and of an earlier file's",
    {
      "main.tf": EMPTY,
      "a.tfbackend": TFBACKEND.replace("{ name", "{ prefix"),
      "b.tfbackend": 'workspaces { name = "x" }',
    },
    ["a.tfbackend", "b.tfbackend"],
    { workspace: "x", prefix: undefined },
  ],
  [
    "null in a file takes the value away",
    {
      "main.tf": FULL.replace("organization", 'token = "t"\n    organization'),
      "b.tfbackend": "token = null",
    },
    ["b.tfbackend"],
    { ...FOUND, token: "env" },
  ],
  ["no lines change nothing", { "main.tf": FULL }, [], FOUND],
  [
    "a block in JSON syntax is filled, too",
    {
      "main.tf.json": '{"terraform": {"backend": {"remote": {"hostname": "x.example"}}}}',
      "b.tfbackend": TFBACKEND,
    },
    ["b.tfbackend"],
    FOUND,
  ],
])("%s", async (_, files, lines, expected) => {
  expect({ prefix: undefined, ...(await resolve(files, lines)) }).toMatchObject(expected);
});

test("a file outside of the job's workspace", async () => {
  const other = await moduleWith({ "b.tfbackend": TFBACKEND });
  const path = join(other.directory, "b.tfbackend");
  expect(await resolve({ "main.tf": EMPTY }, [path])).toMatchObject(FOUND);
  const { message } = await failureOf(() => resolve({ "main.tf": EMPTY }, [`${path}x`]));
  expect(message).toContain(`Failed to read file (${path}x)`);
});

describe("what is refused", () => {
  const CLOUD = FULL.replace('backend "remote"', "cloud");

  test.each<[string, Files, string[], string, string[]]>([
    [
      "workspaces by key=value",
      { "main.tf": FULL },
      ["workspaces=x"],
      "input",
      [
        "Invalid backend configuration argument",
        'argument "workspaces" given on the command line is not expected',
        "Give it in a file",
      ],
    ],
    [
      "an unknown key, without its value",
      { "main.tf": FULL },
      ["secret_key=hush"],
      "input",
      ['argument "secret_key"', "keys are hostname, organization, token"],
    ],
    [
      "a value in quotes",
      { "main.tf": FULL },
      ['hostname="tfe.example.com"'],
      "input",
      ["The value of hostname in the input backend-config is in quotes", "without them"],
    ],
    [
      "the option's name",
      { "main.tf": FULL },
      ["-backend-config=b.tfbackend"],
      "input",
      ['argument "-backend-config"', "without the option's name"],
    ],
    [
      "spaces around the key",
      { "main.tf": FULL },
      ["hostname = x"],
      "input",
      ['argument "hostname "', "without spaces"],
    ],
    [
      "a missing file",
      { "main.tf": FULL },
      ["no.tfbackend"],
      "input",
      ["Failed to read file (infra/no.tfbackend)", "ENOENT", "input backend-config"],
    ],
    [
      "a broken file",
      { "main.tf": FULL, "b.tfbackend": 'hostname = "x\n' },
      ["b.tfbackend"],
      "configuration",
      ["Invalid syntax (infra/b.tfbackend:1:"],
    ],
    [
      "a broken JSON file",
      { "main.tf": FULL, "b.json": "{" },
      ["b.json"],
      "configuration",
      ["Invalid syntax (infra/b.json:1:"],
    ],
    [
      "an unknown argument in a file",
      { "main.tf": FULL, "b.tfbackend": 'a = 1\nregion = "x"\n'.slice(6) },
      ["b.tfbackend"],
      "configuration",
      ["Unsupported argument (infra/b.tfbackend:1)", '"region"'],
    ],
    [
      "an unknown block in a file",
      { "main.tf": FULL, "b.tfbackend": "\nassume {}\n" },
      ["b.tfbackend"],
      "configuration",
      ["Unsupported block type (infra/b.tfbackend:2)", '"assume"'],
    ],
    [
      "workspaces as an argument",
      { "main.tf": FULL, "b.tfbackend": 'workspaces = { name = "x" }' },
      ["b.tfbackend"],
      "configuration",
      ["Unsupported argument (infra/b.tfbackend:1)", "Did you mean to define a block"],
    ],
    [
      "two workspaces blocks in a file",
      { "main.tf": FULL, "b.tfbackend": 'workspaces { name = "x" }\nworkspaces { prefix = "y" }\n' },
      ["b.tfbackend"],
      "configuration",
      ["Duplicate workspaces block (infra/b.tfbackend:2)"],
    ],
    [
      "an empty value, which takes the block's away",
      { "main.tf": FULL },
      ["organization="],
      "configuration",
      ["Invalid organization value", "must not be empty"],
    ],
    [
      "a hostname that is none",
      { "main.tf": FULL },
      ["hostname=https://x"],
      "configuration",
      ["hostname in the input backend-config is", "not a full URL"],
    ],
    [
      "a cloud block",
      { "main.tf": CLOUD },
      ["organization=x"],
      "input",
      ["Invalid command-line option", "not applicable to cloud backend-based configurations"],
    ],
    [
      "no block",
      { "main.tf": "" },
      ["organization=x"],
      "configuration",
      ['neither a backend "remote" nor a cloud block'],
    ],
  ])("%s", async (_, files, lines, reason, fragments) => {
    const failure = await failureOf(() => resolve(files, lines));
    expect(failure.reason).toBe(reason);
    for (const fragment of fragments) expect(failure.message).toContain(fragment);
    expect(failure.message).not.toContain("hush");
  });

  test("with all three inputs a block is still needed for it", async () => {
    const module = await moduleWith({ "main.tf": "" });
    const request = {
      ...module,
      hostname: "a.example",
      organization: "o",
      workspace: "w",
      token: "t",
      backendConfig: ["token=x"],
    };
    const failure = await failureOf(() => resolveTarget(request, {}));
    expect(failure.message).toContain("remove the input backend-config");
  });
});

describe("whatever lines are given", () => {
  const key = fc.constantFrom("hostname", "organization", "token");
  const line = fc.tuple(key, fc.string()).map(([name, value]) => ({ name, value, text: `${name}=${value}` }));
  const position = { file: "main.tf", line: 1 };
  const block: Block = { type: "backend", labels: ["remote"], attributes: [], blocks: [], position };

  test("the last one of each key counts, value as it stands", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const items = await readBackendConfig(
          lines.map(({ text }) => text),
          { directory: "/", workspaceRoot: "/" },
        );
        const { attributes } = withBackendConfig(block, items);
        const found = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
        const wanted = lines.map(({ name, value }) => [name, { kind: "text", text: value }] as const);
        expect(found).toEqual(Object.fromEntries(wanted));
        expect(attributes).toHaveLength(Object.keys(found).length);
      }),
    );
  });

  test("a file is read or refused with a Failure, never anything else", async () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom("{", "}", '"', "=", "\n", "a", "workspaces", "$", "<<E", "[") }),
    );
    const module = await moduleWith({ "main.tf": EMPTY });
    await fc.assert(
      fc.asyncProperty(text, fc.boolean(), async (content, isJson) => {
        const name = isJson ? "b.json" : "b.tfbackend";
        await writeFile(join(module.directory, name), content);
        const request = { ...module, backendConfig: [name] };
        const failure = await resolveTarget(request, {}).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(Failure);
        expect((failure as Failure).reason).not.toBe("internal");
      }),
    );
  });
});
