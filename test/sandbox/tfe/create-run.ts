import type { Exchange, Reply } from "../http/exchange.ts";
import { makeRunIds } from "../ids.ts";
import { attachChecks } from "../runs/checks.ts";
import type { ConfigurationVersion, Phase, Run, RunAttributes, Workspace, World } from "../world.ts";
import { booleanOf, stringOf, stringsOf, variablesOf } from "./attributes.ts";
import { document, type Posted, posted, refuse, related } from "./json-api.ts";
import { atLeast, forbidden, roleOf } from "./rights.ts";
import { runDocument } from "./run-documents.ts";
import { workspaceById } from "./workspaces.ts";

/** `POST runs`. */
export function createRun(world: World, exchange: Exchange): Reply {
  const role = roleOf(world, exchange);
  if (!atLeast(role, "plan")) throw forbidden(world);
  const body = posted(world, exchange, "runs");
  const workspace = workspaceById(world, related(body, "workspace", "workspaces"));
  const version = world.configurationVersions.get(
    related(body, "configuration-version", "configuration-versions"),
  );
  if (version === undefined) throw refuse(404, "configuration version not found");
  if (world.profile.runNeedsUpload && version.status !== "uploaded") {
    throw refuse(422, `Configuration version ${version.id} is ${version.status}, it has to be uploaded`);
  }
  const run = newRun(world, {
    workspace,
    version,
    attributes: runAttributes(world, body, { workspace, version }),
  });
  world.runs.push(run);
  const reply = document(201, runDocument(world, run, { role, created: true }));
  world.wake();
  return reply;
}

type Parents = { workspace: Workspace; version: ConfigurationVersion };

function runAttributes(world: World, body: Posted, { workspace, version }: Parents): RunAttributes {
  const ignored = new Set(world.profile.ignoredRunAttributes);
  const flag = (name: string, fallback: boolean): boolean => {
    const given = booleanOf(body, name, fallback);
    return ignored.has(name) ? false : given;
  };
  const attributes: RunAttributes = {
    message: stringOf(body, "message", world.profile.defaultMessage),
    isDestroy: flag("is-destroy", false),
    refresh: booleanOf(body, "refresh", true),
    refreshOnly: flag("refresh-only", false),
    // OTF: an explicit plan-only beats a speculative configuration version; Terrakube knows only the latter
    planOnly: ignored.has("plan-only")
      ? version.speculative
      : booleanOf(body, "plan-only", version.speculative),
    autoApply: booleanOf(body, "auto-apply", workspace.autoApply),
    savePlan: flag("save-plan", false),
    savePlanAsked: booleanOf(body, "save-plan", false),
    allowEmptyApply: flag("allow-empty-apply", false),
    targetAddrs: stringsOf(body, "target-addrs"),
    replaceAddrs: stringsOf(body, "replace-addrs"),
    variables: ignored.has("variables") ? [] : variablesOf(body),
    terraformVersion: stringOf(body, "terraform-version", workspace.terraformVersion),
  };
  if (attributes.isDestroy && attributes.refreshOnly)
    throw refuse(422, "is-destroy and refresh-only exclude each other");
  const hasVersion = body.attributes["terraform-version"] !== undefined;
  if (world.profile.versionForPlansOnly && hasVersion && !attributes.planOnly)
    throw refuse(422, "terraform-version is only valid for plan-only runs");
  if (world.profile.destroyNeverPlanOnly && attributes.isDestroy) attributes.planOnly = false;
  return attributes;
}

const newPhase = (id: string): Phase => ({
  id,
  timestamps: { "pending-at": new Date().toISOString() },
  status: "pending",
  log: Buffer.alloc(0),
  logLength: 0,
  counts: undefined,
});

function newRun(
  world: World,
  { workspace, version, attributes }: Parents & { attributes: RunAttributes },
): Run {
  const ids = makeRunIds(world.profile, world.runs.length + 1);
  const run: Run = {
    id: ids.run,
    workspaceId: workspace.id,
    configurationVersionId: version.id,
    attributes,
    status: "pending",
    timestamps: {},
    createdAt: new Date().toISOString(),
    hasChanges: false,
    plan: newPhase(ids.plan),
    apply: newPhase(ids.apply),
    planJson: undefined,
    redactedJson: undefined,
    costEstimate: undefined,
    policyChecks: [],
    taskStages: [],
    script: workspace.scripts.shift(),
    comments: [],
    abort: new AbortController(),
    canceledAt: undefined,
    directory: undefined,
  };
  attachChecks(world, run, workspace);
  if (world.profile.costEstimateUnreadable && workspace.costEstimate !== undefined) {
    run.costEstimate = { id: ids.costEstimate, spec: workspace.costEstimate, status: "pending" };
  }
  return run;
}
