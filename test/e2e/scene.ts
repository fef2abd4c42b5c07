import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { JsonValue } from "../../src/json.ts";
import type { ActionOptions, ActionResult } from "../sandbox/runner.ts";
import { runAction, startAction } from "../sandbox/runner.ts";
import type { Script } from "../sandbox/runs/script.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";

/** A checkout with a root module in `infra`, a sandbox with the workspace `demo`, and the action to run on them. */
export type Scene = {
  sandbox: Sandbox;
  /** The job's workspace. */
  checkout: string;
  /** Runs main, then post with its state, as the runner does. */
  run: (options?: Partial<ActionOptions>) => Promise<ActionResult & { post: ActionResult }>;
  start: (options?: Partial<ActionOptions>) => ReturnType<typeof startAction>;
  post: (main: ActionResult, options?: Partial<ActionOptions>) => Promise<ActionResult>;
};

/** A pull request of the repository itself; `fork` puts its head elsewhere. */
export function pullRequestEvent(head = "acme/infra"): { name: string; payload: JsonValue } {
  const repository = (name: string) => ({ full_name: name });
  const pull = {
    number: 1,
    title: "Add a greeting",
    head: { sha: "b".repeat(40), repo: repository(head) },
    base: { sha: "a".repeat(40), repo: repository("acme/infra") },
  };
  return { name: "pull_request", payload: { pull_request: pull, repository: repository("acme/infra") } };
}

export async function makeScene(options: Parameters<typeof startSandbox>[0] = {}): Promise<Scene> {
  const sandbox = await startSandbox({ engine: "recorded", ...options });
  sandbox.workspace("demo");
  const checkout = mkdtempSync(join(tmpdir(), "checkout-"));
  write(checkout, {
    "infra/main.tf": `${backend(sandbox.hostname)}\nresource "terraform_data" "greeting" {}\n`,
  });
  const complete = (given: Partial<ActionOptions>): ActionOptions => ({
    sandbox,
    workspace: checkout,
    event: pullRequestEvent(),
    ...given,
    inputs: {
      "working-directory": "infra",
      // Saved plans have a test of their own; here plans are like those of every other server.
      "save-plan": "false",
      token: sandbox.token,
      "github-token": sandbox.github.tokens.bot,
      ...given.inputs,
    },
  });
  const post: Scene["post"] = (main, given = {}) =>
    runAction({ ...complete(given), entry: "post", state: main.state, temp: main.temp });
  return {
    sandbox,
    checkout,
    start: (given = {}) => startAction(complete(given)),
    post,
    run: async (given = {}) => {
      const main = await runAction(complete(given));
      return { ...main, post: await post(main, given) };
    },
  };
}

export function backend(hostname: string, workspaces = 'name = "demo"'): string {
  const lines = [`hostname = "${hostname}"`, 'organization = "acme"', `workspaces { ${workspaces} }`];
  return `terraform {\n  backend "remote" {\n    ${lines.join("\n    ")}\n  }\n}\n`;
}

export function write(folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** A structured plan of one object to create. */
export const ONE_TO_CREATE: JsonValue = {
  format_version: "1.2",
  resource_changes: [
    {
      address: "terraform_data.greeting",
      mode: "managed",
      type: "terraform_data",
      name: "greeting",
      provider_name: "terraform.io/builtin/terraform",
      change: {
        actions: ["create"],
        before: null,
        after: { input: "hello" },
        after_unknown: { id: true, output: true },
        before_sensitive: false,
        after_sensitive: {},
      },
    },
  ],
  output_changes: {},
};

/** Steps of a plan with this log; Terrakube throws a log away when its run ends, so the run goes on for a moment. */
export function log(lines: string[]): NonNullable<Script["plan"]> {
  return [{ log: `${lines.join("\n")}\n` }, { wait: 400 }];
}

/** A plan that creates one object, told by a text log of these lines. */
export function scripted(lines: string[], more: Partial<Script> = {}): Script {
  return {
    plan: log(lines),
    planJson: ONE_TO_CREATE,
    counts: { add: 1, change: 0, destroy: 0, import: 0 },
    ...more,
  };
}

/** Runs that are not over: what a step must never leave behind. */
export function liveRuns(sandbox: Sandbox): string[] {
  const final = [
    "planned_and_finished",
    "errored",
    "canceled",
    "discarded",
    "applied",
    "policy_soft_failed",
    "force_canceled",
  ];
  return sandbox.world.runs
    .filter(({ status }) => !final.includes(status))
    .map(({ id, status }) => `${id} ${status}`);
}

/** Everything that a step shows or leaves. */
export function everything(result: ActionResult): string {
  const printed = result.stdout.replaceAll(/^::add-mask::.*$/gm, "");
  return [
    printed,
    result.stderr,
    result.summary,
    JSON.stringify(result.outputs),
    JSON.stringify(result.state),
  ].join("\n");
}
