// biome-ignore-all lint/suspicious/noTemplateCurlyInString: interpolations of HCL are the subject here
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/config/credentials.ts";
import { resolveTarget, type TargetRequest } from "../../src/config/target.ts";
import { type Files, failureOf, moduleWith } from "./module.ts";

type Inputs = Pick<TargetRequest, "hostname" | "organization" | "workspace" | "token">;
type Case = { block?: string; files?: Files; inputs?: Inputs; environment?: Environment };

const TOKEN = { TF_TOKEN_app_example_com: "env-token" };
const ALL = { hostname: "app.example.com", organization: "acme", workspace: "net" };

/** `head` is lines of the block, on the lines 3 and following; the workspaces block is the last line. */
function remote(
  workspaces: string,
  head = 'hostname = "app.example.com"\n    organization = "acme"',
): string {
  return `terraform {\n  backend "remote" {\n    ${head}\n    ${workspaces}\n  }\n}\n`;
}

function cloud(workspaces: string, head?: string): string {
  return remote(workspaces, head).replace('backend "remote"', "cloud");
}

async function resolve({ block, files, inputs, environment = TOKEN }: Case) {
  const module = await moduleWith(files ?? { "main.tf": block ?? "" });
  return resolveTarget({ ...module, ...inputs }, environment);
}

describe("target", () => {
  test("everything from a remote block and the environment", async () => {
    expect(await resolve({ block: remote('workspaces { name = "net" }') })).toEqual({
      kind: "remote",
      hostname: "app.example.com",
      organization: "acme",
      workspace: "net",
      token: "env-token",
      tokenSource: "TF_TOKEN_app_example_com",
      position: { file: "infra/main.tf", line: 2, column: 3, endLine: 6 },
    });
  });

  test("everything from inputs, without any directory", async () => {
    const request = {
      directory: join("/", "no", "such", "directory"),
      workspaceRoot: "/",
      ...ALL,
      token: "t",
    };
    expect(await resolveTarget(request, {})).toEqual({
      chosenBy: "input",
      kind: "inputs",
      ...ALL,
      token: "t",
      tokenSource: "the input token",
    });
  });

  test.each<[string, Case, object]>([
    [
      "inputs win over the block",
      {
        block: remote('workspaces { name = "net" }'),
        inputs: { hostname: "Other.Example", organization: "o", workspace: "w", token: "t" },
      },
      { kind: "remote", hostname: "other.example", organization: "o", workspace: "w", token: "t" },
    ],
    [
      "an empty input is none",
      {
        block: remote('workspaces { name = "net" }'),
        inputs: { hostname: "", organization: "", workspace: "", token: "" },
      },
      { hostname: "app.example.com", organization: "acme", workspace: "net", token: "env-token" },
    ],
    [
      "inputs fill an empty block",
      { block: 'terraform {\n  backend "remote" {}\n}', inputs: ALL },
      { kind: "remote", ...ALL },
    ],
    [
      "inputs fill what is missing",
      {
        block: cloud('workspaces { name = "net" }', ""),
        inputs: { hostname: "app.example.com", organization: "acme" },
      },
      { kind: "cloud", ...ALL },
    ],
    [
      "inputs stand in for expressions",
      {
        block: remote("workspaces { name = var.w }", "hostname = var.h\n    organization = local.o"),
        inputs: ALL,
      },
      { kind: "remote", ...ALL },
    ],
    [
      "the host is normalised",
      {
        block: remote(
          'workspaces { name = "net" }',
          'hostname = "App.Example.COM:443"\n    organization = "acme"',
        ),
      },
      { hostname: "app.example.com", token: "env-token" },
    ],
    [
      "a unicode host finds its token",
      {
        block: cloud('workspaces { name = "net" }', 'hostname = "café.fr"\n    organization = "acme"'),
        environment: { TF_TOKEN_xn____caf__dma_fr: "c" },
      },
      { hostname: "xn--caf-dma.fr", token: "c" },
    ],
    [
      "TF_CLOUD_* fill a cloud block",
      {
        block: cloud('workspaces { name = "net" }', 'hostname = ""'),
        environment: { ...TOKEN, TF_CLOUD_HOSTNAME: "app.example.com", TF_CLOUD_ORGANIZATION: "acme" },
      },
      { kind: "cloud", ...ALL },
    ],
    [
      "but do not override it",
      {
        block: cloud('workspaces { name = "net" }'),
        environment: { ...TOKEN, TF_CLOUD_HOSTNAME: "x.example", TF_CLOUD_ORGANIZATION: "x" },
      },
      ALL,
    ],
    [
      "all inputs: another backend type does not matter",
      { block: 'terraform {\n  backend "s3" {}\n}', inputs: ALL },
      { kind: "inputs", ...ALL },
    ],
    [
      "all inputs: an unreadable file does not matter",
      { block: "terraform {\n  cloud {\n    x = = 1\n", inputs: ALL },
      { kind: "inputs", ...ALL },
    ],
    [
      "all inputs: two blocks do not matter",
      { block: remote("") + cloud(""), inputs: ALL },
      { kind: "inputs", ...ALL },
    ],
    [
      "all inputs: no configuration files do not matter",
      { files: {}, inputs: ALL },
      { kind: "inputs", ...ALL },
    ],
    [
      "all inputs: a block's prefix still counts",
      { block: remote('workspaces { prefix = "net-" }'), inputs: { ...ALL, workspace: "prod" } },
      { kind: "remote", workspace: "net-prod" },
    ],
    [
      "all inputs: a prefix that is an expression adds nothing",
      { block: remote("workspaces { prefix = var.p }"), inputs: ALL },
      { kind: "remote", workspace: "net" },
    ],
    [
      "all inputs: a block's token still counts",
      { block: remote("", 'token = "block-token"'), inputs: ALL, environment: TOKEN },
      { token: "block-token", tokenSource: "the backend block's token" },
    ],
  ])("%s", async (_, given, expected) => {
    expect(await resolve(given)).toMatchObject(expected);
  });
});

describe("the workspaces that a block maps", () => {
  const tagged = 'workspaces { tags = ["b", "a", "b", ""] }';

  test.each<[string, Case, object]>([
    [
      "all under a prefix, none chosen",
      { block: remote('workspaces { prefix = "net-" }') },
      { workspace: "", prefix: "net-" },
    ],
    [
      "one under a prefix",
      { block: remote('workspaces { prefix = "net-" }'), inputs: { workspace: "prod" } },
      { workspace: "net-prod", prefix: "net-" },
    ],
    [
      "default is what is selected where nobody selects",
      {
        files: {
          "main.tf": remote('workspaces { prefix = "net-" }'),
          ".terraform/environment": "default",
        },
      },
      { workspace: "", prefix: "net-" },
    ],
    ["all with tags, none chosen", { block: cloud(tagged) }, { workspace: "", tags: ["a", "b"] }],
    [
      "one with tags",
      { block: cloud(tagged), environment: { ...TOKEN, TF_WORKSPACE: "x" } },
      { workspace: "x", tags: ["a", "b"] },
    ],
    [
      "tags with values",
      { block: cloud('workspaces { tags = { layer = "net", "app:x" = "y" } }') },
      { workspace: "", tags: { layer: "net", "app:x": "y" } },
    ],
    [
      "tags that are expressions say nothing of a chosen one",
      { block: cloud("workspaces { tags = [var.a] }"), inputs: { workspace: "x" } },
      { workspace: "x", tags: undefined },
    ],
    [
      "a project",
      { block: cloud('workspaces {\n name = "x"\n project = "p" }') },
      { workspace: "x", project: "p" },
    ],
    [
      "TF_CLOUD_PROJECT",
      { block: cloud('workspaces { name = "x" }'), environment: { ...TOKEN, TF_CLOUD_PROJECT: "q" } },
      { project: "q" },
    ],
    [
      "the block's project before TF_CLOUD_PROJECT",
      {
        block: cloud('workspaces {\n name = "x"\n project = "p" }'),
        environment: { ...TOKEN, TF_CLOUD_PROJECT: "q" },
      },
      { project: "p" },
    ],
    [
      "no TF_CLOUD_PROJECT for remote",
      { block: remote('workspaces { name = "x" }'), environment: { ...TOKEN, TF_CLOUD_PROJECT: "q" } },
      { project: undefined },
    ],
  ])("%s", async (_, given, expected) => {
    const absent = { prefix: undefined, tags: undefined, project: undefined };
    expect({ ...absent, ...(await resolve(given)) }).toMatchObject(expected);
  });
});

describe("workspace", () => {
  const named = remote('workspaces { name = "net-prod" }');
  const prefixed = remote('workspaces { prefix = "net-" }');
  const cloudNamed = cloud('workspaces { name = "net-prod" }');
  const tagged = cloud('workspaces { tags = ["net"] }');
  const unnamed = cloud("");

  test.each<[string, string, string | undefined, string | undefined, string]>([
    ["name", named, undefined, undefined, "net-prod"],
    ["name, default selected", named, undefined, "default", "net-prod"],
    ["name, TF_WORKSPACE verbatim", named, undefined, "foo", "foo"],
    ["name, input wins", named, "other", "foo", "other"],
    ["name, input default is the name", named, "default", undefined, "net-prod"],
    ["prefix, TF_WORKSPACE", prefixed, undefined, "prod", "net-prod"],
    ["prefix, input", prefixed, "prod", undefined, "net-prod"],
    ["prefix, not doubled", prefixed, "net-prod", undefined, "net-prod"],
    ["prefix, input wins", prefixed, "prod", "dev", "net-prod"],
    ["prefix, empty TF_WORKSPACE and input", prefixed, "prod", "", "net-prod"],
    ["cloud name", cloudNamed, undefined, undefined, "net-prod"],
    ["cloud name, same TF_WORKSPACE", cloudNamed, undefined, "net-prod", "net-prod"],
    ["cloud name, input wins", cloudNamed, "other", "different", "other"],
    ["cloud tags, input", tagged, "a", undefined, "a"],
    ["cloud tags, TF_WORKSPACE", tagged, undefined, "b", "b"],
    ["cloud tags as a map", cloud('workspaces { tags = { a = "b" } }'), "a", undefined, "a"],
    ["cloud with a project only, TF_WORKSPACE", cloud('workspaces { project = "p" }'), undefined, "b", "b"],
    ["cloud without workspaces, TF_WORKSPACE is the name", unnamed, undefined, "b", "b"],
    ["cloud without workspaces, input", unnamed, "c", "b", "c"],
    ["empty tags are none", cloud("workspaces { tags = [] }"), undefined, "b", "b"],
    [
      "an empty prefix is none",
      remote('workspaces {\n name = "n"\n prefix = ""\n }'),
      undefined,
      undefined,
      "n",
    ],
    ["a null name is none", remote('workspaces {\n name = null\n prefix = "p-"\n }'), "x", undefined, "p-x"],
  ])("%s", async (...[, block, workspace, TF_WORKSPACE, expected]) => {
    const environment = { ...TOKEN, TF_WORKSPACE };
    const inputs = workspace === undefined ? {} : { workspace };
    expect((await resolve({ block, inputs, environment })).workspace).toBe(expected);
  });

  test.each<[string, string, Files, Environment, string]>([
    ["prefix", prefixed, { ".terraform/environment": "prod\n" }, {}, "net-prod"],
    ["tags", tagged, { ".terraform/environment": "prod" }, {}, "prod"],
    ["a cloud name is not changed by it", cloudNamed, { ".terraform/environment": "prod" }, {}, "net-prod"],
    ["TF_WORKSPACE wins", prefixed, { ".terraform/environment": "prod" }, { TF_WORKSPACE: "dev" }, "net-dev"],
    [
      "TF_DATA_DIR",
      prefixed,
      { "data/environment": "prod", ".terraform/environment": "no" },
      { TF_DATA_DIR: "data" },
      "net-prod",
    ],
  ])("a workspace selected before: %s", async (...[, block, files, environment, expected]) => {
    const target = await resolve({
      files: { ...files, "main.tf": block },
      environment: { ...TOKEN, ...environment },
    });
    expect(target.workspace).toBe(expected);
  });
});

describe("token", () => {
  const block = remote(
    'workspaces { name = "net" }',
    'hostname = "app.example.com"\n    organization = "acme"\n    token = "block-token"',
  );

  test.each<[string, Case, string, string]>([
    ["the input wins", { block, inputs: { token: "input-token" } }, "input-token", "the input token"],
    ["then the block", { block }, "block-token", "the backend block's token"],
    [
      "of a cloud block",
      { block: block.replace('backend "remote"', "cloud") },
      "block-token",
      "the cloud block's token",
    ],
    [
      "an empty one in the block is none",
      { block: block.replace("block-token", "") },
      "env-token",
      "TF_TOKEN_app_example_com",
    ],
    [
      "null in the block is none",
      { block: block.replace('"block-token"', "null") },
      "env-token",
      "TF_TOKEN_app_example_com",
    ],
    [
      "the input stands in for an expression",
      { block: block.replace('"block-token"', "var.t"), inputs: { token: "t" } },
      "t",
      "the input token",
    ],
  ])("%s", async (...[, given, token, tokenSource]) => {
    expect(await resolve(given)).toMatchObject({ token, tokenSource });
  });
});

describe("what is refused", () => {
  const name = 'workspaces { name = "net" }';

  test.each<[string, Case, string, string[]]>([
    [
      "no block",
      { files: { "a.tf": "", "b.tofu": "" } },
      "configuration",
      [
        'neither a backend "remote" nor a cloud block',
        "infra/a.tf, infra/b.tofu",
        "not set: hostname, organization, workspace",
      ],
    ],
    [
      "no block and some inputs",
      { inputs: { hostname: "h.example", workspace: "w" } },
      "configuration",
      ["not set: organization)"],
    ],
    ["no configuration", { files: {} }, "input", ['working-directory "infra" holds no configuration']],
    [
      "another type",
      { block: 'terraform {\n  backend "s3" {}\n}', inputs: { workspace: "w" } },
      "configuration",
      ["infra/main.tf:2", '"s3"'],
    ],
    [
      "no hostname, remote",
      {
        block: remote(name, 'organization = "acme"'),
        environment: { ...TOKEN, TF_CLOUD_HOSTNAME: "app.example.com" },
      },
      "configuration",
      ["Hostname is required for the remote backend (infra/main.tf:2)", "Set the input hostname"],
    ],
    [
      "no hostname, cloud",
      { block: cloud(name, 'organization = "acme"') },
      "configuration",
      ["Hostname is required for the cloud backend (infra/main.tf:2)", "TF_CLOUD_HOSTNAME"],
    ],
    [
      "bad hostname in the block",
      { block: remote(name, 'organization = "acme"\n    hostname = "https://app.example.com"') },
      "configuration",
      ["Invalid hostname (infra/main.tf:4)", "need just a hostname and optional port number, not a full URL"],
    ],
    [
      "bad hostname by input",
      { block: remote(name), inputs: { hostname: "a..b" } },
      "input",
      ["The input hostname is", "empty label"],
    ],
    [
      "bad hostname by variable",
      { block: cloud(name, 'organization = "acme"'), environment: { ...TOKEN, TF_CLOUD_HOSTNAME: "x:y" } },
      "input",
      ["The variable TF_CLOUD_HOSTNAME is", "non-digit"],
    ],
    [
      "no organization, remote",
      {
        block: remote(name, 'hostname = "app.example.com"'),
        environment: { ...TOKEN, TF_CLOUD_ORGANIZATION: "x" },
      },
      "configuration",
      [
        "Invalid organization value (infra/main.tf:2)",
        '"organization" attribute value must not be empty.',
        "Set the input organization",
      ],
    ],
    [
      "empty organization, remote",
      { block: remote(name, 'hostname = "app.example.com"\n    organization = ""') },
      "configuration",
      ["Invalid organization value (infra/main.tf:4)", "must not be empty"],
    ],
    [
      "no organization, cloud",
      { block: cloud(name, 'hostname = "app.example.com"') },
      "configuration",
      [
        "Invalid or missing required argument (infra/main.tf:2)",
        "environment variable: TF_CLOUD_ORGANIZATION",
        "Set the input organization",
      ],
    ],
    [
      "an organization that is a path",
      { block: remote(name), inputs: { organization: "a/../b" } },
      "input",
      ["Invalid organization name", "Set the input organization"],
    ],
    [
      "an organization of dots",
      { block: remote(name, 'hostname = "app.example.com"\n    organization = ".."') },
      "configuration",
      ["Invalid organization name (infra/main.tf:4)"],
    ],
    [
      "a workspace name with a newline",
      { block: remote('workspaces { name = "a\\nb" }') },
      "configuration",
      ["Invalid workspace name (infra/main.tf:2)"],
    ],
    [
      "neither name nor prefix",
      { block: remote("workspaces {}") },
      "configuration",
      [
        "Invalid workspaces configuration (infra/main.tf:5)",
        'Either workspace "name" or "prefix" is required.',
        "Set the input workspace",
      ],
    ],
    [
      "no workspaces block, TF_WORKSPACE set",
      { block: remote(""), environment: { ...TOKEN, TF_WORKSPACE: "x" } },
      "configuration",
      [
        "Invalid workspaces configuration (infra/main.tf:2)",
        'Either workspace "name" or "prefix" is required.',
      ],
    ],
    [
      "name and prefix",
      { block: remote('workspaces {\n name = "a"\n prefix = "b"\n}') },
      "configuration",
      ["(infra/main.tf:5)", 'Only one of workspace "name" or "prefix" is allowed.', "Remove name or prefix"],
    ],
    [
      "name and prefix, all inputs",
      { block: remote('workspaces {\n name = "a"\n prefix = "b"\n}'), inputs: ALL },
      "configuration",
      ['Only one of workspace "name" or "prefix"'],
    ],
    [
      "name and tags",
      { block: cloud('workspaces {\n name = "a"\n tags = ["b"]\n}') },
      "configuration",
      ['Only one of workspace "tags" or "name" is allowed.', "Remove name or tags"],
    ],
    [
      "no mapping, cloud",
      { block: cloud("workspaces {}") },
      "configuration",
      [
        'Missing workspace mapping strategy. Either workspace "tags" or "name" is required.',
        "Set the input workspace",
      ],
    ],
    [
      "tags that are expressions and nothing selected",
      { block: cloud("workspaces { tags = [var.a] }") },
      "configuration",
      ["Undefined variable (infra/main.tf:5)", "var.a", "set the input workspace instead"],
    ],
    [
      "tags that are no strings",
      { block: cloud('workspaces { tags = [["a"]] }') },
      "configuration",
      ["each element must be a string", "infra/main.tf:5"],
    ],
    [
      "TF_WORKSPACE against a cloud name",
      { block: cloud(name), environment: { ...TOKEN, TF_WORKSPACE: "x" } },
      "configuration",
      ['"TF_WORKSPACE" is not consistent with the workspace "name"', "unset TF_WORKSPACE"],
    ],
    [
      "TF_WORKSPACE default under a prefix",
      {
        block: remote('workspaces { prefix = "net-" }'),
        environment: { ...TOKEN, TF_WORKSPACE: "default" },
      },
      "configuration",
      [
        "default workspace not supported",
        "Set the input workspace",
        '"prod" for "net-prod"',
        "infra/main.tf:5",
      ],
    ],
    [
      "input default under a prefix",
      { block: remote('workspaces { prefix = "net-" }'), inputs: { workspace: "default" } },
      "configuration",
      ["default workspace not supported"],
    ],
    [
      "an unsafe TF_WORKSPACE",
      { block: remote(name), environment: { ...TOKEN, TF_WORKSPACE: "a/b" } },
      "configuration",
      ["Invalid workspace name set using TF_WORKSPACE", '"a/b"'],
    ],
    [
      "an unsafe input workspace",
      { block: remote(name), inputs: { workspace: "a b" } },
      "input",
      ["The input workspace", "URL safe characters"],
    ],
    ["an input workspace of dots", { inputs: { ...ALL, workspace: ".." } }, "input", ["The input workspace"]],
    [
      "an expression as hostname",
      { block: remote(name, 'organization = "acme"\n    hostname = var.h') },
      "configuration",
      ["(infra/main.tf:4)", "Undefined variable var.h", "set the input hostname instead"],
    ],
    [
      "an expression as organization",
      { block: remote(name, 'hostname = "app.example.com"\n    organization = local.o') },
      "configuration",
      ["(infra/main.tf:4)", "Undefined local local.o", "set the input organization instead"],
    ],
    [
      "an expression as name",
      { block: remote('workspaces { name = "a-${var.x}" }') },
      "configuration",
      ["(infra/main.tf:5)", "Undefined variable var.x", "set the input workspace instead"],
    ],
    [
      "an expression as prefix",
      { block: remote("workspaces { prefix = upper(var.x) }"), inputs: { workspace: "w" } },
      "configuration",
      [
        "Undefined variable var.x",
        "set the inputs hostname, organization and workspace (its full remote name)",
      ],
    ],
    [
      "an expression as token",
      {
        block: remote(
          name,
          'hostname = "app.example.com"\n    organization = "acme"\n    token = "s3cret-${var.x}"',
        ),
      },
      "configuration",
      ["(infra/main.tf:5)", "Undefined variable", "set the input token instead"],
    ],
    [
      "a list as organization",
      { block: remote(name, 'hostname = "app.example.com"\n    organization = ["s3cret"]') },
      "configuration",
      ["(infra/main.tf:4)", "string required"],
    ],
    [
      "a string as tags",
      { block: cloud('workspaces { tags = "a" }') },
      "configuration",
      ["(infra/main.tf:5)", "set of string required"],
    ],
    [
      "no token",
      { block: remote(name), environment: {} },
      "credentials",
      ["Required token could not be found", "app.example.com", "TF_TOKEN_app_example_com"],
    ],
    [
      "an empty token variable",
      { block: remote(name), environment: { TF_TOKEN_app_example_com: "" } },
      "credentials",
      ["Required token could not be found", "set but empty"],
    ],
    [
      "a newline in the input token",
      { block: remote(name), inputs: { token: "s3cret\n" } },
      "credentials",
      ["the input token contains a newline"],
    ],
    [
      "a space in the block's token",
      {
        block: remote(name, 'hostname = "app.example.com"\n    organization = "acme"\n    token = " s3cret"'),
      },
      "credentials",
      ["the backend block's token contains a space"],
    ],
    [
      "a blank input token",
      { block: remote(name), inputs: { token: " " } },
      "credentials",
      ["the input token contains a space"],
    ],
  ])("%s", async (...[, given, reason, expected]) => {
    const failure = await failureOf(() => resolve(given));
    expect(failure.reason).toBe(reason);
    for (const part of expected) expect(failure.message).toContain(part);
    expect(failure.message).not.toContain("s3cret");
    if (failure.position)
      expect(failure.message).toContain(`${failure.position.file}:${failure.position.line}`);
  });
});
