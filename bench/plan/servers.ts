import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findBinary } from "../../test/sandbox/engine/binary.ts";
import { isRecord } from "../../test/sandbox/http/exchange.ts";
import { type Sandbox, startSandbox } from "../../test/sandbox/server.ts";
import { startCounter } from "./counter.ts";

/** A server to plan on, and the sandbox whose GitHub API takes the comment. */
export type PlanServer = {
  name: string;
  hostname: string;
  organization: string;
  workspace: string;
  token: string;
  /** PEM file with every certificate that the clients have to trust. */
  caFile: string;
  github: Sandbox["github"];
  /** The server's own time for a run, from the end of the queue's wait to the end of the plan, in milliseconds. */
  ownTime: (runId: string) => Promise<number>;
  /** The hostname under which requests are counted: the server's own, or that of something in front of it. */
  countedHostname: string;
  requests: () => number;
  close: () => Promise<void>;
};

/** The server that the environment names, else the sandbox with the real CLI behind its runs; `undefined` without either. */
export async function startPlanServer(env: NodeJS.ProcessEnv): Promise<PlanServer | undefined> {
  const given = env["TFE_BENCH_HOSTNAME"];
  if (given !== undefined) return givenServer(given, env);
  return findBinary() === undefined ? undefined : sandboxServer();
}

async function sandboxServer(): Promise<PlanServer> {
  const sandbox = await startSandbox({ engine: "auto" });
  sandbox.workspace("bench");
  return {
    name: `sandbox with ${sandbox.engineName}`,
    ...{ hostname: sandbox.hostname, organization: sandbox.organization, workspace: "bench" },
    ...{ token: sandbox.token, caFile: sandbox.caFile, github: sandbox.github },
    ownTime: async (runId) => ownTime(sandbox.run(runId).timestamps),
    countedHostname: sandbox.hostname,
    requests: () => sandbox.requests.length,
    close: sandbox.close,
  };
}

async function givenServer(hostname: string, env: NodeJS.ProcessEnv): Promise<PlanServer> {
  const token = needed(env, "TFE_BENCH_TOKEN");
  const [sandbox, counter] = await Promise.all([
    startSandbox({ engine: "recorded" }),
    startCounter(hostname),
  ]);
  const trusted = [sandbox.caFile, env["NODE_EXTRA_CA_CERTS"], env["SSL_CERT_FILE"]];
  return {
    ...{ name: hostname, hostname, token, github: sandbox.github },
    organization: needed(env, "TFE_BENCH_ORGANIZATION"),
    workspace: needed(env, "TFE_BENCH_WORKSPACE"),
    caFile: oneFile(trusted, counter.certificate),
    ownTime: async (runId) => ownTime(await timestampsOf(hostname, runId, token)),
    countedHostname: counter.hostname,
    requests: () => counter.requests() + sandbox.requests.length,
    close: async () => {
      await Promise.all([counter.close(), sandbox.close()]);
    },
  };
}

/** One file with the certificates of several, and one more. */
function oneFile(files: (string | undefined)[], more: string): string {
  const known = [...new Set(files)].filter((file) => file !== undefined);
  const joined = path.join(mkdtempSync(path.join(tmpdir(), "bench-ca-")), "ca.pem");
  writeFileSync(joined, [more, ...known.map((file) => readFileSync(file, "utf8"))].join("\n"));
  return joined;
}

function needed(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new Error(`TFE_BENCH_HOSTNAME is set, ${name} is not`);
  return value;
}

/** The bench process trusts what NODE_EXTRA_CA_CERTS names, as the action does. */
async function timestampsOf(hostname: string, runId: string, token: string): Promise<Record<string, string>> {
  const url = `https://${hostname}/api/v2/runs/${runId}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const answer: unknown = await response.json();
  const data = isRecord(answer) && isRecord(answer["data"]) ? answer["data"] : {};
  const attributes = isRecord(data["attributes"]) ? data["attributes"] : {};
  const times = isRecord(attributes["status-timestamps"]) ? attributes["status-timestamps"] : {};
  return Object.fromEntries(Object.entries(times).map(([name, time]) => [name, String(time)]));
}

/** From the moment a plan's turn came until the run's last status. */
function ownTime(timestamps: Record<string, string>): number {
  const times = Object.values(timestamps).map((time) => Date.parse(time));
  const begun = Date.parse(timestamps["plan-queued-at"] ?? timestamps["planning-at"] ?? "");
  return Math.max(...times) - begun;
}
