// biome-ignore-all lint/suspicious/noTemplateCurlyInString: interpolations of HCL are the subject here
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { ActionOptions } from "../sandbox/runner.ts";
import { makeScene, type Scene, scripted } from "./scene.ts";

let scene: Scene;
afterEach(() => scene.sandbox.close());

/** A scene whose root module holds these files; `HOST` stands for the server. */
async function sceneWith(files: Record<string, string>): Promise<void> {
  scene = await makeScene();
  scene.sandbox.world.workspaces.length = 0;
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(scene.checkout, "infra", name), content.replaceAll("HOST", scene.sandbox.hostname));
  }
}

const run = (inputs: Record<string, string>, more: Partial<ActionOptions> = {}) =>
  scene.run({ ...more, inputs });

const PREFIX = `terraform {
  backend "remote" {
    hostname     = "HOST"
    organization = "acme"
    workspaces { prefix = "net-" }
  }
}
`;

test("an empty block is filled by the input, init makes the workspace, and a plan runs in it", async () => {
  await sceneWith({
    "main.tf": 'terraform {\n  backend "remote" {}\n}\n',
    "prod.tfbackend": 'hostname = "HOST"\norganization = "wrong"\nworkspaces { name = "net-prod" }\n',
  });
  const inputs = { "backend-config": "prod.tfbackend\norganization=acme" };
  const planned = await run(inputs);
  expect(planned.exitCode).toBe(1);
  expect(planned.outputs).toMatchObject({ status: "errored", "failure-reason": "not-found" });
  expect(planned.stdout).toContain("command: init");
  const made = await run({ ...inputs, command: "init" });
  const workspace = scene.sandbox.world.workspaces[0];
  expect(made.outputs).toMatchObject({
    status: "done",
    "failure-reason": "",
    workspace: "net-prod",
    "workspace-id": workspace?.id,
  });
  expect(made.exitCode).toBe(0);
  scene.sandbox.script("net-prod", scripted(["ok"]));
  expect((await run(inputs)).outputs).toMatchObject({ status: "planned", workspace: "net-prod" });
});

test("variables in the block, and the only workspace under a prefix", async () => {
  await sceneWith({
    "main.tf": PREFIX.replace('"net-"', '"${var.layer}-"'),
    "variables.tf": 'variable "layer" {\n  type = string\n}\n',
  });
  scene.sandbox.script("net-prod", scripted(["ok"]));
  scene.sandbox.workspace("app-prod");
  const { outputs, stdout } = await run({ variables: "layer=net" });
  expect(stdout).toContain('Workspace net-prod: the only one with the prefix "net-"');
  expect(outputs).toMatchObject({ status: "planned", workspace: "net-prod" });
});

test("several workspaces under a prefix are listed on the block's lines", async () => {
  await sceneWith({ "main.tf": PREFIX });
  for (const name of ["net-prod", "net-dev"]) scene.sandbox.workspace(name);
  const { outputs, stdout, exitCode } = await run({});
  expect(exitCode).toBe(1);
  expect(outputs).toMatchObject({ status: "errored", "failure-reason": "configuration" });
  expect(stdout).toMatch(/::error file=infra\/main\.tf,.*has the workspaces dev, prod/);
});
