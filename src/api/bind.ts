import {
  readCostEstimate,
  readPolicyCheck,
  readPolicyCheckOutput,
  readPolicySetOutcomes,
  readTaskStage,
} from "./endpoints/checks.ts";
import { listRunComments } from "./endpoints/comments.ts";
import {
  createConfigurationVersion,
  downloadConfigurationVersion,
  readConfigurationVersion,
  uploadArchive,
} from "./endpoints/configuration-versions.ts";
import { readLog } from "./endpoints/logs.ts";
import { readQueuePosition } from "./endpoints/organizations.ts";
import { readApply, readPlan, savePlanJson } from "./endpoints/plans.ts";
import { createProject, findProject } from "./endpoints/projects.ts";
import { applyRun, cancelRun, createRun, discardRun, listRuns, readRun } from "./endpoints/runs.ts";
import { readStateOutput, readStateOutputs } from "./endpoints/state-outputs.ts";
import { addTags, readTagValues } from "./endpoints/tags.ts";
import { createWorkspace, listWorkspaces, readWorkspace } from "./endpoints/workspaces.ts";
import type { Bound } from "./session.ts";
import type { Server } from "./types.ts";

/** Every endpoint as a method, bound to one signal; `withSignal` binds the same connections to another. */
export function bindServer(bound: Bound, close: () => Promise<void>): Server {
  return {
    hostname: bound.session.hostname,
    facts: bound.facts,
    withSignal: (signal) => bindServer({ ...bound, signal }, close),
    close,
    readWorkspace: (organization, name) => readWorkspace(bound, organization, name),
    createConfigurationVersion: (workspaceId, attributes) =>
      createConfigurationVersion(bound, workspaceId, attributes),
    readConfigurationVersion: (id) => readConfigurationVersion(bound, id),
    downloadConfigurationVersion: (id, file, capBytes) =>
      downloadConfigurationVersion(bound, id, { file, capBytes }),
    uploadArchive: (url, file, bytes) => uploadArchive(bound, { url, file, bytes }),
    createRun: (workspaceId, configurationVersionId, attributes) =>
      createRun(bound, { workspaceId, configurationVersionId }, attributes),
    readRun: (id) => readRun(bound, id),
    listRuns: (workspaceId, limit) => listRuns(bound, workspaceId, limit),
    applyRun: (id, comment) => applyRun(bound, id, comment),
    cancelRun: (id) => cancelRun(bound, id),
    discardRun: (id) => discardRun(bound, id),
    readPlan: (id) => readPlan(bound, id),
    readApply: (id) => readApply(bound, id),
    readStateOutputs: (workspaceId) => readStateOutputs(bound, workspaceId),
    readStateOutput: (id) => readStateOutput(bound, id),
    savePlanJson: (planId, file, order = "redacted-first") => savePlanJson(bound, { planId, file, order }),
    readLog: (url, offset, limit) => readLog(bound, url, { offset, limit }),
    readCostEstimate: (id) => readCostEstimate(bound, id),
    readPolicyCheck: (id) => readPolicyCheck(bound, id),
    readPolicyCheckOutput: (id) => readPolicyCheckOutput(bound, id),
    readTaskStage: (id) => readTaskStage(bound, id),
    readPolicySetOutcomes: (evaluationId) => readPolicySetOutcomes(bound, evaluationId),
    readQueuePosition: (organization, runId) => readQueuePosition(bound, organization, runId),
    listRunComments: (id) => listRunComments(bound, id),
    listWorkspaces: (organization, filter) => listWorkspaces(bound, organization, filter),
    createWorkspace: (organization, workspace) => createWorkspace(bound, organization, workspace),
    addTags: (workspaceId, tags) => addTags(bound, workspaceId, tags),
    readTagValues: (workspaceId) => readTagValues(bound, workspaceId),
    findProject: (organization, name) => findProject(bound, organization, name),
    createProject: (organization, name) => createProject(bound, organization, name),
  };
}
