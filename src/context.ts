import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { Failure } from "./failure.ts";
import type { JsonValue } from "./json.ts";

/** What the runner tells about the job: `GITHUB_*` and `RUNNER_*` variables and the event file. */
export type Context = {
  /** A copy of the environment, for what the ecosystem defines: `TF_*`, proxies. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the job's checkout, absolute. */
  workspaceRoot: string;
  /** Folder for files that live as long as the job, absolute. */
  temporaryFolder: string;
  /** `owner/name`, empty outside of a workflow. */
  repository: string;
  serverUrl: string;
  apiUrl: string;
  graphqlUrl: string;
  sha: string;
  /** The branch or tag that the workflow runs on, `refs/heads/main`. */
  ref: string;
  actor: string;
  eventName: string;
  /** The event's payload, `{}` when there is no file. */
  event: JsonValue;
  workflowRunId: string;
  workflowRunAttempt: string;
  userAgent: string;
};

/**
 * Reads the runner's environment. The only reader of `process.env` (inputs are read by inputs.ts through
 * @actions/core). Throws Failure when the event file is not JSON or certificate checks are switched off.
 */
export async function readContext(): Promise<Context> {
  const environment = { ...process.env };
  refuseUncheckedCertificates(environment);
  const value = (name: string, otherwise = "") => environment[name] || otherwise;
  const serverUrl = value("GITHUB_SERVER_URL", "https://github.com");
  const apiUrl = value("GITHUB_API_URL", "https://api.github.com");
  return {
    environment,
    workspaceRoot: value("GITHUB_WORKSPACE", process.cwd()),
    temporaryFolder: value("RUNNER_TEMP", tmpdir()),
    repository: value("GITHUB_REPOSITORY"),
    serverUrl,
    apiUrl,
    graphqlUrl: value("GITHUB_GRAPHQL_URL", `${apiUrl}/graphql`),
    sha: value("GITHUB_SHA"),
    ref: value("GITHUB_REF"),
    actor: value("GITHUB_ACTOR"),
    eventName: value("GITHUB_EVENT_NAME"),
    event: await readEvent(value("GITHUB_EVENT_PATH")),
    workflowRunId: value("GITHUB_RUN_ID"),
    workflowRunAttempt: value("GITHUB_RUN_ATTEMPT", "1"),
    userAgent: ["tofu-remote", value("TF_APPEND_USER_AGENT")].filter(Boolean).join(" "),
  };
}

async function readEvent(path: string): Promise<JsonValue> {
  if (path === "") return {};
  try {
    return JSON.parse(await readFile(path, "utf8")) as JsonValue;
  } catch (cause) {
    throw new Failure("internal", `The event file ${path} (GITHUB_EVENT_PATH) cannot be read as JSON.`, {
      cause,
    });
  }
}

function refuseUncheckedCertificates(environment: Record<string, string | undefined>): void {
  if (environment["NODE_TLS_REJECT_UNAUTHORIZED"] !== "0") return;
  throw new Failure(
    "input",
    "NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off, so a token could go to anybody. " +
      "Remove it; for a private certificate authority set NODE_EXTRA_CA_CERTS to its PEM file.",
  );
}
