import type { GitHubClient } from "./client.ts";
import { repositoryPath } from "./find-comments.ts";
import { isObject } from "./shape.ts";

/** A workflow's run as GitHub tells it; times are milliseconds since the epoch, NaN where they are not told. */
export type WorkflowRun = { status: string; createdAt: number; updatedAt: number };

/** `GET /repos/{owner}/{repo}/actions/runs/{id}`. Never throws; `problem` says why it is not known. */
export async function readWorkflowRun(
  client: GitHubClient,
  repository: { owner: string; repo: string },
  id: string,
): Promise<WorkflowRun | { problem: string }> {
  const path = `${repositoryPath(repository)}/actions/runs/${encodeURIComponent(id)}`;
  const { status, message, data } = await client.request({ method: "GET", path });
  if (status === 403)
    return { problem: `GitHub answers 403 ${message}: give the job the permission actions: read` };
  if (status !== 200) return { problem: `GitHub answers ${status} ${message}`.trim() };
  if (!isObject(data) || String(data["id"]) !== id || typeof data["status"] !== "string")
    return { problem: "GitHub does not tell it as documented" };
  const time = (name: string) => Date.parse(String(data[name]));
  return { status: data["status"], createdAt: time("created_at"), updatedAt: time("updated_at") };
}
