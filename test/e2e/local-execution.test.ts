// Workspaces whose plans are not the server's to make: the binary on PATH plans and applies, with a remote state.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBinary } from "../sandbox/engine/binary.ts";
import type { ActionOptions, ActionResult } from "../sandbox/runner.ts";
import { backend, everything, makeScene, type Scene, write } from "./scene.ts";

const binary = findBinary();
if (binary === undefined) console.warn("SKIPPED local execution: neither tofu nor terraform is on PATH");

const MODULE = `
variable "size" {
  default = 1
}
resource "terraform_data" "one" {
  input = var.size
}
output "size" {
  value = terraform_data.one.output
}
output "secret" {
  value     = "top-secret-value"
  sensitive = true
}
`;

let scene: Scene;
beforeEach(() => begin("hcp"));
async function begin(profile: "hcp" | "otf"): Promise<void> {
  scene = await makeScene({ profile });
  scene.sandbox.workspace("demo", { executionMode: "local", terraformVersion: binary?.version ?? "" });
  write(scene.checkout, { "infra/main.tf": backend(scene.sandbox.hostname) + MODULE });
}
afterEach(() => scene.sandbox.close());

const run = (command: string, inputs: Record<string, string> = {}, more: Partial<ActionOptions> = {}) =>
  scene.start({ ...more, inputs: { command, ...inputs } }).result;
const states = () => scene.sandbox.workspace("demo").states;
const message = ({ annotations }: ActionResult) => annotations.at(-1)?.message ?? "";

describe.skipIf(binary === undefined)("with a binary", () => {
  test("plan, apply without a review, plan again: reported like those of a server", async () => {
    const planned = await run("plan", { "write-plan-json": "true" });
    expect(planned.annotations).toEqual([]);
    expect(planned.exitCode).toBe(0);
    expect(planned.outputs).toMatchObject({
      ...{
        status: "planned",
        "failure-reason": "",
        "has-changes": "true",
        add: "1",
        change: "0",
        destroy: "0",
      },
      ...{ workspace: "demo", "run-id": "", "run-url": "", applied: "false" },
    });
    expect(planned.stdout).toContain("Plan:");
    expect(scene.sandbox.github.comments()[0]?.body).toContain("terraform_data.one");
    expect(planned.summary).toContain("terraform_data.one");
    expect(readFileSync(planned.outputs["plan-text-file"] ?? "", "utf8")).toContain("1 to add");
    expect(readFileSync(planned.outputs["log-file"] ?? "", "utf8")).toContain("1 to add");
    const json: unknown = JSON.parse(readFileSync(planned.outputs["plan-json-file"] ?? "", "utf8"));
    expect(json).toMatchObject({ resource_changes: [{ address: "terraform_data.one" }] });
    expect(statSync(planned.outputs["plan-json-file"] ?? "").mode & 0o777).toBe(0o600);
    expect(everything(planned)).not.toContain(scene.sandbox.token);
    expect([states(), scene.sandbox.world.runs]).toEqual([[], []]);

    const applied = await run("apply", { "auto-approve": "true" });
    expect(applied.annotations).toEqual([]);
    expect(applied.outputs).toMatchObject({ status: "applied", applied: "true", add: "1" });
    expect(applied.outputs["plan-digest"]).toMatch(/^[0-9a-f]{64}$/);
    expect(applied.stdout).toContain("Nobody reviewed this plan");
    expect(JSON.parse(applied.outputs["outputs"] ?? "")).toEqual({ size: 1 });
    expect(readFileSync(applied.outputs["log-file"] ?? "", "utf8")).toContain("Apply complete!");
    expect(states().at(-1)?.json).toContain('"one"');
    expect(scene.sandbox.workspace("demo").lockedBy).toBeUndefined();
    const left = readdirSync(dirname(applied.outputs["log-file"] ?? ""));
    expect(left.filter((name) => name.startsWith("plan-") || name === "plan.json")).toEqual([]);
    expect(everything(applied)).not.toContain("top-secret-value");

    const again = await run("plan");
    expect(again.outputs).toMatchObject({ status: "no-changes", "has-changes": "false", add: "0" });
    expect((await run("apply")).outputs).toMatchObject({ status: "no-changes", applied: "false" });
  });

  test("what nobody reviewed is held: shown, and not applied", async () => {
    const result = await run("apply");
    expect(result.outputs).toMatchObject({
      status: "held",
      "failure-reason": "no-reviewed-plan",
      applied: "false",
    });
    expect(result.exitCode).toBe(1);
    expect(message(result)).toMatch(
      /plans locally.*nothing was applied.*auto-approve: true.*required reviewers/,
    );
    expect(result.stdout).toContain("1 to add");
    expect(states()).toEqual([]);
  });

  test("options, variables and a destroy", async () => {
    write(scene.checkout, { "infra/more.tfvars": "size = 5\n" });
    await run("apply", { "auto-approve": "true", "var-files": "more.tfvars", variables: "size=7" });
    expect(states().at(-1)?.json).toMatch(/"input": *\{?[^}]*7/);
    const replaced = await run("plan", { variables: "size=7", replace: "terraform_data.one" });
    expect(replaced.outputs).toMatchObject({ add: "1", destroy: "1" });
    const targeted = await run("plan", { variables: "size=8", target: "terraform_data.none" });
    expect(targeted.outputs["change"]).toBe("0");
    const wordy = await run("plan", { variables: "size=run terraform init or tofu init" });
    expect(wordy.outputs["change"]).toBe("1");
    expect(wordy.stdout).not.toContain(`::group::${binary?.name} init`);
    const destroyed = await run("destroy", { "auto-approve": "true" });
    expect(destroyed.outputs).toMatchObject({ status: "applied", destroy: "1" });
    expect(states().at(-1)?.json).not.toContain('"one"');
  });

  test("a plan that fails: its error on the line, in comment and summary", async () => {
    write(scene.checkout, {
      "infra/wrong.tf": 'resource "terraform_data" "x" {\n  input = file("nowhere")\n}\n',
    });
    const result = await run("plan");
    expect(result.outputs).toMatchObject({ status: "errored", "failure-reason": "command-failed" });
    expect(result.exitCode).toBe(1);
    expect(message(result)).toMatch(/plan of demo failed with exit code 1: Invalid function argument/);
    expect(result.annotations[0]).toMatchObject({ properties: { file: "infra/wrong.tf", line: "2" } });
    expect(scene.sandbox.github.comments()[0]?.body).toContain("Invalid function argument");
  });

  test("an apply that fails tells what is known, and never that it was applied", async () => {
    const failing = `resource "terraform_data" "bad" {\n  provisioner "local-exec" {\n    command = "exit 3"\n  }\n}\n`;
    write(scene.checkout, { "infra/bad.tf": failing });
    const result = await run("apply", { "auto-approve": "true" });
    expect(result.outputs).toMatchObject({
      status: "errored",
      "failure-reason": "command-failed",
      applied: "false",
    });
    expect(message(result)).toMatch(/apply of demo failed with exit code 1: local-exec provisioner error/);
    expect(scene.sandbox.workspace("demo").lockedBy).toBeUndefined();
    expect(states().at(-1)?.json).toContain('"one"');
  });

  test("a lock that somebody holds", async () => {
    scene.sandbox.workspace("demo").lockedBy = "somebody";
    const result = await run("plan", { "queue-timeout": "1s" });
    expect(result.outputs).toMatchObject({ status: "errored", "failure-reason": "locked" });
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s stops the binary, which unlocks the state first",
    async (signal) => {
      const slow = `resource "terraform_data" "slow" {\n  provisioner "local-exec" {\n    command = "sleep 20"\n  }\n}\n`;
      write(scene.checkout, { "infra/slow.tf": slow });
      const step = scene.start({ inputs: { command: "apply", "auto-approve": "true" } });
      await step.waitFor("Provisioning with 'local-exec'");
      expect(scene.sandbox.workspace("demo").lockedBy).toBeDefined();
      step.kill(signal);
      const result = await step.result;
      expect(result.outputs).toMatchObject({
        status: "canceled",
        "failure-reason": "interrupted",
        applied: "false",
      });
      expect(result.exitCode).toBe(1);
      expect(scene.sandbox.workspace("demo").lockedBy).toBeUndefined();
      expect(states().at(-1)?.json).toContain('"one"');
    },
  );

  test("the timeout stops it, too", async () => {
    const wait = `resource "terraform_data" "slow" {\n  provisioner "local-exec" {\n    command = "sleep 20"\n  }\n}\n`;
    write(scene.checkout, { "infra/slow.tf": wait });
    const result = await run("apply", { "auto-approve": "true", timeout: "6s" });
    expect(result.outputs).toMatchObject({
      status: "timed-out",
      "failure-reason": "timeout",
      applied: "false",
    });
    expect(scene.sandbox.workspace("demo").lockedBy).toBeUndefined();
  });

  test.each([
    ["an organization without remote operations", "hcp", {}],
    ["TF_FORCE_LOCAL_BACKEND", "otf", { TF_FORCE_LOCAL_BACKEND: "1" }],
  ] as const)("%s (%s) makes the plan local, with a word about the versions", async (_name, profile, env) => {
    await scene.sandbox.close();
    await begin(profile);
    if (profile === "hcp") scene.sandbox.setOrganization("acme", false);
    scene.sandbox.workspace("demo", { executionMode: "remote", terraformVersion: "1.0.1" });
    const result = await run("plan", {}, { env });
    expect(result.outputs).toMatchObject({ status: "planned", add: "1", "run-id": "" });
    expect(result.annotations).toContainEqual(expect.objectContaining({ level: "warning" }));
    expect(scene.sandbox.world.runs).toEqual([]);
  });

  test.each([
    ["run-id", "run-123"],
    ["save-plan", "true"],
    ["terraform-version", "1.9.0"],
  ])("%s is for runs of the server", async (input, value) => {
    const result = await run(input === "run-id" ? "apply" : "plan", { [input]: value });
    expect(result.outputs).toMatchObject({ status: "errored", "failure-reason": "execution-mode" });
    expect(message(result)).toContain(input);
  });
});

test("without a binary the error names the setup actions", async () => {
  const nowhere = join(scene.checkout, "empty");
  mkdirSync(nowhere);
  const result = await run("plan", {}, { env: { PATH: nowhere } });
  expect(result.outputs).toMatchObject({
    status: "errored",
    "failure-reason": "no-binary",
    workspace: "demo",
  });
  expect(message(result)).toMatch(
    /acme\/demo has the execution mode "local"[\s\S]*opentofu\/setup-opentofu@/,
  );
  expect(existsSync(join(scene.checkout, "infra/.terraform"))).toBe(false);
});
