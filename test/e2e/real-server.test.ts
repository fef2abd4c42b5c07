import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runAction, startAction } from "../sandbox/runner.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import { pullRequestEvent, write } from "./scene.ts";

// A server that nobody here wrote, such as OTF on loopback: set these, and NODE_EXTRA_CA_CERTS where it is needed.
const hostname = process.env["TFE_TEST_HOSTNAME"] ?? "";
const organization = process.env["TFE_TEST_ORGANIZATION"] ?? "";
const workspace = process.env["TFE_TEST_WORKSPACE"] ?? "";
const token = process.env["TFE_TEST_TOKEN"] ?? "";
const given = [hostname, organization, workspace, token].every((value) => value !== "");
if (!given)
  process.stderr.write(
    "real server: TFE_TEST_HOSTNAME, _ORGANIZATION, _WORKSPACE, _TOKEN are not set, skipped\n",
  );

const THREE = ["a", "b", "c"]
  .map((name) => `resource "terraform_data" "${name}" {\n  input = "${name}"\n}\n`)
  .join("\n");
const BLOCK = `terraform {\n  backend "remote" {\n    hostname = "${hostname}"\n    organization = "${organization}"\n    workspaces { name = "${workspace}" }\n  }\n}\n`;

describe.runIf(given)(`on the server ${hostname}`, () => {
  let github: Sandbox;
  beforeAll(async () => {
    github = await startSandbox({ engine: "recorded", githubPlain: true });
  });
  afterAll(() => github.close());

  /** A step in a new checkout with these files beside the backend block. */
  function step(files: Record<string, string>) {
    const checkout = mkdtempSync(join(tmpdir(), "real-"));
    write(checkout, { "infra/backend.tf": BLOCK, ...files });
    return {
      sandbox: { caFile: process.env["NODE_EXTRA_CA_CERTS"] ?? "", github: github.github },
      workspace: checkout,
      event: pullRequestEvent(),
      inputs: { "working-directory": "infra", token, "github-token": github.github.tokens.bot },
    };
  }

  test("three resources to create", async () => {
    const result = await runAction(step({ "infra/main.tf": THREE }));
    expect(result.annotations).toEqual([]);
    expect(result.outputs).toMatchObject({
      status: "planned",
      add: "3",
      change: "0",
      destroy: "0",
      "has-changes": "true",
    });
    expect(result.stdout).toContain("terraform_data.a");
    expect(github.github.comments()[0]?.body).toContain('resource "terraform_data" "a"');
    expect(readFileSync(result.outputs["log-file"] ?? "", "utf8")).toMatch(/3 to add/);
  });

  test("nothing to change", async () => {
    const result = await runAction(step({ "infra/main.tf": "# nothing\n" }));
    expect(result.outputs).toMatchObject({ status: "no-changes", add: "0" });
  });

  test("a configuration that is broken: its error, on its line", async () => {
    const result = await runAction(
      step({ "infra/main.tf": 'resource "terraform_data" "a" {\n  input = var.missing\n}\n' }),
    );
    expect([result.exitCode, result.outputs["status"]]).toEqual([1, "errored"]);
    expect(result.annotations).toContainEqual(
      expect.objectContaining({
        level: "error",
        properties: expect.objectContaining({ file: "infra/main.tf", line: "2" }),
      }),
    );
    expect(github.github.comments()[0]?.body).toContain("undeclared input variable");
  });

  test("interrupted in the middle: the run is stopped", async () => {
    const many = Array.from({ length: 3000 }, (_, n) => `resource "terraform_data" "r${n}" {}\n`).join("");
    const action = startAction(step({ "infra/main.tf": many }));
    await action.waitFor(/Initializing/);
    action.kill("SIGINT");
    const result = await action.result;
    expect(result.exitCode).toBe(1);
    expect(["canceled", "discarded"]).toContain(result.outputs["status"]);
    expect(result.stdout).toMatch(
      /Run run-\S+ (is canceled|was told to cancel|is discarded|had already ended)/,
    );
  });

  test("an archive that the server may not take says so, or is taken", async () => {
    const result = await runAction(
      step({ "infra/main.tf": THREE, "infra/noise.txt": randomBytes(11 * 1024 * 1024).toString("base64") }),
    );
    if (result.exitCode === 0) return;
    expect(result.outputs["failure-reason"]).toBe("archive-too-large");
    expect(result.annotations.at(-1)?.message).toContain("noise.txt");
  });
});
