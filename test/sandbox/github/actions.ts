import { json } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import type { GitHubWorld, WorkflowRun } from "./model.ts";
import { accessOf, numberOf, refuse, repositoryOf } from "./replies.ts";

/** Runs of workflows. */
export function actionsRoutes(world: GitHubWorld): Routes {
  return {
    "GET /repos/:owner/:repo/actions/runs/:id": (exchange) => {
      const { integration } = accessOf(world, exchange);
      if (integration && !world.settings.actionsReadable)
        throw refuse(403, "Resource not accessible by integration");
      const [id, repository] = [numberOf(exchange, "id"), repositoryOf(exchange)];
      const run = world.workflowRuns.find((other) => other.id === id && other.repository === repository);
      if (run === undefined) throw refuse(404, "Not Found");
      return json(200, {
        id,
        status: run.status,
        conclusion: run.status === "completed" ? "cancelled" : null,
        run_attempt: run.attempt,
        created_at: run.createdAt,
        updated_at: run.updatedAt,
      });
    },
  };
}

/** Adds a run of a workflow, or changes it. */
export function setWorkflowRun(
  world: GitHubWorld,
  id: number,
  change: Partial<WorkflowRun> = {},
): WorkflowRun {
  const known = world.workflowRuns.find((run) => run.id === id);
  const now = new Date().toISOString();
  if (known !== undefined) return Object.assign(known, { updatedAt: now, ...change });
  const made = {
    repository: "acme/infra",
    id,
    attempt: 1,
    status: "in_progress",
    createdAt: now,
    updatedAt: now,
  };
  const run: WorkflowRun = { ...made, status: "in_progress", ...change };
  world.workflowRuns.push(run);
  return run;
}
