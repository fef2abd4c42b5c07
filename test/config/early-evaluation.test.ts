// biome-ignore-all lint/suspicious/noTemplateCurlyInString: interpolations of HCL are the subject here
import { describe, expect, test } from "vitest";
import type { Environment } from "../../src/config/credentials.ts";
import { resolveTarget, type TargetRequest } from "../../src/config/target.ts";
import { type Files, failureOf, moduleWith } from "./module.ts";

type Case = { files: Files; request?: Partial<TargetRequest>; environment?: Environment };

async function resolve({ files, request = {}, environment = {} }: Case) {
  const module = await moduleWith(files);
  const all = { TF_TOKEN_app_example_com: "env-token", ...environment };
  return resolveTarget({ ...module, ...request }, all);
}

const remote = (organization: string, workspaces = '{ name = "net" }') => `terraform {
  backend "remote" {
    hostname     = "app.example.com"
    organization = ${organization}
    workspaces ${workspaces}
  }
}
`;
const cloud = (organization: string, workspaces?: string) =>
  remote(organization, workspaces).replace('backend "remote"', "cloud");
const ORG = remote("var.org");
const DECLARED = 'variable "org" {\n  type = string\n  default = "default-org"\n}\n';

describe("where values come from", () => {
  test.each<[string, Case, object]>([
    ["a default", { files: { "main.tf": ORG + DECLARED } }, { organization: "default-org" }],
    [
      "TF_VAR_",
      { files: { "main.tf": ORG + DECLARED }, environment: { TF_VAR_org: "env" } },
      { organization: "env" },
    ],
    [
      "terraform.tfvars before TF_VAR_",
      {
        files: { "main.tf": ORG + DECLARED, "terraform.tfvars": 'org = "file"\n' },
        environment: { TF_VAR_org: "env" },
      },
      { organization: "file" },
    ],
    [
      "*.auto.tfvars before terraform.tfvars",
      {
        files: {
          "main.tf": ORG + DECLARED,
          "terraform.tfvars": 'org = "file"\n',
          "a.auto.tfvars": 'org = "auto"\n',
        },
      },
      { organization: "auto" },
    ],
    [
      "var-files before those",
      {
        files: {
          "main.tf": ORG + DECLARED,
          "a.auto.tfvars": 'org = "auto"\n',
          "p.tfvars": 'org = "given"\n',
        },
        request: { varFiles: ["p.tfvars"] },
      },
      { organization: "given" },
    ],
    [
      "variables before all",
      {
        files: { "main.tf": ORG + DECLARED, "p.tfvars": 'org = "given"\n' },
        request: { varFiles: ["p.tfvars"], variables: ["org=last"] },
      },
      { organization: "last" },
    ],
    [
      "local values",
      {
        files: {
          "main.tf": remote('"${local.org}-${local.org == "" ? 1 : 2}"', '{ name = "net-${local.env}" }'),
          "locals.tf": 'locals {\n  env = "prod"\n  org = "acme"\n}\n',
        },
      },
      { organization: "acme-2", workspace: "net-prod" },
    ],
    [
      "functions",
      {
        files: {
          "main.tf": remote('lower("ACME")', '{ name = join("-", ["net", trimspace(file("env.txt"))]) }'),
          "env.txt": "prod\n",
        },
      },
      { organization: "acme", workspace: "net-prod" },
    ],
    [
      "JSON syntax",
      {
        files: {
          "main.tf.json": JSON.stringify({
            variable: { org: { default: "json-org" } },
            terraform: {
              backend: {
                remote: {
                  hostname: "app.example.com",
                  organization: "${var.org}",
                  workspaces: { name: "${var.org}-net" },
                },
              },
            },
          }),
        },
      },
      { organization: "json-org", workspace: "json-org-net" },
    ],
    [
      "a file of backend-config",
      {
        files: {
          "main.tf": `terraform {\n  backend "remote" {}\n}\n${DECLARED}`,
          "b.tfbackend": inFile("var.org"),
        },
        request: { backendConfig: ["b.tfbackend"] },
      },
      { organization: "default-org" },
    ],
    [
      "tags and project",
      {
        files: {
          "main.tf": cloud('"acme"', '{\n tags = [var.org, "b"]\n project = var.org\n }') + DECLARED,
        },
        request: { workspace: "x" },
      },
      { workspace: "x", tags: ["b", "default-org"], project: "default-org" },
    ],
    [
      "tags with values",
      {
        files: { "main.tf": cloud('"acme"', '{ tags = { for k in [var.org] : k => "${k}!" } }') + DECLARED },
      },
      { workspace: "", tags: { "default-org": "default-org!" } },
    ],
    [
      "a prefix, and a short name",
      {
        files: { "main.tf": remote('"acme"', '{ prefix = "${var.org}-" }') + DECLARED },
        request: { workspace: "prod" },
      },
      { workspace: "default-org-prod", prefix: "default-org-" },
    ],
    [
      "terraform.workspace",
      { files: { "main.tf": cloud('"acme-${terraform.workspace}"') } },
      { organization: "acme-default" },
    ],
    [
      "null is no value",
      {
        files: {
          "main.tf": `${cloud("var.none")}variable "none" {\n  type = string\n  default = null\n}\n`,
        },
        environment: { TF_CLOUD_ORGANIZATION: "from-env" },
      },
      { organization: "from-env" },
    ],
    ["a number is text", { files: { "main.tf": remote("1 + 1") } }, { organization: "2" }],
    [
      "a token",
      {
        files: {
          "main.tf": `${remote('"acme"\n    token = var.t')}variable "t" {}\n`,
        },
        environment: { TF_VAR_t: "from-var" },
      },
      { token: "from-var", tokenSource: "the backend block's token" },
    ],
    [
      "an input that says the same needs no value",
      {
        files: { "main.tf": remote("data.x.y", "{ name = module.a.b }") },
        request: { organization: "o", workspace: "w" },
      },
      { organization: "o", workspace: "w" },
    ],
    [
      "tags that cannot be known say nothing of a chosen workspace",
      { files: { "main.tf": cloud('"acme"', "{ tags = [data.a.b] }") }, request: { workspace: "w" } },
      { workspace: "w" },
    ],
  ])("%s", async (_, given, expected) => {
    expect(await resolve(given)).toMatchObject(expected);
  });
});

function inFile(organization: string): string {
  return `hostname = "app.example.com"\norganization = ${organization}\nworkspaces { name = "net" }\n`;
}

describe("what cannot be known before a run", () => {
  test.each<[string, Case, string[]]>([
    [
      "a variable without a value",
      { files: { "main.tf": `${ORG}variable "org" {}\n` } },
      [
        "No value for required variable (infra/main.tf:8)",
        "TF_VAR_org",
        "set the input organization instead",
      ],
    ],
    [
      "a resource",
      { files: { "main.tf": remote("aws_organization.x.name") } },
      [
        "Dynamic value in static context (infra/main.tf:4)",
        "aws_organization.x",
        "backend.remote",
        "set the input organization instead",
      ],
    ],
    [
      "an output of a module",
      { files: { "main.tf": cloud('"acme"', "{ name = module.a.name }") } },
      [
        "Module output not supported in static context (infra/main.tf:5)",
        "backend.cloud",
        "set the input workspace instead",
      ],
    ],
    [
      "a sensitive variable",
      {
        files: { "main.tf": `${ORG}variable "org" {\n  sensitive = true\n}\n` },
        environment: { TF_VAR_org: "hush-hush" },
      },
      ["Backend config contains sensitive values (infra/main.tf:4)", "set the input organization instead"],
    ],
    [
      "a value of a wrong type",
      { files: { "main.tf": remote("[1]") } },
      ["Incorrect attribute value type (infra/main.tf:4)", "string required"],
    ],
    [
      "an undeclared variable in a file of backend-config",
      {
        files: { "main.tf": 'terraform {\n  backend "remote" {}\n}\n', "b.tfbackend": inFile("var.nope") },
        request: { backendConfig: ["b.tfbackend"] },
      },
      ["Undefined variable (infra/b.tfbackend:2)"],
    ],
  ])("%s", async (_, given, fragments) => {
    const failure = await failureOf(() => resolve(given));
    for (const fragment of fragments) expect(failure.message).toContain(fragment);
    expect(failure.message).not.toContain("hush-hush");
    expect(failure.position?.line).toBeGreaterThan(0);
  });
});
