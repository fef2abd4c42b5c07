import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import type { ActionOptions } from "./runner.ts";
import type { RunnerFiles } from "./runner-files.ts";

/** The directory with action.yml and dist. */
export const projectRoot = path.resolve(import.meta.dirname, "../..");

type Places = { temp: string; workspace: string; files: RunnerFiles };

/** The environment of a step: the runner's own variables, the inputs, main's state for post, nothing of the caller's. */
export function stepEnvironment(
  options: ActionOptions,
  { temp, workspace, files }: Places,
): Record<string, string> {
  const event = options.event ?? { name: "workflow_dispatch", payload: {} };
  const eventFile = path.join(temp, "event.json");
  writeFileSync(eventFile, JSON.stringify(event.payload));
  const variables: Record<string, string | undefined> = {
    PATH: process.env["PATH"],
    HOME: temp,
    // what Windows needs to open a socket or make a temporary file at all
    SystemRoot: process.env["SystemRoot"],
    TEMP: process.env["TEMP"],
    NODE_EXTRA_CA_CERTS: options.sandbox.caFile,
    ...githubVariables(options, event.name, eventFile),
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: path.join(temp, "tools"),
    ...files,
    ...inputVariables(options),
    ...prefixed("STATE_", options.state ?? {}),
    ...options.env,
  };
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function githubVariables(options: ActionOptions, name: string, eventFile: string): Record<string, string> {
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_ACTION: "__self",
    GITHUB_ACTOR: "mona",
    GITHUB_ACTOR_ID: "1001",
    GITHUB_API_URL: options.sandbox.github.url,
    GITHUB_GRAPHQL_URL: `${options.sandbox.github.url}/graphql`,
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_REPOSITORY: "acme/infra",
    GITHUB_REPOSITORY_ID: "5001",
    GITHUB_REPOSITORY_OWNER: "acme",
    GITHUB_RUN_ID: "9001",
    GITHUB_RUN_NUMBER: "7",
    GITHUB_RUN_ATTEMPT: "1",
    GITHUB_JOB: "plan",
    GITHUB_WORKFLOW: "infra",
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: eventFile,
    GITHUB_REF: name === "pull_request" ? "refs/pull/1/merge" : "refs/heads/main",
    GITHUB_SHA: "0123456789abcdef0123456789abcdef01234567",
    RUNNER_OS: "Linux",
    RUNNER_ARCH: "X64",
    RUNNER_NAME: "sandbox",
    RUNNER_ENVIRONMENT: "github-hosted",
  };
}

const inputVariable = (name: string): string => `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`;

function inputVariables(options: ActionOptions): Record<string, string> {
  const given = { ...declaredInputs(options.sandbox.github.tokens.bot), ...options.inputs };
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [inputVariable(name), value]));
}

const prefixed = (prefix: string, values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));

/** Inputs that action.yml declares, with their defaults: the runner sets every one of them, `""` without a default. */
function declaredInputs(githubToken: string): Record<string, string> {
  const file = path.join(projectRoot, "action.yml");
  if (!existsSync(file)) return { "github-token": githubToken };
  const action: unknown = parse(readFileSync(file, "utf8"));
  const inputs = isRecord(action) && isRecord(action["inputs"]) ? action["inputs"] : {};
  return Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => {
      const value = isRecord(input) ? String(input["default"] ?? "") : "";
      return [name, value.replaceAll(/\$\{\{\s*github\.token\s*\}\}/gu, githubToken)];
    }),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
