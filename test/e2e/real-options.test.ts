import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ActionResult, runAction } from "../sandbox/runner.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import { pullRequestEvent, write } from "./scene.ts";

// Run options on a server that nobody here wrote; set as for real-server.test.ts. Of a workspace without state, it leaves none.
const hostname = process.env["TFE_TEST_HOSTNAME"] ?? "";
const organization = process.env["TFE_TEST_ORGANIZATION"] ?? "";
const workspace = process.env["TFE_TEST_WORKSPACE"] ?? "";
const token = process.env["TFE_TEST_TOKEN"] ?? "";
const given = [hostname, organization, workspace, token].every((value) => value !== "");

const CONFIGURATION = `
terraform {
  backend "remote" {
    hostname     = "${hostname}"
    organization = "${organization}"
    workspaces { name = "${workspace}" }
  }
}
variable "text" { default = "a" }
resource "terraform_data" "a" { input = var.text }
resource "terraform_data" "b" {
  for_each = toset(["x", "y z"])
  input    = each.key
}
`;

describe.runIf(given)(`run options on the server ${hostname}`, () => {
  let github: Sandbox;
  beforeAll(async () => {
    github = await startSandbox({ engine: "recorded", githubPlain: true });
  });
  afterAll(() => github.close());

  function step(inputs: Record<string, string>, files: Record<string, string> = {}): Promise<ActionResult> {
    const checkout = mkdtempSync(join(tmpdir(), "real-"));
    write(checkout, { "infra/main.tf": CONFIGURATION, ...files });
    return runAction({
      sandbox: { caFile: process.env["NODE_EXTRA_CA_CERTS"] ?? "", github: github.github },
      workspace: checkout,
      event: pullRequestEvent(),
      inputs: { "working-directory": "infra", token, "github-token": github.github.tokens.bot, ...inputs },
    });
  }
  const counts = ({ outputs: { add, change, destroy } }: ActionResult) => [add, change, destroy];

  test("target", async () => {
    const result = await step({ target: 'terraform_data.b["y z"]' });
    expect([result.outputs["status"], counts(result)]).toEqual(["planned", ["1", "0", "0"]]);
  });

  test("apply without a review, to have a state", async () => {
    const result = await step({ command: "apply", "auto-approve": "true" });
    expect([result.outputs["status"], result.outputs["add"]]).toEqual(["applied", "3"]);
  });

  test("replace", async () => {
    const result = await step({ replace: "terraform_data.a" });
    expect([result.outputs["status"], counts(result)]).toEqual(["planned", ["1", "0", "1"]]);
  });

  test("refresh: false", async () => {
    const result = await step({ refresh: "false" });
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "no-changes"]);
  });

  test("a destroy as a plan, of a target", async () => {
    const result = await step({ destroy: "true", target: "terraform_data.a" });
    expect([result.outputs["status"], counts(result)]).toEqual(["planned", ["0", "0", "1"]]);
  });

  test("variables: they count, or are refused", async () => {
    const result = await step({ variables: "text=another", target: "terraform_data.a" });
    if (result.exitCode === 0) expect(counts(result)).toEqual(["0", "1", "0"]);
    else expect(result.outputs["failure-reason"]).toBe("unsupported");
  });

  test("variables and a file that sets the same: they win, or are refused", async () => {
    const file = { "infra/terraform.tfvars": 'text = "a"\n' };
    const result = await step({ variables: "text=another", target: "terraform_data.a" }, file);
    if (result.exitCode === 0) expect(counts(result)).toEqual(["0", "1", "0"]);
    else expect(result.outputs["failure-reason"]).toBe("unsupported");
  });

  test("terraform-version: that of the plan, or refused", async () => {
    const result = await step({ "terraform-version": "1.11.4" });
    if (result.exitCode === 0) expect(result.summary).toContain("Planned with version `1.11.4`");
    else expect(result.outputs["failure-reason"]).toBe("unsupported");
  });

  test("refresh-only: made as asked, or refused", async () => {
    const result = await step({ "refresh-only": "true" });
    expect([result.outputs["status"], result.outputs["failure-reason"]]).toSatisfy(
      ([status, reason]) => status === "no-changes" || reason === "unsupported",
    );
  });

  test("save-plan: true: saved, or refused", async () => {
    const result = await step({ "save-plan": "true", replace: "terraform_data.a" });
    expect([result.outputs["status"], result.outputs["failure-reason"]]).toSatisfy(
      ([status, reason]) => status === "planned" || reason === "unsupported",
    );
  });

  test("destroy", async () => {
    const result = await step({ command: "destroy", "auto-approve": "true" });
    expect([result.outputs["status"], result.outputs["destroy"]]).toEqual(["applied", "3"]);
  });
});
