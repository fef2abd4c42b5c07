// Every command of the CLI that this action passes on, really run by the binary on PATH against a remote state.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBinary } from "../sandbox/engine/binary.ts";
import type { ActionResult } from "../sandbox/runner.ts";
import { backend, everything, makeScene, type Scene, write } from "./scene.ts";

const binary = findBinary();
if (binary === undefined)
  console.warn("SKIPPED commands of the binary: neither tofu nor terraform is on PATH");

const MODULE = `
variable "size" {
  default = 1
}
variable "given" {
  default = "unset"
}
variable "password" {
  default   = "unset"
  sensitive = true
}
variable "token" {
  default   = "unset"
  sensitive = true
}
resource "terraform_data" "one" {
  input = var.size
}
resource "terraform_data" "two" {
}
output "size" {
  value = var.size
}
output "secret" {
  value     = "top-secret-value"
  sensitive = true
}
`;
const TEST = `run "plan" {
  command = plan
  assert {
    condition     = output.size == var.expected
    error_message = "another size"
  }
}
variables {
  expected = 1
}
`;

let scene: Scene;
const initialised = (result: ActionResult) => result.stdout.includes(`::group::${binary?.name} init`);
const stdoutOf = ({ outputs }: ActionResult) => readFileSync(outputs["log-file"] ?? "", "utf8");
const run = (command: string, inputs: Record<string, string> = {}, directory = "infra") =>
  scene.start({ inputs: { command, "working-directory": directory, ...inputs } }).result;
const stateOf = (name: string) => scene.sandbox.workspace(name).states.at(-1)?.json ?? "";

/** An annotation on a line. */
const onLine = (properties: Record<string, string>): unknown =>
  expect.objectContaining({ level: "error", properties: expect.objectContaining(properties) });

/** The command of a test, run with success; nothing of the token is shown. */
async function done(
  command: string,
  inputs: Record<string, string> = {},
  directory = "infra",
): Promise<ActionResult> {
  const result = await run(command, inputs, directory);
  expect(result.annotations.filter(({ level }) => level === "error")).toEqual([]);
  expect(result.exitCode).toBe(0);
  expect(result.outputs).toMatchObject({ status: "done", "failure-reason": "" });
  expect(everything(result)).not.toContain(scene.sandbox.token);
  return result;
}

describe.skipIf(binary === undefined)("in one directory, one after the other", () => {
  beforeAll(async () => {
    scene = await makeScene();
    scene.sandbox.workspace("demo", {
      terraformVersion: binary?.version ?? "",
      variables: [
        { key: "given", value: "by the workspace", category: "terraform", sensitive: false, hcl: false },
      ],
    });
    write(scene.checkout, { "infra/main.tf": backend(scene.sandbox.hostname) + MODULE });
    write(scene.checkout, { "infra/tests/main.tftest.hcl": TEST });
  });
  afterAll(() => scene.sandbox.close());

  test("fmt, get, version and validate need neither token nor init", async () => {
    const nobody = { token: "" };
    await done("fmt", nobody);
    expect(stdoutOf(await done("version -json", nobody))).toContain(`"${binary?.version}"`);
    expect(initialised(await done("get", nobody))).toBe(false);
    expect(initialised(await done("validate", nobody))).toBe(false);
    expect((await done("metadata functions -json", nobody)).stdout).not.toContain("format_version");
    expect(existsSync(join(scene.checkout, "infra/.terraform/terraform.tfstate"))).toBe(false);
  });

  test("the first command that needs the state initialises, once", async () => {
    const result = await run("state list");
    expect(initialised(result)).toBe(true);
    expect(result.outputs).toMatchObject({
      status: "errored",
      "failure-reason": "command-failed",
      workspace: "demo",
    });
    expect(result.exitCode).toBe(1);
    expect(result.annotations.at(-1)?.message).toMatch(
      /state list failed with exit code 1: No state file was found/,
    );
  });

  test("import, with variables that only the workspace has", async () => {
    const result = await done("import terraform_data.one an-id");
    expect(initialised(result)).toBe(false);
    expect(stateOf("demo")).toContain('"an-id"');
    expect(scene.sandbox.requests.some(({ path }) => path.endsWith("/vars"))).toBe(true);
  });

  test("state list, show, mv, rm", async () => {
    expect(stdoutOf(await done("state list"))).toBe("terraform_data.one\n");
    expect((await done("state show terraform_data.one")).stdout).toMatch(/\| .*id +=.* "an-id"/);
    await done("state mv terraform_data.one terraform_data.two");
    expect(stdoutOf(await done("state list"))).toBe("terraform_data.two\n");
    await done("import terraform_data.one another-id");
    await done("state rm terraform_data.two");
    expect(stdoutOf(await done("state list"))).toBe("terraform_data.one\n");
    expect(scene.sandbox.workspace("demo").lockedBy).toBeUndefined();
  });

  test("state pull goes to a file of the job's user alone, state push takes it back", async () => {
    const pulled = await done("state pull");
    const file = pulled.outputs["log-file"] ?? "";
    expect(pulled.stdout).not.toContain("another-id");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const state: unknown = JSON.parse(readFileSync(file, "utf8"));
    expect(state).toMatchObject({ resources: [{ name: "one" }] });
    const changed = readFileSync(file, "utf8").replace(/"serial": *\d+/, '"serial": 90');
    await done("state push -", { stdin: changed });
    const pushed: unknown = JSON.parse(stateOf("demo"));
    expect(pushed).toMatchObject({
      serial: expect.toSatisfy((serial) => serial >= 90),
      resources: [{ name: "one" }],
    });
  });

  test("state replace-provider, taint, untaint", async () => {
    await done("state replace-provider -auto-approve hashicorp/one hashicorp/two");
    await done("taint terraform_data.one");
    expect(stateOf("demo")).toContain("tainted");
    await done("untaint terraform_data.one");
    expect(stateOf("demo")).not.toContain("tainted");
  });

  test("console reads its input, with variables of the step, and nothing without any", async () => {
    const result = await done("console", { stdin: "var.size + 1", variables: "size=41" });
    expect(stdoutOf(result)).toBe("42\n");
    expect((await done("console")).outputs["status"]).toBe("done");
  });

  test("sensitive variables are masked, also those of the command line", async () => {
    const command = "console -var=password=of-the-line -var-file=given.tfvars -var size=2";
    write(scene.checkout, { "infra/given.tfvars": 'token = "of-the-file"\n' });
    const inputs = { stdin: "nonsensitive(var.token)" };
    const result = await done(command, inputs);
    expect(result.masks).toEqual(expect.arrayContaining(["of-the-line", "of-the-file"]));
    expect(result.masks).not.toContain("2");
    expect(result.stdout.indexOf("add-mask::of-the-line")).toBeLessThan(result.stdout.indexOf("Running "));
    // What the command thinks of undeclared ones is its own matter.
    const more = await run(command, { ...inputs, variables: "undeclared=1" });
    expect(more.masks).toContain("of-the-line");
  });

  test("graph, providers, show, output", async () => {
    expect((await done("graph")).stdout).toContain("digraph");
    expect((await done("providers")).stdout).toContain("terraform.io/builtin/terraform");
    expect(stdoutOf(await done("providers schema -json"))).toContain('"format_version"');
    await done("providers lock");
    mkdirSync(join(scene.checkout, "infra/mirror"));
    await done("providers mirror mirror");
    const shown = await done("show");
    expect(shown.stdout).toContain("another-id");
    const json = await done("show -json");
    expect(json.stdout).not.toContain("another-id");
    expect(stdoutOf(json)).toContain("another-id");
    const output = await done("output -json");
    expect(output.stdout).not.toContain("top-secret-value");
    expect(stdoutOf(output)).toContain("top-secret-value");
    expect(stdoutOf(await done("output -raw size"))).toBe("1");
    const named = await done("output -no-color secret");
    expect(named.stdout).not.toContain("top-secret-value");
    expect(stdoutOf(named)).toContain("top-secret-value");
  });

  test("test, with its variables, and its failures on their lines", async () => {
    await done("test");
    const result = await run("test", { variables: "size=2" });
    expect(result.outputs["failure-reason"]).toBe("command-failed");
    expect(result.annotations).toContainEqual(
      onLine({ file: "infra/tests/main.tftest.hcl", line: "4", title: "Test assertion failed" }),
    );
  });

  test("refresh is what the CLI itself does not do remotely", async () => {
    const result = await run("refresh");
    expect(result.outputs["failure-reason"]).toBe("command-failed");
    expect(result.annotations.at(-1)?.message).toMatch(/"refresh" operation is not supported/);
  });

  test("force-unlock", async () => {
    scene.sandbox.workspace("demo").lockedBy = "somebody";
    const locked = await run("state rm terraform_data.one");
    expect(locked.outputs["failure-reason"]).toBe("command-failed");
    await done("force-unlock -force acme/demo");
    expect(scene.sandbox.workspace("demo").lockedBy).toBeUndefined();
  });

  test("init with options of its own", async () => {
    const result = await done("init -upgrade");
    expect(result.stdout).toContain("successfully initialized");
  });

  test("a directory initialised for another place is initialised again, and only then", async () => {
    scene.sandbox.workspace("other", { terraformVersion: binary?.version ?? "" });
    const elsewhere = await run("state list", { workspace: "other" });
    expect(initialised(elsewhere)).toBe(true);
    expect(elsewhere.outputs["workspace"]).toBe("other");
    expect(elsewhere.annotations.at(-1)?.message).toMatch(/No state file was found/);
    expect(initialised(await run("state list", { workspace: "other" }))).toBe(false);
    const back = await done("state list");
    expect(initialised(back)).toBe(true);
    expect(stdoutOf(back)).toBe("terraform_data.one\n");
    expect(stateOf("other")).toBe("");
  });

  test("a version that does not agree is refused before anything is written, unless it is to be ignored", async () => {
    scene.sandbox.workspace("demo", { terraformVersion: "1.0.1" });
    const before = stateOf("demo");
    const refused = await run("taint terraform_data.one");
    expect(refused.outputs["failure-reason"]).toBe("version-mismatch");
    expect(refused.annotations.at(-1)?.message).toMatch(
      /version mismatch: .* acme\/demo \(1\.0\.1\)\. .*ignore-remote-version/,
    );
    expect(stateOf("demo")).toBe(before);
    await done("state list");
    // OpenTofu 1.12 has taint and untaint take the option, and pass over it.
    const ignored = await done("import terraform_data.two an-id", { "ignore-remote-version": "true" });
    expect(ignored.annotations).toContainEqual(expect.objectContaining({ level: "warning" }));
    await done("state rm -ignore-remote-version terraform_data.two");
    scene.sandbox.workspace("demo", { terraformVersion: binary?.version ?? "" });
  });

  test.each([
    ["a missing workspace", { workspace: "nowhere" }, "not-found", /nowhere/],
    ["no token", { token: "" }, "credentials", /Required token/],
    ["a wrong token", { token: "wrong" }, "unauthorized", /401/],
    ["a missing directory", { "working-directory": "nope" }, "input", /working-directory "nope" does not/],
  ])("%s is told before the binary runs", async (_name, inputs, reason, message) => {
    const result = await run("state list", inputs);
    expect(result.outputs).toMatchObject({ status: "errored", "failure-reason": reason });
    expect(result.annotations.at(-1)?.message).toMatch(message);
    expect(result.stdout).not.toContain("Running ");
    expect(scene.sandbox.world.workspaces.map(({ name }) => name).sort()).toEqual(["demo", "other"]);
  });

  test("a configuration that is not valid: on its lines, by text and by JSON", async () => {
    write(scene.checkout, {
      "infra/wrong.tf": 'resource "terraform_data" "three" {\n  input = var.nowhere\n}\n',
    });
    for (const command of ["validate", "validate -json"]) {
      const result = await run(command);
      expect(result.outputs["failure-reason"]).toBe("command-failed");
      expect(result.annotations).toContainEqual(
        onLine({ file: "infra/wrong.tf", line: "2", title: "Reference to undeclared input variable" }),
      );
      expect(result.stdout).toContain("on wrong.tf line 2");
    }
    writeFileSync(join(scene.checkout, "infra/wrong.tf"), "locals {\n  a = 1\n  longer = 2\n}\n");
  });

  test("fmt -check annotates files, with -diff the first line that differs", async () => {
    const plain = await run("fmt -check");
    expect(plain.outputs["failure-reason"]).toBe("command-failed");
    expect(plain.annotations).toContainEqual(onLine({ file: "infra/wrong.tf", title: "Not formatted" }));
    const result = await run("fmt -check -diff");
    expect(result.annotations).toContainEqual(onLine({ file: "infra/wrong.tf", line: "2" }));
    expect(result.annotations.at(-1)?.message).toMatch(/exit code 3: one file is not formatted: wrong\.tf/);
    await done("fmt");
    await done("fmt -check");
  });
});

describe.skipIf(binary === undefined)("modules that are not installed yet", () => {
  beforeAll(async () => {
    scene = await makeScene();
    scene.sandbox.workspace("demo", { terraformVersion: binary?.version ?? "" });
    write(scene.checkout, { "infra/main.tf": backend(scene.sandbox.hostname) });
    write(scene.checkout, { "infra/net/main.tf": 'output "size" {\n  value = 3\n}\n' });
  });
  afterAll(() => scene.sandbox.close());

  test("the CLI asks for init, gets it once, and what it complained about is not shown", async () => {
    await done("graph");
    const block = backend(scene.sandbox.hostname);
    write(scene.checkout, { "infra/main.tf": `${block}module "net" {\n  source = "./net"\n}\n` });
    const result = await done("validate");
    expect(result.stdout.match(/::group::\w+ init/g)).toHaveLength(1);
    expect(result.stdout).not.toMatch(/Module not installed/);
    expect(initialised(await done("validate"))).toBe(false);
    const used = `${block}module "net" {\n  source = "./net"\n}\nmodule "two" {\n  source = "./net"\n}\n`;
    write(scene.checkout, { "infra/main.tf": used });
    const console = await done("console", { stdin: "module.two.size" });
    expect(initialised(console)).toBe(true);
    expect(console.stdout).not.toMatch(/Module not installed/);
  });
});

describe.skipIf(binary === undefined)("a cloud block", () => {
  beforeAll(async () => {
    scene = await makeScene();
    const block = (workspaces: string) =>
      backend(scene.sandbox.hostname, workspaces).replace('backend "remote"', "cloud");
    scene.sandbox.workspace("demo", { terraformVersion: binary?.version ?? "" });
    for (const name of ["net-a", "net-b"]) {
      scene.sandbox.workspace(name, { terraformVersion: binary?.version ?? "" }).tags = ["net"];
    }
    write(scene.checkout, { "infra/main.tf": block('name = "demo"') + MODULE });
    write(scene.checkout, { "tagged/main.tf": block('tags = ["net"]') + MODULE });
  });
  afterAll(() => scene.sandbox.close());

  test("one workspace by its name", async () => {
    await done("import terraform_data.one an-id");
    expect(stdoutOf(await done("state list", { workspace: "demo" }))).toBe("terraform_data.one\n");
    const other = await run("state list", { workspace: "net-a" });
    expect(other.outputs["failure-reason"]).toBe("input");
    scene.sandbox.workspace("demo", { terraformVersion: "1.0.1" });
    const refused = await run("taint terraform_data.one");
    expect(refused.outputs["failure-reason"]).toBe("version-mismatch");
    expect(refused.annotations.at(-1)?.message).toMatch(
      /^Incompatible \w+ version: .*does not meet the version requirements/,
    );
  });

  test("workspaces by their tags", async () => {
    await done("import terraform_data.one of-b", { workspace: "net-b" }, "tagged");
    expect([stateOf("net-a"), stateOf("net-b")]).toEqual(["", expect.stringContaining("of-b")]);
    expect(stdoutOf(await done("workspace list", {}, "tagged"))).toMatch(/net-a\n.*net-b/);
    await done("workspace select net-b", {}, "tagged");
    expect(stdoutOf(await done("state list", {}, "tagged"))).toBe("terraform_data.one\n");
  });
});

describe.skipIf(binary === undefined)("workspaces under a prefix", () => {
  beforeAll(async () => {
    scene = await makeScene();
    const block = backend(scene.sandbox.hostname, 'prefix = "net-"');
    write(scene.checkout, { "infra/main.tf": block + MODULE, "fresh/main.tf": block + MODULE });
  });
  afterAll(() => scene.sandbox.close());

  test("workspace new, list, show, select, delete", async () => {
    await done("workspace new prod");
    await done("workspace new dev");
    expect(stdoutOf(await done("workspace list"))).toMatch(/\* dev\n +prod\n/);
    await done("workspace select prod");
    expect(stdoutOf(await done("workspace show"))).toBe("prod\n");
    const listed = await run("state list");
    expect(listed.outputs["workspace"]).toBe("net-prod");
    await done("workspace delete dev");
    expect(scene.sandbox.world.workspaces.map(({ name }) => name).sort()).toEqual(["demo", "net-prod"]);
  });

  test("the only workspace counts where none is selected, and the one of the input before all", async () => {
    const alone = await run("state list", {}, "fresh");
    expect(alone.outputs["workspace"]).toBe("net-prod");
    expect(alone.annotations.at(-1)?.message).toMatch(/No state file was found/);
    scene.sandbox.workspace("net-dev", { terraformVersion: binary?.version ?? "" });
    await done("import terraform_data.one of-dev", { workspace: "dev" }, "fresh");
    expect(stateOf("net-dev")).toContain("of-dev");
    expect(stateOf("net-prod")).toBe("");
    const missing = await run("state list", { workspace: "staging" }, "fresh");
    expect(missing.outputs["failure-reason"]).toBe("not-found");
    expect(scene.sandbox.world.workspaces).toHaveLength(3);
  });
});

describe("without a binary", () => {
  test("the error names the setup actions", async () => {
    scene = await makeScene();
    const nowhere = join(scene.checkout, "empty");
    mkdirSync(nowhere);
    for (const command of ["state list", "fmt"]) {
      const result = await scene.start({ inputs: { command }, env: { PATH: nowhere } }).result;
      expect(result.outputs).toMatchObject({ status: "errored", "failure-reason": "no-binary" });
      expect(result.annotations.at(-1)?.message).toMatch(
        /opentofu\/setup-opentofu@[\s\S]*hashicorp\/setup-terraform@/,
      );
    }
    await scene.sandbox.close();
  });
});
