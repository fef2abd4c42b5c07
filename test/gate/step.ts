// The step that applies, as main gives it to the command, in a world without a runner.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, vi } from "vitest";
import { apply } from "../../src/commands/apply/apply.ts";
import type { Ending, Findings } from "../../src/commands/findings.ts";
import { endingOf } from "../../src/commands/on-server.ts";
import type { Step } from "../../src/commands/step.ts";
import { Failure } from "../../src/failure.ts";
import { readInputs } from "../../src/inputs.ts";
import { createFakeClock } from "../run/fake-clock.ts";
import { connectInProcess, gitHubInProcess } from "../sandbox/in-process.ts";
import { tokens } from "../sandbox/new-world.ts";
import { archiveOf, betweenOf, mergeSha, packTrees, type Turn, type World } from "./world.ts";

export type Applying = { inputs: Record<string, string>; tree: number; turn: Turn };

/** Prepares a test file: trees to upload, a calendar that stands still, nothing left for a post step. */
export function prepareSteps(): void {
  beforeAll(async () => {
    const state = join(mkdtempSync(join(tmpdir(), "gate-")), "state");
    writeFileSync(state, "");
    vi.stubEnv("GITHUB_STATE", state);
    await packTrees();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1) });
  });
  afterAll(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });
}

export type Applied = { end: Ending; findings: Findings };

const silent: Step["log"] = {
  line: () => undefined,
  foreign: () => undefined,
  startGroup: () => undefined,
  endGroup: () => undefined,
  mask: () => undefined,
  annotate: () => undefined,
  warning: () => undefined,
};

/** Runs `command: apply` against the world. */
export async function applyIn(world: World, { inputs, tree, turn }: Applying): Promise<Applied> {
  const controller = new AbortController();
  world.interrupt = (why = "interrupted") => controller.abort(new Failure(why, "stopped"));
  const { signal } = controller;
  const clock = createFakeClock(() => world.passing > 0);
  const between = betweenOf(world, turn);
  const token = tokens[world.kind.role];
  const server = connectInProcess(world.servers, { token, clock, signal, between });
  const github = gitHubInProcess(world.github, { token: world.github.tokens.bot, between });
  const given: Record<string, string> = {
    command: "apply",
    comment: "off",
    "queue-timeout": "5s",
    ...inputs,
  };
  const step: Step = {
    inputs: readInputs("/", (name) => given[name] ?? ""),
    context: contextOf(),
    ...{ log: silent, signal, clock, pullRequest: undefined, github: async () => github },
  };
  const target: Findings["target"] = {
    ...{ kind: "inputs", hostname: "tfe.test", organization: "acme", workspace: "demo", token },
    tokenSource: "the input token",
  };
  const findings: Findings = { target, notes: [], applying: true };
  const end = await endingOf(step, findings, async () => {
    const workspace = await server.readWorkspace("acme", "demo");
    return apply(step, { server, workspace, archive: archiveOf(tree), findings });
  });
  return { end, findings };
}

function contextOf(): Step["context"] {
  return {
    ...{ environment: {}, workspaceRoot: tmpdir(), temporaryFolder: tmpdir(), repository: "acme/infra" },
    ...{ serverUrl: "https://github.test", apiUrl: "https://github.test" },
    ...{ graphqlUrl: "https://github.test/graphql", sha: mergeSha, ref: "refs/heads/main", actor: "mona" },
    ...{ eventName: "push", event: {}, workflowRunId: "1", workflowRunAttempt: "1", userAgent: "test/1" },
  };
}
