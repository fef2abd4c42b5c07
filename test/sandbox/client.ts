import { readFileSync } from "node:fs";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "tar";
import type { JsonValue } from "../../src/json.ts";
import { isRecord } from "./http/exchange.ts";
import type { Sandbox } from "./server.ts";
import { mediaType } from "./tfe/json-api.ts";

export type Answer = { status: number; headers: Record<string, string>; body: Buffer; json: unknown };

export type Ask = {
  method?: string;
  /** Default the owner's; null: none. */
  token?: string | null;
  /** A JSON:API body. */
  json?: JsonValue;
  body?: Buffer;
  headers?: Record<string, string>;
};

/** One request to either server of a sandbox, as plain as can be: no retry, no redirect. `path` may be a whole URL. */
export function ask(sandbox: Sandbox, path: string, options: Ask = {}): Promise<Answer> {
  const { token = sandbox.token, json } = options;
  const body = json === undefined ? options.body : Buffer.from(JSON.stringify(json));
  const headers = {
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    ...(json === undefined ? {} : { "content-type": mediaType }),
    ...(body === undefined ? {} : { "content-length": String(body.length) }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(path, sandbox.url),
      { method: options.method ?? "GET", headers, ca: readFileSync(sandbox.caFile), agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const received = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
          const all = Buffer.concat(chunks);
          const answer = {
            status: incoming.statusCode ?? 0,
            headers: Object.fromEntries(received),
            body: all,
          };
          resolve({ ...answer, json: parsed(all) });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** `data.id` and `data.attributes` of a JSON:API answer. */
export function dataOf(answer: Answer): { id: string; attributes: Record<string, unknown> } {
  const data = isRecord(answer.json) ? answer.json["data"] : undefined;
  if (!isRecord(data) || typeof data["id"] !== "string" || !isRecord(data["attributes"])) {
    throw new Error(`no resource in the answer ${answer.status} ${answer.body.toString("utf8")}`);
  }
  return { id: data["id"], attributes: data["attributes"] };
}

/** A tar.gz of a directory, the way a client would make it. */
export async function packed(directory: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of create({ gzip: true, cwd: directory, portable: true }, ["."])) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export type RunRequest = {
  workspace: string;
  archive: Buffer;
  speculative?: boolean;
  attributes?: { [key: string]: JsonValue };
};

/** Configuration version, upload, run: as a client does it. Gives the id of the run. */
export async function createRun(sandbox: Sandbox, wanted: RunRequest): Promise<string> {
  const { profile } = sandbox.world;
  const workspace = sandbox.workspace(wanted.workspace).id;
  const attributes = { "auto-queue-runs": false, speculative: wanted.speculative ?? false };
  const version = dataOf(
    await ask(sandbox, `${profile.apiPath}workspaces/${workspace}/configuration-versions`, {
      method: "POST",
      json: { data: { type: "configuration-versions", attributes } },
    }),
  );
  const url = String(version.attributes["upload-url"]);
  await ask(sandbox, url, { method: "PUT", token: null, body: wanted.archive });
  const made = await ask(sandbox, `${profile.apiPath}runs`, {
    method: "POST",
    json: runBody(workspace, version.id, wanted.attributes ?? {}),
  });
  return dataOf(made).id;
}

/** Body of a POST to runs. */
export const runBody = (
  workspace: string,
  version: string,
  attributes: { [key: string]: JsonValue },
): JsonValue => ({
  data: {
    type: "runs",
    attributes,
    relationships: {
      workspace: { data: { type: "workspaces", id: workspace } },
      "configuration-version": { data: { type: "configuration-versions", id: version } },
    },
  },
});

/** Waits until a run is in one of the statuses (HCP Terraform's words); throws after 20 s. */
export async function waitForStatus(sandbox: Sandbox, runId: string, ...statuses: string[]): Promise<void> {
  await eventually(
    () => statuses.includes(sandbox.run(runId).status),
    () => `run ${runId} is ${sandbox.run(runId).status}, not ${statuses.join(" or ")}`,
  );
}

/** Waits until something holds; throws after 20 s with what was waited for. */
export async function eventually(holds: () => boolean, what: string | (() => string)): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadline)
      throw new Error(`after 20 s: ${typeof what === "string" ? what : what()}`);
    await sleep(5);
  }
}
