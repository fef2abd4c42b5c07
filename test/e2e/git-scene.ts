import { rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type Files, makeRepository, type Repository } from "../git/repository.ts";
import type { ActionOptions, ActionResult } from "../sandbox/runner.ts";
import { runAction } from "../sandbox/runner.ts";
import { type Sandbox, startSandbox } from "../sandbox/server.ts";
import { applicable } from "./merge.ts";
import { backend, pullRequestEvent } from "./scene.ts";

/** A repository and what its workflow's jobs do, each in a checkout of its own; the module is in `infra`. */
export type GitScene = {
  sandbox: Sandbox;
  repository: Repository;
  /** The job on the pull request: the trial merge of this head, or a commit of one's own. */
  plan: (made: { head: string; trial: string }, given?: Given) => Promise<ActionResult>;
  /** The job on the push of this commit to main. */
  apply: (merge: string, given?: Given) => Promise<ActionResult>;
  close: () => Promise<void>;
};

/** `before`: what earlier steps of the job do to its checkout; `below`: that is a folder of the job's workspace. */
type Given = Partial<ActionOptions> & {
  depth?: number;
  number?: number;
  before?: (workspace: string) => void;
  below?: boolean;
};

/** `real`: a server instead of the sandbox, whose GitHub then stands alone; `files` name that server. */
export async function makeGitScene(
  options: Parameters<typeof startSandbox>[0],
  files: Files,
  real?: { token: string; caFile: string },
): Promise<GitScene> {
  const alone = real === undefined ? {} : { githubPlain: true };
  const sandbox = await startSandbox({ engine: "recorded", ...alone, ...options });
  const servers = real === undefined ? sandbox : { caFile: real.caFile, github: sandbox.github };
  sandbox.workspace("demo");
  const repository = makeRepository({ "infra/backend.tf": backend(sandbox.hostname), ...files });
  const run = async (ref: string, { depth = 1, before, below = false, ...given }: Given) => {
    const checkout = repository.checkout(ref, depth);
    before?.(checkout);
    const workspace = below ? dirname(checkout) : checkout;
    sandbox.script("demo", applicable());
    const inputs = {
      ...{
        "working-directory": relative(workspace, join(checkout, "infra")),
        token: real?.token ?? sandbox.token,
      },
      ...{ "github-token": sandbox.github.tokens.bot, ...given.inputs },
    };
    const main = await runAction({ sandbox: servers, workspace, ...given, inputs });
    const post = await runAction({ sandbox: servers, workspace, ...given, inputs, ...postOf(main) });
    if (post.exitCode !== 0) throw new Error(`the post step failed: ${post.stdout}`);
    rmSync(checkout, { recursive: true });
    return main;
  };
  return {
    sandbox,
    repository,
    plan: ({ head, trial }, { number = 1, ...given } = {}) => {
      sandbox.github.pull({ number, headSha: head });
      const event = pullRequestEvent();
      const text = JSON.stringify(event.payload).replaceAll("b".repeat(40), head);
      const payload = JSON.parse(text.replace('"number":1', `"number":${number}`));
      return run(trial, { event: { ...event, payload }, ...given });
    },
    apply: (merge, given = {}) =>
      run(merge, {
        event: { name: "push", payload: { ref: "refs/heads/main", after: merge } },
        ...given,
        env: { GITHUB_SHA: merge, ...given.env },
        inputs: { command: "apply", ...given.inputs },
      }),
    close: async () => {
      repository.remove();
      await sandbox.close();
    },
  };
}

function postOf({ state, temp }: ActionResult) {
  return { entry: "post" as const, state, temp };
}
