import type { JsonValue } from "../../../src/json.ts";
import { workspaceOf } from "../runs/lifecycle.ts";
import { waitingRuns } from "../runs/queue.ts";
import { isCancelable, isConfirmable, isDiscardable, isForceCancelable } from "../runs/status.ts";
import type { Counts, Role, Run, World } from "../world.ts";
import { type Resource, toMany, toOne } from "./json-api.ts";
import { linksOf } from "./links.ts";
import { runPermissions } from "./rights.ts";

/** A run as a reading tells it; `created`: as the answer to its POST does, which may promise more. */
export function runDocument(world: World, run: Run, view: { role: Role; created?: boolean }): Resource {
  return {
    id: run.id,
    type: "runs",
    attributes: {
      actions: actionsOf(world, run),
      "auto-apply": run.attributes.autoApply,
      "created-at": run.createdAt,
      "has-changes": run.hasChanges,
      "position-in-queue": positionInQueue(world, run),
      source: "tfe-api",
      status: world.profile.statusNames[run.status] ?? run.status,
      "status-timestamps": run.timestamps,
      "trigger-reason": "manual",
      permissions: runPermissions(world, view.role),
      ...givenAttributes(world, run, view.created ?? false),
    },
    relationships: relationshipsOf(world, run),
    ...linksOf(world, { self: `runs/${run.id}` }),
  };
}

function givenAttributes(world: World, run: Run, created: boolean): Record<string, JsonValue> {
  const { attributes } = run;
  const { messageLost } = world.profile;
  return {
    message: messageLost && !created ? "" : attributes.message,
    "is-destroy": attributes.isDestroy,
    refresh: attributes.refresh,
    "refresh-only": attributes.refreshOnly,
    "plan-only": attributes.planOnly,
    "allow-empty-apply": attributes.allowEmptyApply,
    ...addressesOf(world, {
      "target-addrs": attributes.targetAddrs,
      "replace-addrs": attributes.replaceAddrs,
    }),
    "terraform-version": attributes.terraformVersion,
    variables: world.profile.variableValuesTold
      ? attributes.variables
      : attributes.variables.map(({ key }) => ({ key })),
    ...savePlanAttribute(world, run, created),
  };
}

function addressesOf(world: World, lists: Record<string, string[]>): Record<string, string[]> {
  if (!world.profile.emptyAddressesOmitted) return lists;
  return Object.fromEntries(Object.entries(lists).filter(([, addresses]) => addresses.length > 0));
}

function savePlanAttribute(world: World, run: Run, created: boolean): Record<string, JsonValue> {
  const { ignoredRunAttributes, savePlanEchoed } = world.profile;
  if (!ignoredRunAttributes.includes("save-plan")) return { "save-plan": run.attributes.savePlan };
  return created && savePlanEchoed && run.attributes.savePlanAsked ? { "save-plan": true } : {};
}

function actionsOf(world: World, run: Run): Record<string, boolean> {
  if (world.profile.actionsAlwaysTrue) return { "is-confirmable": true, "is-discardable": true };
  return {
    "is-cancelable": isCancelable(run),
    "is-confirmable": isConfirmable(run),
    "is-discardable": isDiscardable(run),
    "is-force-cancelable": isForceCancelable(world, run),
  };
}

function relationshipsOf(world: World, run: Run): Record<string, JsonValue> {
  return {
    workspace: toOne("workspaces", run.workspaceId),
    "configuration-version": toOne("configuration-versions", run.configurationVersionId),
    plan: toOne("plans", run.plan.id),
    apply: toOne("applies", run.apply.id),
    ...(world.profile.policies
      ? {
          "cost-estimate": toOne("cost-estimates", run.costEstimate?.id),
          "policy-checks": toMany(
            "policy-checks",
            run.policyChecks.map(({ id }) => id),
          ),
          "task-stages": toMany(
            "task-stages",
            run.taskStages.map(({ id }) => id),
          ),
        }
      : otherEstimate(run)),
  };
}

/** OTF names a cost estimate that it has no endpoint for, where the organization wants estimates. */
const otherEstimate = (run: Run): Record<string, JsonValue> =>
  run.costEstimate === undefined ? {} : { "cost-estimate": toOne("cost-estimates", run.costEstimate.id) };

/** Place in the queue of its workspace, from 0 for a run that is not waiting. */
export function positionInQueue(world: World, run: Run): number {
  if (!world.profile.positionTold) return 0;
  return waitingRuns(world, workspaceOf(world, run)).indexOf(run) + 1;
}

/** A plan. */
export function planDocument(world: World, run: Run): Resource {
  return {
    id: run.plan.id,
    type: "plans",
    attributes: {
      "has-changes": run.hasChanges,
      ...phaseAttributes(world, run, "plan"),
      ...(world.profile.countsTold && run.plan.counts !== undefined
        ? { "generated-configuration": false }
        : {}),
    },
    ...linksOf(world, { self: `plans/${run.plan.id}`, "json-output": `plans/${run.plan.id}/json-output` }),
  };
}

/** An apply. */
export const applyDocument = (world: World, run: Run): Resource => ({
  id: run.apply.id,
  type: "applies",
  attributes: phaseAttributes(world, run, "apply"),
});

function phaseAttributes(world: World, run: Run, name: "plan" | "apply"): Record<string, JsonValue> {
  const phase = run[name];
  return {
    status: phase.status,
    "status-timestamps": phase.timestamps,
    "log-read-url": logUrl(world, run, name),
    ...(world.profile.countsTold && phase.counts !== undefined ? countAttributes(phase.counts) : {}),
  };
}

const countAttributes = (counts: Counts): Record<string, JsonValue> => ({
  "resource-additions": counts.add,
  "resource-changes": counts.change,
  "resource-destructions": counts.destroy,
  "resource-imports": counts.import,
});

const logUrl = (world: World, run: Run, phase: "plan" | "apply"): string =>
  world.signedUrls.issue(
    { kind: "log", runId: run.id, phase },
    { lifetimeMs: world.settings.signedUrlLifetimeMs, query: world.settings.logUrlQuery },
  );
