// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of the language, not of this one
import { describe, expect, test } from "vitest";
import { runVariables } from "../../../src/config/language/run-variables.ts";
import { moduleWith } from "../module.ts";

const DECLARATIONS = `
variable "name" { type = string }
variable "size" { type = number }
variable "on" { type = bool }
variable "zones" { type = list(string) }
variable "tags" { type = map(string) }
variable "anything" { type = any }
variable "untyped" {}
variable "site" {
  type      = object({ host = string, port = optional(number, 443), admins = optional(set(string)) })
  sensitive = true
}
variable "pair" { type = tuple([string, number]) }
variable "required" {
  type     = string
  nullable = false
}
`;

async function run(
  variables: string[],
  more: { files?: Record<string, string>; varFiles?: string[]; environment?: Record<string, string> } = {},
) {
  const module = await moduleWith({ "main.tf": DECLARATIONS, ...more.files });
  return runVariables({
    module,
    variables,
    varFiles: more.varFiles ?? [],
    environment: more.environment ?? {},
  });
}

async function sent(line: string): Promise<string | undefined> {
  return (await run([line])).variables[0]?.value;
}

describe("the declared type decides how a text is understood", () => {
  test.each([
    ["name=eu-west-1", '"eu-west-1"'],
    ['name="quoted"', '"\\"quoted\\""'],
    ["name=[1]", '"[1]"'],
    ["name=", '""'],
    ["name=a=b", '"a=b"'],
    ["name=${x} %{y} $z", '"$${x} %%{y} $z"'],
    ["name=C:\\new", '"C:\\\\new"'],
    ["name=é ☃ 𝒳\u200b", '"é ☃ 𝒳\\u200b"'],
    ["size=5", '"5"'],
    ["on=true", '"true"'],
    ["untyped=[1]", '"[1]"'],
    ['zones=["a", "b"]', '["a", "b"]'],
    ["zones=[]", "[]"],
    ["zones=null", "null"],
    ['anything={a = [1, null, "x"], "b c" = true}', '{\n  a     = [1, null, "x"]\n  "b c" = true\n}'],
    [
      'anything={"for" = {}, bb = {c = 1}, d = [{e = 1}, {f = 2, ggg = 3}]}',
      '{\n  bb = {\n    c = 1\n  }\n  d = [{\n    e = 1\n    }, {\n    f   = 2\n    ggg = 3\n  }]\n  "for" = {}\n}',
    ],
    ["anything=12345678901234567890.5", "12345678901234567890.5"],
    ['pair=["a", 1.5e3]', '["a", 1500]'],
  ])("%s", async (line, value) => {
    expect(await sent(line)).toBe(value);
  });

  test.each([
    ["size=many", "var.size declared at infra/main.tf:3: a number is required"],
    ["on=yes", "var.on declared at infra/main.tf:4: a bool is required"],
    ["on=True", 'use lowercase "true"'],
    ["zones=a", 'as in zones=["a", "b"]; a string in it needs double quotes'],
    ["zones={}", "list of string required"],
    ["zones=[[]]", "element 0: string required, but have tuple"],
    ["zones=[", "this is not a valid expression"],
    ["zones=upper(1)", "Functions may not be called here"],
    ["zones=[1]) \n x = (2", "this is not a valid expression"],
    ["site={port = 1}", 'attribute "host" is required'],
    ['site={host = "a", port = "b"}', ".port: a number is required"],
    ['pair=["a"]', "tuple required"],
    ["unknown=1", 'a variable named "unknown" was assigned in the input variables'],
    ["name", "it must be a variable's name, an equals sign and the value"],
    ["name = x", "without a space before the sign"],
    ["=x", "it must be a variable's name"],
  ])("%s is refused", async (line, message) => {
    await expect(run([line])).rejects.toThrow(message);
  });
});

async function sentBy(
  more: Parameters<typeof run>[1],
  variables: string[] = [],
): Promise<Record<string, string>> {
  const { variables: sent } = await run(variables, more);
  return Object.fromEntries(sent.map(({ key, value }) => [key, value]));
}

describe("which value counts", () => {
  const files = {
    "terraform.tfvars": 'name = "tfvars"\n',
    "terraform.tfvars.json": '{"name": "tfvars.json"}',
    "a.auto.tfvars": 'name = "a"\n',
    "b.auto.tfvars.json": '{"name": "b"}',
    "one.tfvars": 'name = "one"\n',
    "two.tfvars": 'name = "two"\n',
  };

  test("an input before a file before the environment", async () => {
    const environment = { TF_VAR_name: "environment", TF_VAR_size: "7" };
    const varFiles = ["one.tfvars", "two.tfvars"];
    const name = async (more: Parameters<typeof run>[1], variables: string[] = []) =>
      (await sentBy(more, variables))["name"];
    expect(await name({ files, environment, varFiles }, ["name=first", "name=last"])).toBe('"last"');
    expect(await name({ files, environment, varFiles })).toBe('"two"');
    expect(await name({ files, environment, varFiles: varFiles.toReversed() })).toBe('"one"');
    expect(await name({ environment })).toBe('"environment"');
  });

  test("what an uploaded file says after the environment is not sent: the server reads it", async () => {
    expect(await sentBy({ files, environment: { TF_VAR_name: "environment", TF_VAR_size: "7" } })).toEqual({
      size: '"7"',
    });
  });

  test("files that are not asked for and values of nobody do not count", async () => {
    expect(
      await sentBy({ files: { "one.tfvars": "this is no HCL" }, environment: { TF_VAR_nobody: "x" } }),
    ).toEqual({});
    expect(await run([])).toMatchObject({ variables: [], masks: [], warnings: [] });
  });

  test("files outside of the module are read from where the path leads, relative to it", async () => {
    expect(
      await sentBy({ files: { "../env/prod.tfvars": 'zones = ["a"]\n' }, varFiles: ["../env/prod.tfvars"] }),
    ).toEqual({ zones: '["a"]' });
  });

  test.each([
    ["values.json", '{"name": "x", "zones": ["${y}"], "//": "note"}', { name: '"x"', zones: '["$${y}"]' }],
    ["values", ' {"size": 12345678901234567890}', { size: "12345678901234567890" }],
    ["values.hcl", 'size = 1.50\ntags = {\n  a = "b" # c\n}\n', { size: "1.5", tags: '{\n  a = "b"\n}' }],
    ["values.tfvars", "name = <<EOT\ntwo\nlines\nEOT\n", { name: '"two\\nlines\\n"' }],
    ["values.tfvars", 'name = -5\nsize = "7"\non = false\n', { name: "-5", on: "false", size: '"7"' }],
  ])("%s: %s", async (path, content, expected) => {
    expect(await sentBy({ files: { [path]: content }, varFiles: [path] })).toEqual(expected);
  });

  test.each([
    ["gone.tfvars", undefined, "Failed to read variables file: infra/gone.tfvars does not exist"],
    [
      "f.tfvars",
      'name = upper("x")\n',
      "Function calls not allowed (infra/f.tfvars:1): Functions may not be called here.",
    ],
    [
      "f.tfvars",
      "\nname = var.x\n",
      "Variables not allowed (infra/f.tfvars:2): Variables may not be used here.",
    ],
    ["f.tfvars", "name = \n", "Invalid syntax (infra/f.tfvars:"],
    ["f.tfvars", 'variable "name" {}\n', "Variable declaration in .tfvars file (infra/f.tfvars:1)"],
    [
      "f.tfvars.json",
      '{"variable": {"name": {}}}',
      "Variable declaration in .tfvars file (infra/f.tfvars.json:1)",
    ],
    ["f.tfvars.json", '{"name": ', "this is not valid JSON"],
    ["f.tfvars", 'name = "a"\nname = "b"\n', "Attribute redefined (infra/f.tfvars:2)"],
    [
      "f.tfvars",
      'size = "many"\n',
      "(infra/f.tfvars:1) is not suitable for var.size declared at infra/main.tf:3: a number is required",
    ],
    ["f.tfvars", "required = null\n", "required variable may not be set to null"],
  ])("%s %j is refused", async (path, content, message) => {
    const files = content === undefined ? {} : { [path]: content };
    await expect(run([], { files, varFiles: [path] })).rejects.toThrow(message);
  });

  test("a value of a file for a variable that is not declared is a warning", async () => {
    const { variables, warnings } = await run([], {
      files: { "f.tfvars": 'a = 1\nb = 2\nc = 3\nd = 4\nname = "x"\n' },
      varFiles: ["f.tfvars"],
    });
    expect(variables).toEqual([{ key: "name", value: '"x"' }]);
    expect(warnings).toEqual([
      expect.stringContaining('a variable named "a" but a value was found at infra/f.tfvars:1'),
      expect.stringContaining('"b"'),
      "Values for undeclared variables: 2 more in variable files.",
    ]);
  });
});

describe("what is sensitive", () => {
  test("the texts of a sensitive variable's value are to be masked, each of them, and those of others are not", async () => {
    const { masks } = await run([
      'site={host = "db.internal", port = 1234, admins = ["root"]}',
      "name=visible",
    ]);
    expect(masks.toSorted()).toEqual([
      "1234",
      "db.internal",
      "root",
      '{host = "db.internal", port = 1234, admins = ["root"]}',
    ]);
  });

  test.each([
    ["bool", "true", []],
    ["number", "1", []],
    ["number", "12345", ["12345"]],
    ["string", "1", ["1"]],
    ["list(number)", "[1]", []],
    ["list(number)", "[1, 98765]", ["[1, 98765]", "98765"]],
    ["map(string)", "{}", []],
    ["map(string)", "null", []],
  ])("of type %s, %s: what stands everywhere is not masked", async (type, text, masks) => {
    const files = { "main.tf": `variable "v" {\n  type = ${type}\n  sensitive = true\n}\n` };
    expect((await run([`v=${text}`], { files })).masks).toEqual(masks);
  });

  test("no message shows a value", async () => {
    const secret = "s3cr3t-value";
    for (const line of [
      `size=${secret}`,
      `on=${secret}`,
      `zones=${secret}`,
      `zones="${secret}"`,
      `site={port = "${secret}"}`,
      `undeclared=${secret}`,
      `site=0x${secret}`,
      `site={}.${secret}`,
    ]) {
      await expect(run([line])).rejects.toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(secret) }),
      );
    }
  });
});

describe("declarations", () => {
  const one = (content: string, variables: string[], file = "main.tf") =>
    moduleWith({ [file]: content }).then((module) =>
      runVariables({ module, variables, varFiles: [], environment: {} }),
    );

  test("in JSON, in .tofu files and with overrides", async () => {
    const module = await moduleWith({
      "a.tf": 'variable "a" { type = list(string) }',
      "a.tofu": 'variable "a" { type = string }',
      "b.tf.json": '{"variable": {"b": {"type": "list(number)"}, "c": [{"type": "string"}]}}',
      "d.tf": 'variable "d" { type = string }',
      "d_override.tf": 'variable "d" { type = set(string) }',
    });
    const { variables } = await runVariables({
      module,
      variables: ["a=[1]", "b=[1]", "c=[1]", "d=[1]"],
      varFiles: [],
      environment: {},
    });
    expect(variables).toEqual([
      { key: "a", value: '"[1]"' },
      { key: "b", value: "[1]" },
      { key: "c", value: '"[1]"' },
      { key: "d", value: "[1]" },
    ]);
  });

  test("a syntax error elsewhere does not matter, unless it may hide the declaration", async () => {
    const broken = 'resource "x" "y" {\n  a = = 1\n}\nvariable "a" {\n  type = list(string)\n}\n';
    expect((await one(broken, ['a=["x"]'])).variables).toEqual([{ key: "a", value: '["x"]' }]);
    await expect(one(broken, ["b=1"])).rejects.toThrow("Invalid syntax (infra/main.tf:2");
    await expect(one('variable "a" {\n  type = = string\n}\n', ["a=1"])).rejects.toThrow(
      "Invalid syntax (infra/main.tf:2",
    );
  });

  test.each([
    ['variable "a" { type = "string" }', "Invalid quoted type constraints (infra/main.tf:1)"],
    ['variable "a" { type = "list" }', "Write list(string) without quotes"],
    ['variable "a" { type = strin }', 'The keyword "strin" is not a valid type specification'],
    ['variable "a" { type = list(string, number) }', "requires one argument"],
    ['variable "a" { type = optional(string) }', 'Keyword "optional" is valid only as a modifier'],
    [
      'variable "a" { type = object({ b = optional(number, "x") }) }',
      "Invalid default value for optional attribute",
    ],
    ['variable "a" { type = tuple(string) }', "requires a list of element types"],
    [
      'variable "a" {\n  type    = number\n  default = "x"\n}',
      "Invalid default value for variable (infra/main.tf:3)",
    ],
    [
      'variable "a" {\n  nullable = false\n  default  = null\n}',
      "A null default value is not valid when nullable=false",
    ],
    ['variable "a" { sensitive = "perhaps" }', 'The argument "sensitive" must be true or false'],
    ['variable "a" {}\nvariable "a" {}', "Duplicate variable declaration (infra/main.tf:2)"],
    ['variable "a" "b" {}', "must have 1 labels"],
  ])("%s is refused", async (content, message) => {
    await expect(one(content, ["a=1"])).rejects.toThrow(message);
  });
});
