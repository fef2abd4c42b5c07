import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hasGit } from "../git/repository.ts";
import { type GitScene, makeGitScene } from "./git-scene.ts";

// Applying what was reviewed on a server that nobody here wrote; set as for real-server.test.ts. The token makes a workspace for
// each test, of the version in TFE_TEST_TERRAFORM_VERSION where that is set, and deletes it.
const hostname = process.env["TFE_TEST_HOSTNAME"] ?? "";
const organization = process.env["TFE_TEST_ORGANIZATION"] ?? "";
const token = process.env["TFE_TEST_TOKEN"] ?? "";
const version = process.env["TFE_TEST_TERRAFORM_VERSION"];
const caFile = process.env["NODE_EXTRA_CA_CERTS"] ?? "";
const given = [hostname, organization, token].every((value) => value !== "");

const held = (reason: string) => ({ status: "held", "failure-reason": reason, applied: "false" });
const saying = (greeting: string) =>
  `resource "terraform_data" "said" {\n  input = "${greeting}"\n}\noutput "said" {\n  value = terraform_data.said.input\n}\n`;

let scene: GitScene;
let workspace: { id: string; name: string };

async function api(method: string, path: string, body?: unknown): Promise<{ status: number; data: unknown }> {
  const answer = await fetch(`https://${hostname}/api/v2/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/vnd.api+json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, data: text.startsWith("{") ? JSON.parse(text).data : undefined };
}

async function makeWorkspace(): Promise<typeof workspace> {
  const name = `gate-${randomBytes(4).toString("hex")}`;
  const engine = version === undefined ? {} : { "terraform-version": version };
  const data = { type: "workspaces", attributes: { name, ...engine } };
  const made = (await api("POST", `organizations/${organization}/workspaces`, { data })).data;
  if (typeof made !== "object" || made === null || !("id" in made)) throw new Error("no workspace was made");
  return { name, id: String(made.id) };
}

/** The outputs of the workspace's state, as JSON; an empty text without a state. */
async function outputs(): Promise<string> {
  const { status, data } = await api("GET", `workspaces/${workspace.id}/current-state-version-outputs`);
  return status === 200 ? JSON.stringify(data) : "";
}

async function isWaiting(): Promise<string[]> {
  const { data } = await api("GET", `workspaces/${workspace.id}/runs`);
  const runs: { id: string; attributes: { status: string } }[] = Array.isArray(data) ? data : [];
  const final = ["applied", "planned_and_finished", "discarded", "canceled", "errored", "force_canceled"];
  return runs.map(({ attributes }) => attributes.status).filter((status) => !final.includes(status));
}

describe.runIf(given && hasGit("applies on a real server"))(`applies on the server ${hostname}`, () => {
  beforeEach(async () => {
    workspace = await makeWorkspace();
    const block = `terraform {\n  backend "remote" {\n    hostname = "${hostname}"\n    organization = "${organization}"\n    workspaces { name = "${workspace.name}" }\n  }\n}\n`;
    scene = await makeGitScene({}, { "infra/backend.tf": block }, { token, caFile });
  });
  afterEach(async () => {
    await scene.close();
    await api("DELETE", `organizations/${organization}/workspaces/${workspace.name}`);
  });

  const merged = (head: string, how?: "merge" | "squash" | "rebase") => {
    const sha = scene.repository.merge(head, how);
    scene.sandbox.github.merge(sha);
    return sha;
  };

  test.each(["merge", "squash", "rebase"] as const)("reviewed, merged by %s, applied", async (how) => {
    const made = scene.repository.onBranch({ "infra/main.tf": saying("hello") });
    expect((await scene.plan(made)).outputs).toMatchObject({ status: "planned", add: "1" });
    expect(await outputs()).not.toContain("hello");
    const result = await scene.apply(merged(made.head, how));
    expect([result.exitCode, result.outputs]).toEqual([
      0,
      expect.objectContaining({ status: "applied", applied: "true", add: "1" }),
    ]);
    expect(await outputs()).toContain("hello");
    expect(await isWaiting()).toEqual([]);
  });

  test("the base moved on in the packed directory: bound by a merge that git makes again, applied", async () => {
    const made = scene.repository.onBranch({ "infra/main.tf": saying("hello") });
    scene.repository.onMain({ "infra/note.txt": "one\n" });
    expect((await scene.plan(made)).outputs["status"]).toBe("planned");
    scene.repository.onMain({ "infra/note.txt": "two\n" });
    const result = await scene.apply(merged(made.head, "squash"));
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "applied"]);
    expect(await outputs()).toContain("hello");
  });

  test("the state changed in between: held, and it stays as it is", async () => {
    const made = scene.repository.onBranch({ "infra/main.tf": saying("hello") });
    expect((await scene.plan(made)).outputs["status"]).toBe("planned");
    const elsewhere = scene.repository.onMain({ "infra/main.tf": saying("elsewhere") });
    const other = await scene.apply(elsewhere, { inputs: { command: "apply", "auto-approve": "true" } });
    expect(other.outputs["applied"]).toBe("true");
    scene.repository.onMain({ "infra/main.tf": undefined });
    const result = await scene.apply(merged(made.head));
    expect([result.exitCode, result.outputs]).toEqual([1, expect.objectContaining(held("plan-changed"))]);
    expect(await outputs()).toContain("elsewhere");
    expect(await isWaiting()).toEqual([]);
  });

  test("pushed to after the plan: held, nothing is made", async () => {
    const made = scene.repository.onBranch({ "infra/main.tf": saying("hello") });
    expect((await scene.plan(made)).outputs["status"]).toBe("planned");
    const later = scene.repository.onBranch({ "infra/main.tf": saying("evil") });
    scene.sandbox.github.pull({ headSha: later.head });
    const result = await scene.apply(merged(later.head));
    expect(result.outputs).toMatchObject(held("no-reviewed-plan"));
    expect(await outputs()).not.toContain("evil");
  });

  test("run again after it was applied: nothing is left to do, nothing is claimed", async () => {
    const made = scene.repository.onBranch({ "infra/main.tf": saying("hello") });
    await scene.plan(made);
    const sha = merged(made.head);
    expect((await scene.apply(sha)).outputs["applied"]).toBe("true");
    const again = await scene.apply(sha, { env: { GITHUB_RUN_ATTEMPT: "2" } });
    expect([again.exitCode, again.outputs]).toEqual([
      0,
      expect.objectContaining({ status: "no-changes", applied: "false" }),
    ]);
    expect(again.stdout).toMatch(/made of the same content after the merge, is applied/);
  });
});
