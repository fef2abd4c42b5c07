import { ApiError } from "../../src/api/errors.ts";
import type { ServerFacts } from "../../src/api/server-facts.ts";
import type {
  ConfigurationVersion,
  LogChunk,
  Phase,
  Run,
  RunAttributes,
  Server,
} from "../../src/api/types.ts";
import type { Clock } from "../../src/run/types.ts";
import { type Counting, disturb, type Fault, rangeServer } from "./log-servers.ts";

/** What happens to a run: its status from a moment on, in milliseconds after it was made. */
export type Timeline = { at: number; status: string }[];

export type Profile = {
  facts?: Partial<ServerFacts>;
  /** Status over time of every run made here. */
  timeline?: Timeline;
  /** Further properties of a run as read. */
  run?: Partial<Run>;
  /** The log that has been written a given time after the run was made. */
  logAt?: (ms: number) => Uint8Array;
  counting?: Counting;
  plan?: Partial<Phase>;
  apply?: Partial<Phase>;
  /** Status over time of a run from its confirmation on. */
  applyTimeline?: Timeline;
  /** Statuses whose run reads with these properties. */
  reads?: Record<string, Partial<Run>>;
  /** Endpoints that refuse or misbehave: called before the request is processed. */
  before?: (request: string) => void;
  /** Called after the request was processed: the answer is lost if it throws. */
  after?: (request: string) => void;
  /** Disturbs the nth read of the log, from 0. */
  logFault?: (read: number) => { fault: Fault; n: number } | { status: number } | undefined;
  /** Cancelling takes this long, during which the run goes on and cannot be cancelled again. */
  cancelTakes?: number;
  latency?: number;
  /** From this time on nothing is answered. */
  silentFrom?: number;
};

export type FakeRun = {
  id: string;
  cv: string;
  madeAt: number;
  stoppedAs: string | undefined;
  cancelAt: number | undefined;
  confirmedAt?: number;
  comments: string[];
};
type Fake = {
  server: Server;
  runs: FakeRun[];
  versions: Map<string, ConfigurationVersion>;
  requests: { at: number; name: string }[];
  statusOf: (run: FakeRun) => string;
  makeRun: (cv?: string) => FakeRun;
};

const FINAL = [
  "applied",
  "planned_and_finished",
  "policy_soft_failed",
  "discarded",
  "errored",
  "canceled",
  "force_canceled",
];
const WAITING = ["planned", "cost_estimated", "policy_checked", "policy_override", "planned_and_saved"];
const APPLYING = ["confirmed", "apply_queued", "applying"];

export const plainFacts: ServerFacts = {
  ...{
    product: "hcp",
    apiVersion: "2.6",
    logOffsets: "bytes",
    logFramed: true,
    cancels: true,
    keepsMessage: true,
    keepsComments: true,
    ignoredRunAttributes: [],
    runVariablesWin: true,
    plansDestroys: true,
  },
  ...{ savedPlans: true, planJson: true, planJsonRedacted: true, policies: true, costEstimates: true },
  ...{ uploadsAtOnce: false, planCounts: true, lateCancelRelabels: false, statusAliases: {} },
  refusesWith500: false,
  tellsWaiting: true,
  runUrl: (...parts) => `https://${parts.join("/")}`,
};

/** A server in memory, with the state machine of a run that real servers enforce. */
export function createFakeServer(clock: Clock, profile: Profile = {}): Fake {
  const facts = { ...plainFacts, ...profile.facts };
  const runs: FakeRun[] = [];
  const versions = new Map<string, ConfigurationVersion>();
  const requests: Fake["requests"] = [];
  let logReads = 0;
  let logUrl = 0;

  const statusOf = (run: FakeRun): string => {
    const confirmed = clock.now() - (run.confirmedAt ?? Number.POSITIVE_INFINITY);
    const applying = profile.applyTimeline?.findLast((step) => step.at <= confirmed)?.status;
    if (applying !== undefined) return applying;
    if (run.cancelAt !== undefined && clock.now() >= run.cancelAt) return "canceled";
    if (run.stoppedAs !== undefined) return run.stoppedAs;
    const age = clock.now() - run.madeAt;
    return (
      (profile.timeline ?? [{ at: 0, status: "pending" }]).findLast((step) => step.at <= age)?.status ??
      "pending"
    );
  };
  const read = (run: FakeRun): Run => {
    const status = statusOf(run);
    const cancelling = run.cancelAt !== undefined;
    return {
      ...{
        id: run.id,
        status,
        message: "",
        isDestroy: false,
        planOnly: undefined,
        autoApply: false,
        hasChanges: true,
      },
      ...{
        positionInQueue: undefined,
        workspaceId: "ws-1",
        configurationVersionId: run.cv,
        planId: "plan-1",
      },
      ...{
        applyId: "apply-1",
        costEstimateId: undefined,
        policyCheckIds: [],
        taskStageIds: [],
        statusTimestamps: {},
      },
      actions: {
        isCancelable: !cancelling && !FINAL.includes(status) && !WAITING.includes(status),
        isConfirmable: WAITING.includes(status),
        isDiscardable: WAITING.includes(status),
      },
      permissions: { canApply: true, canCancel: true, canDiscard: true },
      ...profile.run,
      ...profile.reads?.[status],
    };
  };
  const find = (id: string): FakeRun => {
    const run = runs.find((one) => one.id === id);
    if (run === undefined) throw new ApiError("not-found", `GET runs/${id}: 404`, { status: 404 });
    return run;
  };
  const makeRun = (cv = "cv-1"): FakeRun => {
    const run = {
      id: `run-${runs.length + 1}`,
      cv,
      madeAt: clock.now(),
      stoppedAs: undefined,
      cancelAt: undefined,
      comments: [],
    };
    runs.push(run);
    return run;
  };

  const connect = (signal: AbortSignal | undefined): Server => {
    const request = async <T>(name: string, process: () => T): Promise<T> => {
      requests.push({ at: clock.now(), name });
      try {
        await clock.sleep(clock.now() < (profile.silentFrom ?? 1e12) ? (profile.latency ?? 1) : 1e12, signal);
      } catch (cause) {
        throw new ApiError("timeout", `${name}: aborted`, { ambiguous: true, cause });
      }
      profile.before?.(name);
      const answer = process();
      profile.after?.(name);
      return answer;
    };
    const missing = (name: string) => () =>
      request(name, (): never => {
        throw new ApiError("not-found", `${name}: 404`, { status: 404 });
      });
    const refusal = () =>
      facts.refusesWith500
        ? new ApiError("server", "500 transition not allowed", { status: 500, ambiguous: true })
        : new ApiError("server", "409 conflict", { status: 409 });
    const stop = (id: string, allowed: (run: Run) => boolean, apply: (run: FakeRun) => void): void => {
      const run = find(id);
      if (!allowed(read(run))) throw refusal();
      apply(run);
    };
    const readLog: Server["readLog"] = async (url, offset, limit): Promise<LogChunk> => {
      const nth = logReads++;
      return request("readLog", () => {
        if (url !== `https://log.test/${logUrl}?secret`)
          return { status: 403, bytes: Buffer.from("expired"), complete: true };
        const fault = profile.logFault?.(nth);
        if (fault !== undefined && "status" in fault) {
          logUrl++;
          return { status: fault.status, bytes: Buffer.from("<html>"), complete: true };
        }
        const log = profile.logAt?.(clock.now() - (runs[0]?.madeAt ?? 0)) ?? new Uint8Array();
        const whole = rangeServer(log, profile.counting ?? "bytes")(offset, limit);
        const chunk =
          fault === undefined
            ? { status: 200, bytes: whole, complete: true }
            : disturb(whole, fault.fault, fault.n);
        if (chunk === undefined) throw new ApiError("unreachable", "GET log: reset", { ambiguous: true });
        return chunk;
      });
    };
    return {
      ...{ hostname: "tfe.test", facts, withSignal: connect, close: async () => undefined, readLog },
      readWorkspace: () =>
        request("readWorkspace", () => ({
          ...{
            id: "ws-1",
            name: "web",
            executionMode: "remote",
            workingDirectory: "",
            terraformVersion: "1.9.0",
          },
          ...{
            autoApply: false,
            locked: true,
            vcsConnected: false,
            structuredRunOutput: false,
            currentRunId: "run-0",
          },
          permissions: { canQueueRun: true, canUpdate: true, canQueueApply: true },
        })),
      listWorkspaces: missing("listWorkspaces"),
      createWorkspace: missing("createWorkspace"),
      addTags: missing("addTags"),
      readTagValues: missing("readTagValues"),
      findProject: missing("findProject"),
      createProject: missing("createProject"),
      createConfigurationVersion: () =>
        request("createConfigurationVersion", () => {
          const id = `cv-${versions.size + 1}`;
          const version = {
            id,
            status: "pending",
            uploadUrl: `https://upload.test/${id}`,
            errorMessage: undefined,
          };
          versions.set(id, version);
          return version;
        }),
      readConfigurationVersion: (id) => request("readConfigurationVersion", () => known(versions.get(id))),
      uploadArchive: (url) =>
        request("uploadArchive", () => {
          const version = known(versions.get(url.slice(url.lastIndexOf("/") + 1)));
          if (version.status === "pending") version.status = "uploaded";
        }),
      createRun: (_workspace: string, cv: string, _attributes: RunAttributes) =>
        request("createRun", () => read(makeRun(cv))),
      readRun: (id) => request("readRun", () => read(find(id))),
      listRuns: (_workspace, limit) => request("listRuns", () => runs.map(read).reverse().slice(0, limit)),
      cancelRun: (id) =>
        request("cancelRun", () =>
          stop(
            id,
            (run) => run.actions.isCancelable !== false || facts.lateCancelRelabels,
            (run) => {
              run.cancelAt = clock.now() + (profile.cancelTakes ?? 0);
            },
          ),
        ),
      applyRun: (id, comment) =>
        request("applyRun", () =>
          stop(
            id,
            (run) => run.actions.isConfirmable === true,
            (run) => {
              if (comment !== undefined && facts.keepsComments) run.comments.push(comment);
              run.confirmedAt = clock.now();
              run.stoppedAs = "confirmed";
            },
          ),
        ),
      discardRun: (id) =>
        request("discardRun", () =>
          stop(
            id,
            (run) => run.actions.isDiscardable === true,
            (run) => {
              run.stoppedAs = "discarded";
            },
          ),
        ),
      readPlan: () =>
        request("readPlan", () => ({
          ...{ id: "plan-1", status: "finished", logReadUrl: `https://log.test/${logUrl}?secret` },
          ...{ hasChanges: true, counts: undefined, ...profile.plan },
        })),
      readApply: () =>
        request("readApply", () => ({
          ...{ id: "apply-1", status: "finished", logReadUrl: `https://log.test/${logUrl}?secret` },
          ...{ hasChanges: undefined, counts: undefined, ...profile.apply },
        })),
      readStateOutputs: missing("readStateOutputs"),
      readStateOutput: missing("readStateOutput"),
      downloadConfigurationVersion: () => request("downloadConfigurationVersion", () => undefined),
      savePlanJson: () => request("savePlanJson", () => undefined),
      readCostEstimate: missing("readCostEstimate"),
      readPolicyCheck: missing("readPolicyCheck"),
      readPolicyCheckOutput: missing("readPolicyCheckOutput"),
      readTaskStage: missing("readTaskStage"),
      readPolicySetOutcomes: missing("readPolicySetOutcomes"),
      readQueuePosition: () => request("readQueuePosition", () => 3),
      listRunComments: (id) => request("listRunComments", () => [...find(id).comments]),
    };
  };
  return { server: connect(undefined), runs, versions, requests, statusOf, makeRun };
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new ApiError("not-found", "404", { status: 404 });
  return value;
}

/** Whether a status is one after which nothing happens. */
export function isOver(status: string): boolean {
  return FINAL.includes(status);
}

/** The statuses of a run that is being applied. */
export const applyingStatuses = APPLYING;
