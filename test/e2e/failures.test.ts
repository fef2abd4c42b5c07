import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Sandbox } from "../sandbox/server.ts";
import { backend, everything, liveRuns, log, makeScene, type Scene, scripted, write } from "./scene.ts";

let scene: Scene;
beforeEach(async () => {
  scene = await makeScene();
});
afterEach(() => scene.sandbox.close());

/** One bad input or state each: what is said, and that nothing reached the server's workspaces. */
type Case = {
  name: string;
  reason: string;
  says: RegExp;
  inputs?: (sandbox: Sandbox) => Record<string, string>;
  files?: (sandbox: Sandbox) => Record<string, string>;
  before?: (sandbox: Sandbox) => void;
  env?: Record<string, string>;
  at?: { file: string; line: string };
};

const cases: Case[] = [
  {
    name: "missing directory",
    inputs: () => ({ "working-directory": "nowhere" }),
    reason: "input",
    says: /nowhere/,
  },
  {
    name: "empty directory",
    inputs: () => ({ "working-directory": "empty" }),
    reason: "input",
    says: /empty/,
  },
  {
    name: "no block and no inputs",
    files: () => ({ "infra/main.tf": 'resource "terraform_data" "a" {}\n' }),
    reason: "configuration",
    says: /backend "remote".*cloud/s,
  },
  {
    name: "both name and prefix",
    files: ({ hostname }) => ({ "infra/main.tf": backend(hostname, 'name = "a"\n prefix = "b-"') }),
    reason: "configuration",
    says: /Only one of workspace "name" or "prefix" is allowed/,
    at: { file: "infra/main.tf", line: "5" },
  },
  {
    name: "unreadable HCL",
    files: () => ({ "infra/main.tf": 'terraform {\n  backend "remote" {\n    hostname = \n' }),
    reason: "configuration",
    says: /infra\/main\.tf:\d+/,
  },
  {
    name: "a URL for a hostname",
    inputs: () => ({ hostname: "https://app.terraform.io" }),
    reason: "input",
    says: /need just a hostname/,
  },
  {
    name: "plain http",
    inputs: () => ({ hostname: "http://app.terraform.io" }),
    reason: "input",
    says: /http:\/\/app\.terraform\.io/,
  },
  { name: "a bad hostname", inputs: () => ({ hostname: "a..b" }), reason: "input", says: /a\.\.b/ },
  {
    name: "an unknown command",
    inputs: () => ({ command: "plam" }),
    reason: "input",
    says: /"plam".*plan, apply, destroy, init, output, archive/,
  },
  {
    name: "a malformed duration",
    inputs: () => ({ timeout: "1 hour" }),
    reason: "input",
    says: /"timeout" is "1 hour".*1h30m/,
  },
  {
    name: "a malformed boolean",
    inputs: () => ({ summary: "yes" }),
    reason: "input",
    says: /"summary" is "yes".*true or false/,
  },
  {
    name: "an unknown enum value",
    inputs: () => ({ comment: "maybe" }),
    reason: "input",
    says: /"comment" is "maybe"/,
  },
  {
    name: "a token of two lines",
    inputs: () => ({ token: "abc\ndef" }),
    reason: "credentials",
    says: /input token/,
  },
  {
    name: "no token",
    inputs: () => ({ token: "" }),
    reason: "credentials",
    says: /Required token could not be found/,
  },
  {
    name: "a wrong token",
    inputs: () => ({ token: "wrong" }),
    reason: "unauthorized",
    says: /401.*\(the input token\)/,
  },
  {
    name: "a missing workspace",
    inputs: () => ({ workspace: "nowhere" }),
    reason: "not-found",
    says: /nowhere.*(permission|rights)/s,
  },
  {
    name: "a missing organization",
    inputs: () => ({ organization: "nobody" }),
    reason: "not-found",
    says: /nobody/,
  },
  {
    name: "a token that may only read",
    inputs: ({ tokens }) => ({ token: tokens.read }),
    reason: "forbidden",
    says: /plan permissions/,
  },
  {
    name: "a login page instead of the API",
    before: ({ faults }) =>
      void faults.add(
        { path: "entitlement-set" },
        {
          kind: "answer",
          status: 200,
          headers: { "content-type": "text/html" },
          body: "<html><h1>Sign in</h1></html>",
        },
      ),
    reason: "not-a-tfe-server",
    says: /an HTML page.*sign-in page/,
  },
  {
    name: "discovery that is no JSON",
    before: ({ faults }) =>
      void faults.add(
        { path: "terraform.json" },
        { kind: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<html>hi</html>" },
      ),
    reason: "not-a-tfe-server",
    says: /terraform\.json|discovery/i,
  },
  {
    name: "a certificate that nobody trusts",
    env: { NODE_EXTRA_CA_CERTS: "" },
    inputs: () => ({ comment: "off" }),
    reason: "unreachable",
    says: /NODE_EXTRA_CA_CERTS/,
  },
  {
    name: "certificate checks off",
    env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    reason: "input",
    says: /NODE_TLS_REJECT_UNAUTHORIZED/,
  },
  {
    name: "a working directory that does not fit",
    before: (sandbox) => void sandbox.workspace("demo", { workingDirectory: "envs/prod" }),
    reason: "configuration",
    says: /envs\/prod/,
  },
  { name: "a link that leaves the repository", files: () => ({}), reason: "archive", says: /outside|leaves/ },
];

test.each(cases)("$name", async (given) => {
  const { sandbox, checkout } = scene;
  mkdirSync(join(checkout, "empty"));
  write(checkout, given.files?.(sandbox) ?? {});
  if (given.name.startsWith("a link")) {
    const { symlinkSync } = await import("node:fs");
    symlinkSync(`${"../".repeat(20)}etc`, join(checkout, "infra", "etc"));
  }
  given.before?.(sandbox);
  const inputs = given.inputs?.(sandbox) ?? {};
  const result = await scene.run({ inputs, ...(given.env && { env: given.env }) });
  const errors = result.annotations.filter(({ level }) => level === "error");
  expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(given.says)]);
  expect([result.exitCode, result.outputs["status"], result.outputs["failure-reason"]]).toEqual([
    1,
    "errored",
    given.reason,
  ]);
  if (given.at !== undefined) expect(errors[0]?.properties).toMatchObject(given.at);
  const shown = everything(result);
  expect(shown).not.toMatch(/<html|<h1|\n {4}at /);
  expect(shown).not.toContain(sandbox.token);
  expect(sandbox.requests.filter(({ method, server }) => server === "tfe" && method !== "GET")).toEqual([]);
  expect(result.post.exitCode).toBe(0);
});

test("a host that nobody listens on", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  const hostname = `localhost:${typeof address === "object" ? address?.port : 0}`;
  const result = await scene.run({ inputs: { hostname } });
  expect(result.exitCode).toBe(1);
  expect(result.annotations[0]?.message).toContain(hostname);
});

test("the runner's temporary folder is missing", async () => {
  const result = await scene.run({ env: { RUNNER_TEMP: join(scene.checkout, "gone") } });
  expect([result.exitCode, result.outputs["failure-reason"]]).toEqual([1, "outputs"]);
});

describe("faults on the way", () => {
  test.each([
    [
      "502 with HTML while reading the run",
      { method: "GET", path: /\/runs\/run-/, times: 3 },
      { kind: "answer", status: 502, body: "<html>bad gateway</html>" },
    ],
    ["resets while reading the log", { method: "GET", path: /limit=/, times: 3 }, { kind: "reset" }],
    [
      "a log cut in the middle",
      { method: "GET", path: /limit=/, times: 2 },
      { kind: "cut", afterBytes: 7, end: "reset" },
    ],
    [
      "502 for the log",
      { method: "GET", path: /limit=/, times: 3 },
      { kind: "answer", status: 502, body: "<html>" },
    ],
    [
      "the answer to the run's creation is lost",
      { method: "POST", path: /\/runs$/, times: 1 },
      { kind: "drop" },
    ],
    [
      "the run's creation is reset before it is read",
      { method: "POST", path: /\/runs$/, times: 1 },
      { kind: "reset" },
    ],
    [
      "500 for the run's creation after it took effect",
      { method: "POST", path: /\/runs$/, times: 1 },
      { kind: "answer", status: 500, process: true },
    ],
    ["the upload's answer is lost", { method: "PUT", times: 1 }, { kind: "drop" }],
    [
      "a rate limit",
      { method: "GET", path: /\/runs\/run-/, times: 2 },
      { kind: "answer", status: 429, headers: { "retry-after": "1" } },
    ],
    [
      "an unknown answer for the plan JSON",
      { path: "json-output", times: 9 },
      { kind: "answer", status: 200, body: "<html>" },
    ],
  ] as const)("%s: one run, the whole log once, the true verdict", async (_, match, fault) => {
    const lines = [
      "Terraform will perform the following actions:",
      "é ü 日本",
      "Plan: 1 to add, 0 to change, 0 to destroy.",
    ];
    scene.sandbox.script("demo", scripted(lines));
    const injected = scene.sandbox.faults.add(match, fault);
    const result = await scene.run();
    expect(injected.hits()).toBeGreaterThan(0);
    expect([result.exitCode, result.outputs["status"]]).toEqual([0, "planned"]);
    for (const line of lines)
      expect(result.stdout.split("\n").filter((shown) => shown === `| ${line}`)).toEqual([`| ${line}`]);
    expect(scene.sandbox.world.runs).toHaveLength(1);
    expect(liveRuns(scene.sandbox)).toEqual([]);
  });

  test("an archive that the server does not take: sizes and the largest files", async () => {
    scene.sandbox.faults.add(
      { method: "PUT" },
      { kind: "answer", status: 413, body: "<html>too large</html>" },
    );
    write(scene.checkout, { "infra/big.txt": "x".repeat(100_000) });
    const result = await scene.run();
    expect(result.outputs["failure-reason"]).toBe("archive-too-large");
    expect(result.annotations[0]?.message).toMatch(/big\.txt/);
  });

  test("outputs that cannot be written fail the step", async () => {
    scene.sandbox.script("demo", scripted(["ok"]));
    const result = await scene.run({ env: { GITHUB_OUTPUT: join(scene.checkout, "gone", "output") } });
    expect(result.exitCode).toBe(1);
  });

  test("a run that somebody else cancels", async () => {
    scene.sandbox.script("demo", { plan: [{ log: "started\n" }, { wait: 20_000 }] });
    const action = scene.start();
    await action.waitFor("started");
    scene.sandbox.someoneElse.cancels(scene.sandbox.world.runs[0]?.id ?? "");
    const result = await action.result;
    expect([result.exitCode, result.outputs["status"], result.outputs["failure-reason"]]).toEqual([
      1,
      "canceled",
      "run-canceled",
    ]);
  });

  test.each(["a_status_of_tomorrow", "policy_override"])("the status %s is no success", async (endsAs) => {
    scene.sandbox.script("demo", { plan: log(["ok"]), endsAs });
    const result = await scene.start({ inputs: { timeout: "2s" } }).result;
    expect(result.exitCode).toBe(1);
    expect(["timed-out", "policy-failed"]).toContain(result.outputs["status"]);
  });
});
