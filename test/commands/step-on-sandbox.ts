import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type { Step, StepResult } from "../../src/commands/step.ts";
import { readInputs } from "../../src/inputs.ts";
import { systemClock } from "../../src/run/clock.ts";
import type { Sandbox } from "../sandbox/server.ts";

export type StepOptions = {
  sandbox: Sandbox;
  workspaceRoot: string;
  inputs?: Record<string, string>;
  environment?: Record<string, string>;
};

/** A step in this process, for commands that need no runner; `log` holds what it printed, line by line. */
export function stepOnSandbox({ sandbox, workspaceRoot, inputs = {}, environment = {} }: StepOptions): {
  step: Step;
  log: string[];
} {
  trustSandbox(sandbox);
  const log: string[] = [];
  const say = (kind: string) => (text: string) =>
    void log.push(...text.split("\n").map((line) => kind + line));
  const given: Record<string, string> = { "working-directory": "infra", token: sandbox.token, ...inputs };
  const step: Step = {
    inputs: readInputs(workspaceRoot, (name) => given[name] ?? ""),
    context: {
      ...{ environment, workspaceRoot, temporaryFolder: workspaceRoot, repository: "acme/infra" },
      ...{ serverUrl: "", apiUrl: "", graphqlUrl: "", sha: "", ref: "", actor: "", userAgent: "tofu-remote" },
      ...{ eventName: "", event: {}, workflowRunId: "", workflowRunAttempt: "1" },
    },
    log: {
      line: say(""),
      foreign: (lines) => say("| ")(lines.join("\n")),
      startGroup: say("group: "),
      endGroup: () => undefined,
      mask: () => undefined,
      annotate: (severity, message) => say(`${severity}: `)(message),
      warning: say("warning: "),
    },
    signal: AbortSignal.timeout(30_000),
    clock: systemClock,
    pullRequest: undefined,
    github: async () => undefined,
  };
  return { step, log };
}

/** Makes this process trust the sandbox, as NODE_EXTRA_CA_CERTS would from the start. */
export function trustSandbox({ caFile }: Sandbox): void {
  const certificate = readFileSync(caFile, "utf8");
  const trusted = getCACertificates("default");
  if (!trusted.includes(certificate)) setDefaultCACertificates([...trusted, certificate]);
}

/** The outputs of a step; throws what it failed with. */
export async function outputsOf(result: Promise<StepResult>): Promise<StepResult["outputs"]> {
  const { outputs, failure } = await result;
  if (failure !== undefined) throw failure;
  return outputs;
}
