import type { JsonValue } from "../json.ts";
import type { CostEstimateAnswer, PolicyCheck, PolicySetOutcome, TaskStage } from "./check-types.ts";
import type { ServerFacts } from "./server-facts.ts";
import type { WorkspaceMethods } from "./workspace-types.ts";

export type Workspace = {
  id: string;
  name: string;
  executionMode: string;
  workingDirectory: string;
  terraformVersion: string;
  autoApply: boolean;
  locked: boolean;
  /** Why and by whom, where the server tells: foreign text, and the kind (`users`, `runs`, `teams`) and id of the holder. */
  lockedReason?: string | undefined;
  lockedBy?: { kind: string; id: string } | undefined;
  vcsConnected: boolean;
  structuredRunOutput: boolean;
  currentRunId: string | undefined;
  /** Here and below `undefined`: the server does not say. */
  tagNames?: string[] | undefined;
  permissions: {
    canQueueRun: boolean | undefined;
    canUpdate: boolean | undefined;
    canQueueApply: boolean | undefined;
    canReadStateOutputs?: boolean | undefined;
  };
};

export type ConfigurationVersion = {
  id: string;
  status: string;
  /** Only in the answer to the POST. A secret. */
  uploadUrl: string | undefined;
  errorMessage: string | undefined;
};

export type RunAttributes = {
  message?: string;
  refresh?: boolean;
  "refresh-only"?: boolean;
  "is-destroy"?: boolean;
  "plan-only"?: boolean;
  "auto-apply"?: boolean;
  "save-plan"?: boolean;
  "allow-empty-apply"?: boolean;
  "terraform-version"?: string;
  "target-addrs"?: string[];
  "replace-addrs"?: string[];
  variables?: RunVariable[];
};

/** A variable of one run; `value` is an HCL expression. */
export type RunVariable = { key: string; value: string };

export type Run = {
  id: string;
  /** As the server says it, aliases of ServerFacts applied. */
  status: string;
  message: string;
  isDestroy: boolean;
  planOnly: boolean | undefined;
  autoApply: boolean | undefined;
  hasChanges: boolean | undefined;
  positionInQueue: number | undefined;
  /** Options as the server kept them, to be compared with what was asked for: some accept and ignore one. */
  refreshOnly?: boolean | undefined;
  savePlan?: boolean | undefined;
  terraformVersion?: string | undefined;
  refresh?: boolean | undefined;
  targetAddrs?: string[] | undefined;
  replaceAddrs?: string[] | undefined;
  variables?: RunVariable[] | undefined;
  /** ISO 8601. */
  createdAt?: string | undefined;
  /** The server's time of this reading, its header `Date`: whole seconds, as HTTP writes them. */
  readAt?: string | undefined;
  workspaceId: string | undefined;
  configurationVersionId: string | undefined;
  planId: string | undefined;
  applyId: string | undefined;
  costEstimateId: string | undefined;
  policyCheckIds: string[];
  taskStageIds: string[];
  actions: {
    isCancelable: boolean | undefined;
    isConfirmable: boolean | undefined;
    isDiscardable: boolean | undefined;
  };
  permissions: {
    canApply: boolean | undefined;
    canCancel: boolean | undefined;
    canDiscard: boolean | undefined;
  };
  /** Status name → time, e.g. `planned-at`. */
  statusTimestamps: Record<string, string>;
};

/** A plan or an apply of a run. */
export type Phase = {
  id: string;
  /** pending, queued, running, finished, errored, canceled, unreachable, … (go-tfe, PlanStatus and ApplyStatus). */
  status: string;
  /** A secret. */
  logReadUrl: string | undefined;
  hasChanges: boolean | undefined;
  counts: { add: number; change: number; destroy: number; import: number } | undefined;
};

/** An output of a workspace's state. `value` of a sensitive one is null, or in clear (Terrakube). */
export type StateOutput = {
  id: string;
  name: string;
  sensitive: boolean;
  /** The type as a state holds it, `"string"` or `["list", "string"]`; of some servers only `array` and the like. */
  type: JsonValue;
  value: JsonValue;
};

/** What one request for log bytes brought; `complete` is false when the connection broke after `bytes`. */
export type LogChunk = { status: number; bytes: Uint8Array; complete: boolean };

/**
 * A connected server: discovered, recognised, holding the token for one origin. Every method takes its time from the
 * signal that the server was connected (or re-bound) with, retries what may be retried (retry.ts), throws ApiError (a
 * Failure) and encodes every id it puts into a path.
 */
export type Server = WorkspaceMethods & {
  hostname: string;
  facts: ServerFacts;
  /** The same server under another signal: what an interrupted step cancels with. */
  withSignal: (signal: AbortSignal) => Server;
  close: () => Promise<void>;

  readWorkspace: (organization: string, name: string) => Promise<Workspace>;
  createConfigurationVersion: (
    workspaceId: string,
    attributes: { speculative: boolean; provisional?: boolean },
  ) => Promise<ConfigurationVersion>;
  readConfigurationVersion: (id: string) => Promise<ConfigurationVersion>;
  /**
   * Writes what a configuration version holds, a .tar.gz of at most `capBytes`, into a file (mode 0600). `undefined`:
   * there is none, or the token may not have it. The file is of use only when `saved`.
   */
  downloadConfigurationVersion: (
    id: string,
    file: string,
    capBytes: number,
  ) => Promise<"saved" | "too-large" | undefined>;
  /** One PUT, not retried here; `bytes` is the exact length of `file`. Throws ApiError, `ambiguous` where it may have arrived. */
  uploadArchive: (url: string, file: string, bytes: number) => Promise<void>;
  /** One POST, not retried after anything ambiguous: the caller looks the run up by its configuration version. */
  createRun: (workspaceId: string, configurationVersionId: string, attributes: RunAttributes) => Promise<Run>;
  readRun: (id: string) => Promise<Run>;
  /** Newest first, at most `limit` runs, plan-only ones included. */
  listRuns: (workspaceId: string, limit: number) => Promise<Run[]>;
  cancelRun: (id: string) => Promise<void>;
  /**
   * One POST, not repeated whatever happens: the caller reads the run again. `comment` is said with it, where the server
   * keeps that. ApiError, `ambiguous` where it may count.
   */
  applyRun: (id: string, comment?: string) => Promise<void>;
  discardRun: (id: string) => Promise<void>;
  readPlan: (id: string) => Promise<Phase>;
  readApply: (id: string) => Promise<Phase>;
  /** Outputs of the workspace's current state; `undefined`: there is none, or the server hides it from this token (404). */
  readStateOutputs: (workspaceId: string) => Promise<StateOutput[] | undefined>;
  /** One output with its value, also of a sensitive one. */
  readStateOutput: (id: string) => Promise<StateOutput>;
  /**
   * Writes the structured plan into a file (mode 0600) and says in which form; by default redacted, else plain.
   * `undefined`: none to be had.
   */
  savePlanJson: (
    planId: string,
    file: string,
    order?: "redacted-first" | "plain-first",
  ) => Promise<"redacted" | "plain" | undefined>;
  /** One GET of the log URL with limit and offset added, no token, no retry. Rejects only when no status line came. */
  readLog: (url: string, offset: number, limit: number) => Promise<LogChunk>;
  readCostEstimate: (id: string) => Promise<CostEstimateAnswer>;
  readPolicyCheck: (id: string) => Promise<PolicyCheck>;
  readPolicyCheckOutput: (id: string) => Promise<string>;
  readTaskStage: (id: string) => Promise<TaskStage>;
  readPolicySetOutcomes: (evaluationId: string) => Promise<PolicySetOutcome[]>;
  /** Position of the run in the organization's queue, best effort: `undefined` when not told. */
  readQueuePosition: (organization: string, runId: string) => Promise<number | undefined>;
  /** Texts of the run's comments, those said with a confirmation included. */
  listRunComments: (id: string) => Promise<string[]>;
};
