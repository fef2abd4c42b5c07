// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the language, not of this one
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadBlockEvaluator } from "../../../src/config/language/module.ts";
import { readModuleBackend } from "../../../src/config/module-backend.ts";
import { type Files, failureOf, moduleWith } from "../module.ts";

type More = {
  files?: Files;
  variables?: string[];
  varFiles?: string[];
  environment?: Record<string, string>;
};

/** What `organization = EXPRESSION` in a backend block evaluates to, with these declarations beside it. */
async function organization(expression: string, declarations = "", more: More = {}) {
  const block = `terraform {\n  backend "remote" {\n    organization = ${expression}\n  }\n}\n`;
  return evaluateIn({ "main.tf": block, "variables.tf": declarations, ...more.files }, more);
}

async function evaluateIn(files: Files, { variables = [], varFiles = [], environment = {} }: More) {
  const module = await moduleWith(files);
  const { block } = await readModuleBackend(module);
  if (block?.organization === undefined) throw new Error("no organization");
  const evaluator = await loadBlockEvaluator({ module, variables, varFiles, environment }, "staging");
  return evaluator.evaluate(block.organization, "backend.remote").value;
}

const text = (written: string) => ({ kind: "text", text: written });

describe("what may stand in a backend block", () => {
  test.each([
    ["var.name", 'variable "name" { default = "acme" }', "acme"],
    ["local.name", 'locals { name = "acme" }', "acme"],
    [
      '"${var.team}-${local.zone}"',
      'variable "team" { default = "net" }\nlocals { zone = upper(local.base) }\nlocals { base = "eu" }',
      "net-EU",
    ],
    ["terraform.workspace", "", "staging"],
    ["path.module", "", "."],
    ["path.root", "", "."],
    [
      "var.names[terraform.workspace]",
      'variable "names" {\n  type    = map(string)\n  default = { staging = "acme-s" }\n}',
      "acme-s",
    ],
    ['var.big ? "a" : "b"', 'variable "big" {\n  type    = bool\n  default = "true"\n}', "a"],
    [
      'join("-", [for n in var.names : n if n != ""])',
      'variable "names" {\n  type    = set(string)\n  default = ["b", "", "a", "b"]\n}',
      "a-b",
    ],
    [
      "var.site.name",
      'variable "site" {\n  type    = object({ name = optional(string, "acme"), zone = string })\n  default = { zone = "x" }\n}',
      "acme",
    ],
    ['try(var.site.none, "other")', 'variable "site" { default = {} }', "other"],
    ["3", "", "3"],
    ["1.5", "", "1.5"],
    ["upper(<<-EOT\n      acme\n    EOT\n    )", "", "ACME\n"],
    ['trimspace(file("org.txt"))', "", "from-file"],
    ['replace("a.b", "/[.]/", "-")', "", "a-b"],
    ["nonsensitive(var.secret)", 'variable "secret" {\n  default   = "acme"\n  sensitive = true\n}', "acme"],
  ])("%s", async (expression, declarations, expected) => {
    expect(await organization(expression, declarations, { files: { "org.txt": "from-file\n" } })).toEqual(
      text(expected),
    );
  });

  test("in JSON syntax strings are templates, and so are their property names", async () => {
    const files = {
      "main.tf.json": JSON.stringify({
        terraform: { backend: { remote: { organization: '${var.name}-${lookup({x = "y"}, "x")}' } } },
      }),
      "v.tf.json": JSON.stringify({
        variable: { name: { type: "string", default: "${literal}" } },
        locals: [{ a: 1 }],
      }),
    };
    expect(await evaluateIn(files, {})).toEqual(text("${literal}-y"));
  });

  test("null is as if nothing were written", async () => {
    expect(await organization("var.x", 'variable "x" { default = null }')).toEqual({ kind: "null" });
  });
});

describe("where a variable's value comes from", () => {
  const declared = 'variable "name" {\n  type    = string\n  default = "default"\n}';
  const files = {
    "terraform.tfvars": 'name = "tfvars"\n',
    "z.auto.tfvars": 'name = "auto"\n',
    "one.tfvars": 'name = "one"\n',
  };

  test.each<[string, More, string]>([
    ["its default", {}, "default"],
    ["the environment", { environment: { TF_VAR_name: "environment" } }, "environment"],
    [
      "terraform.tfvars",
      { files: { "terraform.tfvars": files["terraform.tfvars"] }, environment: { TF_VAR_name: "x" } },
      "tfvars",
    ],
    ["*.auto.tfvars", { files }, "auto"],
    ["var-files", { files, varFiles: ["one.tfvars"] }, "one"],
    ["variables", { files, varFiles: ["one.tfvars"], variables: ["name=input"] }, "input"],
  ])("%s", async (_source, more, expected) => {
    expect(await organization("var.name", declared, more)).toEqual(text(expected));
  });

  test("null falls back to the default only where null is not allowed", async () => {
    const given = { files: { "terraform.tfvars": "name = null\n" } };
    expect(await organization("var.name", declared, given)).toEqual({ kind: "null" });
    expect(await organization("var.name", declared.replace("{", "{\n  nullable = false"), given)).toEqual(
      text("default"),
    );
  });
});

describe("what cannot be known before a run is refused in OpenTofu's words, with its place", () => {
  test.each([
    ["var.nope", "", "Undefined variable (infra/main.tf:3): Undefined variable var.nope."],
    ["local.nope", "", "Undefined local (infra/main.tf:3): Undefined local local.nope."],
    [
      "aws_instance.x.id",
      "",
      "Dynamic value in static context (infra/main.tf:3): Unable to use aws_instance.x in static context, which is required by backend.remote.",
    ],
    ['data.aws_region.here["name"]', "", "Unable to use data.aws_region.here in static context"],
    [
      "module.net.id",
      "",
      "Module output not supported in static context (infra/main.tf:3): Unable to use module.net.id",
    ],
    ["each.key", "", "Unable to use each.key in static context"],
    ["count.index", "", "Unable to use count.index in static context"],
    ["self.id", "", "Unable to use self in static context"],
    ['try(aws_instance.x.id, "a")', "", "Dynamic value in static context"],
    ['true ? "a" : module.x.y', "", "Module output not supported in static context"],
    ["provider::x::f(1)", "", "Provider function in static context"],
    ["path.nope", "", 'Invalid "path" attribute'],
    ["terraform.env", "", 'Invalid "terraform" attribute'],
    ["var", "", 'The "var" object cannot be accessed directly'],
    [
      "local.a",
      "locals {\n  a = local.b\n  b = local.a\n}",
      "Circular reference (infra/variables.tf:2): local.a is self referential (backend.remote → local.a → local.b → local.a).",
    ],
    ["local.a", "locals {\n  a = aws_instance.x.id\n}", "which is required by local.a"],
    ["local.a", 'locals {\n  a = tonumber("x")\n}', "(infra/variables.tf:2): "],
    [
      "var.r",
      'variable "r" {}',
      'No value for required variable (infra/variables.tf:1): The root module input variable "r" is not set',
    ],
    [
      "var.s",
      'variable "s" {\n  default   = "a"\n  sensitive = true\n}',
      "Backend config contains sensitive values (infra/main.tf:3)",
    ],
    [
      '"x-${var.e}"',
      'variable "e" {\n  default   = "a"\n  ephemeral = true\n}',
      "Backend config contains ephemeral values",
    ],
    [
      "local.s",
      'variable "s" {\n  default   = "a"\n  sensitive = true\n}\nlocals {\n  s = [var.s][0]\n}',
      "Backend config contains sensitive values",
    ],
    [
      'templatefile("x", {})',
      "",
      "this action does not evaluate templatefile() in the settings of a backend. Set the input hostname, organization or workspace",
    ],
    ["try(timestamp(), 1)", "", "this action does not evaluate timestamp()"],
    ["nosuch()", "", 'Call to unknown function (infra/main.tf:3): There is no function named "nosuch".'],
    ["1 / 0", "", "division by zero"],
    ['var.x["k"]', 'variable "x" { default = {} }', "Invalid index (infra/main.tf:3)"],
    ["[1][true]", "", "number required, but have bool"],
  ])("%s", async (expression, declarations, message) => {
    const failure = await failureOf(() => organization(expression, declarations));
    expect(failure.message).toContain(message);
    expect(failure.reason).toBe("configuration");
  });

  test("a syntax error that may hide a declaration is what is reported", async () => {
    const broken = 'variable "a" {\n  default = = 1\n}\n';
    const failure = await failureOf(() => organization("var.a", broken));
    expect(failure.message).toContain("Invalid syntax (infra/variables.tf:2");
    expect(await organization("var.b", `${broken}variable "b" {\n  default = "fine"\n}\n`)).toEqual(
      text("fine"),
    );
  });
});

describe("files that the job has, and no configuration may read", () => {
  const read = async (path: string, files: Files = {}, link = "/proc/self/environ") => {
    const block = `terraform {\n  backend "remote" {\n    organization = strrev(file("${path}"))\n  }\n}\n`;
    const module = await moduleWith({ "main.tf": block, ...files });
    await symlink(link, join(module.directory, "link"));
    const { block: found } = await readModuleBackend(module);
    if (found?.organization === undefined) throw new Error("no organization");
    const evaluator = await loadBlockEvaluator({ module, variables: [], varFiles: [], environment: {} }, "");
    return evaluator.evaluate(found.organization, "backend.remote").value;
  };

  test.skipIf(process.platform === "win32").each([
    ["/proc/self/environ", {}],
    ["../../../../../../../etc/hostname", {}],
    ["link", {}],
    [".git/config", { ".git/config": "a token" }],
    ["../infra/./.git/config", { ".git/config": "a token" }],
  ])("%s", async (path, files) => {
    const { message } = await failureOf(() => read(path, files));
    expect(message).toMatch(/is not among the files of the job's workspace/);
    expect(message).not.toContain("token");
  });

  test("what is no file of some name", async () => {
    await expect(read("large.txt", { "large.txt": "x".repeat(1024 * 1024 + 1) })).rejects.toThrow(/1 MiB/);
    await expect(read("../infra")).rejects.toThrow(/not a regular file/);
    expect(await read("link", { "org.txt": "emca" }, "org.txt")).toEqual(text("acme"));
    expect(await read("../infra/org.txt", { "org.txt": "emca" })).toEqual(text("acme"));
  });
});
