// Shows the action at work without any account: a TFE server and a GitHub API on loopback, a repository with a pull
// request, and dist/ run as GitHub's runner runs it. Leaves what it made in demo-out/.
//   npm run demo
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pullDocument } from "../test/sandbox/github/pulls.ts";
import { type ActionResult, runAction } from "../test/sandbox/runner.ts";
import { type Sandbox, startSandbox } from "../test/sandbox/server.ts";
import { type LiveLog, liveLog } from "./demo/live-log.ts";
import { commentPage, summaryPage } from "./demo/page.ts";
import { makeRepository, type Repository } from "./demo/repository.ts";

const root = path.resolve(import.meta.dirname, "..");
const out = path.join(root, "demo-out");
const title = "Open the web shop, upgrade the database";

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Workspace with the state that the recorded "create" run left, a cost estimate and a policy. */
function prepareWorkspace(sandbox: Sandbox): void {
  const recording: { state: string } = JSON.parse(
    readFileSync(path.join(root, "test/fixtures/sandbox/create.recording.json"), "utf8"),
  );
  sandbox.workspace("shop-production", {
    workingDirectory: "infra",
    costEstimate: {
      status: "finished",
      prior: "612.40",
      proposed: "748.90",
      delta: "136.50",
      matched: 5,
      total: 9,
    },
    policyChecks: [{ status: "passed", output: "Result: true\n\n2 policies evaluated, none failed.\n" }],
  });
  sandbox.setState("shop-production", recording.state);
}

const backend = (sandbox: Sandbox): string => `terraform {
  backend "remote" {
    hostname     = "${sandbox.hostname}"
    organization = "${sandbox.organization}"
    workspaces { name = "shop-production" }
  }
}
`;

async function runJob(sandbox: Sandbox, repository: Repository, log: LiveLog): Promise<ActionResult> {
  const { directory, base, head, merge } = repository;
  const pull = sandbox.github.pull({ title, headSha: head, baseSha: base, mergeCommitSha: merge });
  const payload = {
    action: "synchronize",
    number: pull.number,
    pull_request: pullDocument(pull),
    repository: { full_name: pull.repository, name: "infra", owner: { login: "acme" } },
    sender: { login: "mona" },
  };
  const step = {
    sandbox,
    workspace: directory,
    event: { name: "pull_request", payload },
    inputs: { command: "plan", "working-directory": "infra", token: sandbox.token },
    env: { GITHUB_SHA: merge, GITHUB_HEAD_REF: "change", GITHUB_BASE_REF: "main" },
    onStdout: log.write,
  };
  const result = await runAction({ ...step, entry: "main" });
  const post = await runAction({ ...step, entry: "post", state: result.state, temp: result.temp });
  if (result.stderr + post.stderr !== "") print(result.stderr + post.stderr);
  return post.exitCode === 0 ? result : { ...result, exitCode: post.exitCode };
}

function leave(sandbox: Sandbox, result: ActionResult, log: LiveLog): void {
  const comment = sandbox.github.comments().at(-1)?.body ?? "";
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const files = {
    "comment.md": comment,
    "comment.html": commentPage({ title, number: 1 }, comment),
    "summary.md": result.summary,
    "summary.html": summaryPage("plan", result.summary),
    "job.log": log.text(),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(out, name), content);
  print(`\nThe pull request's comment:  ${path.join(out, "comment.html")}`);
  print(`The job's summary:           ${path.join(out, "summary.html")}`);
  print(`As Markdown, and the log:    ${path.join(out, "comment.md")}, summary.md, job.log`);
}

async function demo(): Promise<void> {
  const sandbox = await startSandbox();
  try {
    prepareWorkspace(sandbox);
    print(`TFE server  ${sandbox.url}  (runs by ${sandbox.engineName})`);
    print(`GitHub API  ${sandbox.github.url}\n`);
    const log = liveLog(print, process.stdout.isTTY);
    const result = await runJob(sandbox, makeRepository(backend(sandbox)), log);
    leave(sandbox, result, log);
    const seconds = (result.durationMs / 1000).toFixed(1);
    print(
      `\nexit code ${result.exitCode}, status ${result.outputs["status"]}, ${seconds} s, ${sandbox.requests.length} requests`,
    );
    process.exitCode = result.exitCode ?? 1;
  } finally {
    await sandbox.close();
  }
}

if (existsSync(path.join(root, "dist/main/index.js"))) await demo();
else {
  print("dist/ is not built: npm run build");
  process.exitCode = 1;
}
