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
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the text
    ["name=${x} %{y} $z", '"$${x} %%{y} $z"'],
    ["name=C:\\new", '"C:\\\\new"'],
    ["name=é ☃ 𝒳\u200b", '"é ☃ 𝒳\\u200b"'],
    ["size=5", '"5"'],
    ["on=true", '"true"'],
    ["untyped=[1]", '"[1]"'],
    ['zones=["a", "b"]', '["a", "b"]'],
    ["zones=[]", "[]"],
    ["zones=null", "null"],
    ['anything={a = [1, null, "x"], "b c" = true}', '{\n  a = [1, null, "x"]\n  "b c" = true\n}'],
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
