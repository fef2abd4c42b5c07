import type { JsonValue } from "../../../src/json.ts";
import { type Exchange, param, type Reply, text } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { settle } from "../runs/lifecycle.ts";
import type { PolicyCheck, Run, TaskStage, World } from "../world.ts";
import { answer, document, notFound, problem, type Resource, toMany } from "./json-api.ts";
import { requireRole, roleOf } from "./rights.ts";

/** Cost estimates, policy checks, task stages and policy evaluations; no other server than HCP Terraform has them. */
export function checkRoutes(world: World): Routes {
  if (!world.profile.policies) return {};
  const api = world.profile.apiPath;
  return {
    [`GET ${api}cost-estimates/:id`]: (exchange) => costEstimate(world, exchange),
    [`GET ${api}policy-checks/:id`]: (exchange) => {
      const role = roleOf(world, exchange);
      return document(200, policyDocument(policyCheck(world, exchange).check, role === "owner"));
    },
    [`GET ${api}policy-checks/:id/output`]: (exchange) => {
      roleOf(world, exchange);
      return text(200, policyCheck(world, exchange).check.spec.output);
    },
    [`POST ${api}policy-checks/:id/actions/override`]: (exchange) => overrideCheck(world, exchange),
    [`GET ${api}task-stages/:id`]: (exchange) => taskStage(world, exchange),
    [`POST ${api}task-stages/:id/actions/override`]: (exchange) => overrideStage(world, exchange),
    [`GET ${api}policy-evaluations/:id/policy-set-outcomes`]: (exchange) => outcomes(world, exchange),
  };
}

function costEstimate(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const estimate = world.runs
    .map((run) => run.costEstimate)
    .find((found) => found?.id === param(exchange, "id"));
  if (estimate === undefined) throw notFound();
  const { spec, status } = estimate;
  const done = status === "finished";
  return document(200, {
    id: estimate.id,
    type: "cost-estimates",
    attributes: {
      status,
      "error-message": spec.error ?? null,
      "prior-monthly-cost": done ? (spec.prior ?? "0.0") : null,
      "proposed-monthly-cost": done ? (spec.proposed ?? "0.0") : null,
      "delta-monthly-cost": done ? (spec.delta ?? "0.0") : null,
      "matched-resources-count": spec.matched ?? 0,
      "resources-count": spec.total ?? 0,
      "unmatched-resources-count": (spec.total ?? 0) - (spec.matched ?? 0),
    },
  });
}

function policyCheck(world: World, exchange: Exchange): { run: Run; check: PolicyCheck } {
  const id = param(exchange, "id");
  for (const run of world.runs) {
    const check = run.policyChecks.find((candidate) => candidate.id === id);
    if (check !== undefined) return { run, check };
  }
  throw notFound();
}

function policyDocument(check: PolicyCheck, mayOverride: boolean): Resource {
  const soft = check.status === "soft_failed";
  const failed = soft || check.status === "hard_failed";
  const result: JsonValue = {
    result: check.status === "passed",
    passed: failed ? 0 : 1,
    "total-failed": failed ? 1 : 0,
    "soft-failed": soft ? 1 : 0,
    "hard-failed": check.status === "hard_failed" ? 1 : 0,
    "advisory-failed": 0,
    "duration-ms": 1,
    sentinel: null,
  };
  return {
    id: check.id,
    type: "policy-checks",
    attributes: {
      status: check.status,
      scope: check.spec.scope ?? "organization",
      actions: { "is-overridable": soft },
      permissions: { "can-override": mayOverride },
      result,
    },
  };
}

function overrideCheck(world: World, exchange: Exchange): Reply {
  requireRole(world, exchange, "owner");
  const { run, check } = policyCheck(world, exchange);
  if (check.status !== "soft_failed") return problem(409, "the policy check cannot be overridden");
  check.status = "overridden";
  settle(world, run);
  return document(200, policyDocument(check, true));
}

function stageOf(world: World, exchange: Exchange): { run: Run; stage: TaskStage } {
  const id = param(exchange, "id");
  for (const run of world.runs) {
    const stage = run.taskStages.find((candidate) => candidate.id === id);
    if (stage !== undefined) return { run, stage };
  }
  throw notFound();
}

function taskStage(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const { stage } = stageOf(world, exchange);
  const results = taskResults(stage);
  const evaluations = policyEvaluations(stage);
  return document(200, stageDocument(stage, results, evaluations), [...results, ...evaluations]);
}

/** A task stage as it is included in its run. */
export const includedStage = (stage: TaskStage): Resource =>
  stageDocument(stage, taskResults(stage), policyEvaluations(stage));

const stageDocument = (stage: TaskStage, results: Resource[], evaluations: Resource[]): Resource => ({
  id: stage.id,
  type: "task-stages",
  attributes: {
    stage: stage.spec.stage,
    status: stage.status,
    actions: { "is-overridable": stage.status === "awaiting_override" },
    permissions: { "can-override-policy": true },
  },
  relationships: {
    "task-results": toMany(
      "task-results",
      results.map(({ id }) => id),
    ),
    "policy-evaluations": toMany(
      "policy-evaluations",
      evaluations.map(({ id }) => id),
    ),
  },
});

const taskResults = (stage: TaskStage): Resource[] =>
  (stage.spec.tasks ?? []).map((task, index) => ({
    id: `taskrs-${stage.id.slice(3)}${index}`,
    type: "task-results",
    attributes: {
      "task-name": task.name,
      status: stage.status === "running" ? "running" : task.status,
      message: task.message,
      url: task.url ?? "",
      "workspace-task-enforcement-level": task.enforcement,
    },
  }));

const policyEvaluations = (stage: TaskStage): Resource[] =>
  (stage.spec.policies ?? []).length === 0
    ? []
    : [
        {
          id: `poleval-${stage.id.slice(3)}`,
          type: "policy-evaluations",
          attributes: { status: stage.status === "running" ? "running" : stage.status, "policy-kind": "opa" },
        },
      ];

function overrideStage(world: World, exchange: Exchange): Reply {
  requireRole(world, exchange, "owner");
  const { run, stage } = stageOf(world, exchange);
  if (stage.status !== "awaiting_override") return problem(409, "the task stage cannot be overridden");
  stage.status = "passed";
  settle(world, run);
  return document(200, stageDocument(stage, taskResults(stage), policyEvaluations(stage)));
}

function outcomes(world: World, exchange: Exchange): Reply {
  roleOf(world, exchange);
  const id = param(exchange, "id");
  const stage = world.runs
    .flatMap((run) => run.taskStages)
    .find((candidate) => `poleval-${candidate.id.slice(3)}` === id);
  if (stage === undefined) throw notFound();
  const data = (stage.spec.policies ?? []).map((set, index) => ({
    id: `psout-${stage.id.slice(3)}${index}`,
    type: "policy-set-outcomes",
    attributes: {
      "policy-set-name": set.set,
      error: set.error ?? "",
      overridable: true,
      outcomes: set.outcomes.map((outcome) => ({
        policy_name: outcome.policy,
        status: outcome.status,
        enforcement_level: outcome.enforcement,
        description: outcome.description ?? "",
        output: outcome.output === undefined ? [] : [{ print: outcome.output }],
      })),
    },
  }));
  return answer(200, { data });
}
