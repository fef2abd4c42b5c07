import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { UNKNOWN } from "../../src/outputs.ts";
import {
  everything,
  liveRuns,
  log,
  makeScene,
  pullRequestEvent,
  type Scene,
  scripted,
  write,
} from "./scene.ts";

let scene: Scene;
afterEach(() => scene.sandbox.close());

const outputNames = Object.keys(UNKNOWN).sort();

describe.each(["hcp", "otf", "terrakube"] as const)("on %s", (profile) => {
  test("a plan is uploaded, followed, shown and settled", async () => {
    scene = await makeScene({ profile });
    scene.sandbox.script(
      "demo",
      scripted([
        "Terraform will perform the following actions:",
        "",
        "Plan: 1 to add, 0 to change, 0 to destroy.",
      ]),
    );
    const result = await scene.run();
    expect(result.annotations).toEqual([]);
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain("| Plan: 1 to add, 0 to change, 0 to destroy.\n");
    expect(Object.keys(result.outputs).sort()).toEqual(outputNames);
    expect(result.outputs).toMatchObject({
      status: "planned",
      "failure-reason": "",
      "has-changes": "true",
      add: "1",
      workspace: "demo",
    });
    expect(result.outputs["archive-digest"]).toMatch(/^[0-9a-f]{64}$/);
    expect(result.outputs["run-url"]).toContain(result.outputs["run-id"]);
    const [comment, ...others] = scene.sandbox.github.comments();
    expect(others).toEqual([]);
    expect(comment?.body).toContain("Plan: 1 to add");
    expect(result.outputs["comment-url"]).toContain(String(comment?.id));
    expect(readFileSync(result.outputs["comment-file"] ?? "", "utf8")).toBe(comment?.body);
    expect(result.summary).toContain("Plan: 1 to add");
    expect(readFileSync(result.outputs["log-file"] ?? "", "utf8")).toContain(
      "will perform the following actions",
    );
    expect(readFileSync(result.outputs["plan-text-file"] ?? "", "utf8")).toContain("Plan: 1 to add");
    expect([result.post.exitCode, result.post.stdout]).toEqual([0, ""]);
    expect(liveRuns(scene.sandbox)).toEqual([]);
    expect(scene.sandbox.world.runs).toHaveLength(1);
  });

  test("nothing to change", async () => {
    scene = await makeScene({ profile });
    scene.sandbox.script("demo", {
      plan: log(["No changes. Your infrastructure matches the configuration."]),
      hasChanges: false,
      planJson: { format_version: "1.2", resource_changes: [], output_changes: {} },
    });
    const result = await scene.run();
    expect(result.exitCode).toBe(0);
    expect(result.outputs).toMatchObject({ status: "no-changes", add: "0", change: "0", destroy: "0" });
    expect(scene.sandbox.github.comments()[0]?.body).toContain("No changes");
  });

  test("a plan that fails: its error on the line, in comment and summary, exit code 1", async () => {
    scene = await makeScene({ profile });
    const box = [
      "╷",
      "│ Error: Unsupported block type",
      "│ ",
      '│   on main.tf line 3, in resource "x" "y":',
      "│    3:   oops {",
      "│ ",
      "│ Blocks of that type are not expected here.",
      "╵",
    ];
    scene.sandbox.script("demo", { plan: log(box), fails: "plan" });
    const result = await scene.run();
    expect(result.exitCode).toBe(1);
    expect(result.outputs).toMatchObject({ status: "errored", "failure-reason": "run-errored" });
    expect(result.annotations).toContainEqual(
      expect.objectContaining({
        message: expect.stringContaining("not expected here"),
        properties: expect.objectContaining({ file: "infra/main.tf", line: "3" }),
      }),
    );
    expect(scene.sandbox.github.comments()[0]?.body).toContain("Unsupported block type");
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });
});

describe("what reaches the server", () => {
  test("the run is speculative, never applied by itself, and says where it comes from", async () => {
    scene = await makeScene();
    scene.sandbox.script("demo", scripted(["ok"]));
    await scene.run();
    const posted = (path: RegExp) =>
      scene.sandbox.requests.find(({ method, path: p }) => method === "POST" && path.test(p))?.json;
    expect(posted(/configuration-versions$/)).toMatchObject({
      data: { attributes: { speculative: true, "auto-queue-runs": false } },
    });
    expect(posted(/\/runs$/)).toMatchObject({
      data: {
        attributes: {
          "plan-only": true,
          "auto-apply": false,
          message: expect.stringMatching(
            /^Add a greeting · by mona · acme\/infra\/actions\/runs\/9001\/attempts\/1 · acme\/infra#1@b{40}\+[0-9a-f]{16}$/,
          ),
        },
      },
    });
  });

  test("the token goes to the API only, the archive and the log to signed URLs without it", async () => {
    scene = await makeScene();
    scene.sandbox.script("demo", scripted(["ok"]));
    const result = await scene.run();
    expect(result.exitCode).toBe(0);
    for (const request of scene.sandbox.requests) {
      const mayCarry = request.server === "github" || /^\/api\/v2\//.test(request.path);
      if (!mayCarry) expect([request.path, request.authorized]).toEqual([request.path, false]);
    }
  });

  test("a workspace with a working directory gets the archive of the directory above it", async () => {
    scene = await makeScene();
    scene.sandbox.workspace("demo", { workingDirectory: "infra" });
    write(scene.checkout, { "modules/shared/main.tf": "" });
    scene.sandbox.script("demo", scripted(["ok"]));
    const result = await scene.run();
    expect(result.annotations).toEqual([]);
    const files = await scene.sandbox.archiveOf(result.outputs["run-id"] ?? "");
    const names = files.map(({ path }) => path);
    expect(names).toEqual(expect.arrayContaining(["infra/main.tf", "modules/shared/main.tf"]));
  });
});

test("structured log lines are shown as text, and the plan itself after them", async () => {
  scene = await makeScene();
  const line = (type: string, message: string) =>
    JSON.stringify({ "@level": "info", "@message": message, "@module": "terraform.ui", type });
  scene.sandbox.script(
    "demo",
    scripted([
      line("version", "Terraform 1.11.4"),
      line("planned_change", "x: Plan to create"),
      line("change_summary", "Plan: 1 to add, 0 to change, 0 to destroy."),
    ]),
  );
  const { stdout, exitCode } = await scene.run();
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain("@message");
  expect(stdout).toContain('resource "terraform_data" "greeting"');
});

test("hostile logs: nothing in them is obeyed, everything is in the log file", async () => {
  scene = await makeScene();
  const hostile = [
    "::error::forged",
    "  ::set-output name=status::applied",
    "x ##[error]y",
    "a\r::add-mask::b",
    "\u001b[2J\u202eabc",
  ];
  scene.sandbox.script("demo", scripted(hostile));
  const result = await scene.run();
  expect(result.outputs).toMatchObject({ status: "planned" });
  expect(result.annotations).toEqual([]);
  expect(result.masks).not.toContain("b");
  expect(result.stdout).not.toMatch(/\u202e|\u001b\[2J/);
  expect(readFileSync(result.outputs["log-file"] ?? "", "utf8")).toContain("::error::forged");
});

describe("the comment", () => {
  test("is edited in place, and told apart by label", async () => {
    scene = await makeScene();
    for (let round = 0; round < 3; round++) scene.sandbox.script("demo", scripted([`round ${round}`]));
    await scene.run();
    await scene.run();
    expect(scene.sandbox.github.comments()).toHaveLength(1);
    await scene.run({ inputs: { label: "second" } });
    expect(scene.sandbox.github.comments()).toHaveLength(2);
  });

  test("off: nothing is asked of GitHub, the file is there all the same", async () => {
    scene = await makeScene();
    scene.sandbox.script("demo", scripted(["ok"]));
    const result = await scene.run({ inputs: { comment: "off" } });
    expect(scene.sandbox.requests.filter(({ server }) => server === "github")).toEqual([]);
    expect(readFileSync(result.outputs["comment-file"] ?? "", "utf8")).toContain("Plan: 1 to add");
  });

  test("a token that may only read: a warning that names the permission, the verdict stays", async () => {
    scene = await makeScene();
    scene.sandbox.script("demo", scripted(["ok"]));
    const result = await scene.run({ inputs: { "github-token": scene.sandbox.github.tokens.readonly } });
    expect(result.exitCode).toBe(0);
    expect(result.annotations).toEqual([
      expect.objectContaining({
        level: "warning",
        message: expect.stringContaining("pull-requests: write"),
      }),
    ]);
  });

  test("values: hide leaves addresses and actions", async () => {
    scene = await makeScene();
    scene.sandbox.script("demo", scripted(["ok"]));
    const result = await scene.run({ inputs: { "comment-values": "hide" } });
    const shown = `${scene.sandbox.github.comments()[0]?.body}${result.summary}`;
    expect(shown).toContain("terraform_data.greeting");
    expect(shown).not.toContain("hello");
  });
});

test.each(["pull_request_target", "workflow_run", "issue_comment"])(
  "%s with a head from a fork is refused before anything is sent",
  async (name) => {
    scene = await makeScene();
    const { payload } = pullRequestEvent("mallory/infra");
    const body =
      name === "workflow_run"
        ? {
            workflow_run: {
              head_repository: { full_name: "mallory/infra" },
              repository: { full_name: "acme/infra" },
              pull_requests: [],
            },
          }
        : name === "issue_comment"
          ? { issue: { number: 7, pull_request: {} }, repository: { full_name: "acme/infra" } }
          : payload;
    const result = await scene.run({ event: { name, payload: body } });
    expect(result.exitCode).toBe(1);
    expect(result.outputs["failure-reason"]).toBe("unsupported");
    expect(scene.sandbox.requests.filter(({ server }) => server === "tfe")).toEqual([]);
  },
);

test("no token, signed URL or sensitive value is shown or left anywhere", async () => {
  scene = await makeScene();
  scene.sandbox.script("demo", scripted(["ok"]));
  const result = await scene.run({ inputs: { "write-plan-json": "true" } });
  const shown = everything(result);
  expect(shown).not.toContain(scene.sandbox.token);
  expect(shown).not.toContain(scene.sandbox.github.tokens.bot);
  for (const mask of result.masks.filter((value) => value.startsWith("http")))
    expect(shown).not.toContain(mask);
  expect(result.masks).toContain(scene.sandbox.token);
});

test("command: archive needs no server and says what would be uploaded", async () => {
  scene = await makeScene();
  const result = await scene.run({ inputs: { command: "archive", token: "" } });
  expect(result.exitCode).toBe(0);
  expect(result.outputs).toMatchObject({
    status: "done",
    "archive-digest": expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(readFileSync(result.outputs["archive-file"] ?? "").subarray(0, 2)).toEqual(
    Buffer.from([0x1f, 0x8b]),
  );
  expect(result.stdout).toContain("main.tf");
  expect(scene.sandbox.requests).toEqual([]);
});
