import type { JsonValue } from "../../src/json.ts";
import type { Profile } from "./profiles.ts";
import type { CostEstimateSpec, PolicyCheckSpec, TaskStageSpec } from "./runs/check-specs.ts";
import type { Script } from "./runs/script.ts";
import type { SignedUrls } from "./tfe/signed-urls.ts";

/** What a token may do; `organization` tokens may read, but make no runs. */
export type Role = "owner" | "write" | "plan" | "read" | "organization";

export type Organization = {
  name: string;
  /** `undefined`: the entitlement is not told. */
  operations: boolean | undefined;
};

/** Attributes of a workspace that tests set. */
export type WorkspaceAttributes = {
  executionMode: "remote" | "agent" | "local";
  workingDirectory: string;
  terraformVersion: string;
  autoApply: boolean;
  structuredRunOutput: boolean;
  vcsRepo: { identifier: string } | null;
  /** Roles of the token are overridden by these where set, e.g. `{ "can-queue-run": false }`. */
  permissions: Record<string, boolean>;
  variables: WorkspaceVariable[];
};

export type WorkspaceVariable = {
  key: string;
  value: string;
  category: "terraform" | "env";
  sensitive: boolean;
  hcl: boolean;
};

export type Workspace = WorkspaceAttributes & {
  id: string;
  organization: string;
  name: string;
  /** Who locked it by hand; `undefined`: nobody. */
  lockedBy: string | undefined;
  lockReason: string;
  /** Names of tags, and tags with values. */
  tags: string[];
  tagValues: Record<string, string>;
  projectId: string | undefined;
  states: StateVersion[];
  /** Scripts for the next runs, first come first served. */
  scripts: Script[];
  costEstimate: CostEstimateSpec | undefined;
  policyChecks: PolicyCheckSpec[];
  taskStages: TaskStageSpec[];
};

export type Project = { id: string; organization: string; name: string };

export type StateVersion = { id: string; serial: number; lineage: string; json: string; at: string };

export type ArchiveEntry = {
  path: string;
  type: string;
  mode: number;
  size: number;
  linkpath: string;
  mtime: number;
};

export type ConfigurationVersion = {
  id: string;
  workspaceId: string;
  status: "pending" | "uploaded" | "errored";
  speculative: boolean;
  provisional: boolean;
  /** What was uploaded, byte for byte. */
  archive: Buffer | undefined;
  uploads: number;
  /** Polls still answered `pending` after the upload. */
  pendingPolls: number;
  errorMessage: string | undefined;
};

export type RunAttributes = {
  message: string;
  isDestroy: boolean;
  refresh: boolean;
  refreshOnly: boolean;
  planOnly: boolean;
  autoApply: boolean;
  savePlan: boolean;
  /** `save-plan` as sent, where the server takes it and saves nothing. */
  savePlanAsked: boolean;
  allowEmptyApply: boolean;
  targetAddrs: string[];
  replaceAddrs: string[];
  variables: { key: string; value: string }[];
  terraformVersion: string;
};

export type Counts = { add: number; change: number; destroy: number; import: number };

export type Phase = {
  id: string;
  /** `started-at` and the like. */
  timestamps: Record<string, string>;
  status: "pending" | "queued" | "running" | "finished" | "errored" | "canceled" | "unreachable";
  /** The log as the server keeps it, framing included; `logLength` bytes of it are used. */
  log: Buffer;
  logLength: number;
  counts: Counts | undefined;
};

export type PolicyCheck = { id: string; spec: PolicyCheckSpec; status: string };
export type TaskStage = { id: string; spec: TaskStageSpec; status: string };

export type Run = {
  id: string;
  workspaceId: string;
  configurationVersionId: string;
  attributes: RunAttributes;
  /** The status in HCP Terraform's words, whatever the profile tells. */
  status: string;
  timestamps: Record<string, string>;
  createdAt: string;
  hasChanges: boolean;
  plan: Phase;
  apply: Phase;
  /** Output of `show -json`, and its redacted form with the provider schemas. */
  planJson: string | undefined;
  redactedJson: string | undefined;
  costEstimate: { id: string; spec: CostEstimateSpec; status: string } | undefined;
  policyChecks: PolicyCheck[];
  taskStages: TaskStage[];
  script: Script | undefined;
  /** Said with actions on it. */
  comments: string[];
  /** Interrupts the engine. */
  abort: AbortController;
  canceledAt: number | undefined;
  /** Where the engine keeps its files between plan and apply. */
  directory: string | undefined;
};

/** Behaviour that tests may change at any time. */
export type Settings = {
  /** Polls of a configuration version answered `pending` after the upload. */
  pollsUntilUploaded: number;
  /** Makes the next configuration versions `errored` with this message. */
  configurationError: string | undefined;
  signedUrlLifetimeMs: number;
  /** Signed log URLs carry a query without which they are refused (the CLI drops it, so off by default). */
  logUrlQuery: boolean;
  /** Requests a second and token before 429; `undefined`: told, not enforced. */
  rateLimit: number | undefined;
  /** Readings of run lists a minute and token before 429 (HCP Terraform: 30); `undefined`: not enforced. */
  runListsPerMinute: number | undefined;
  forceCancelAfterMs: number;
  /** Versions of the CLI that the server has, where it checks them; `undefined`: all. */
  versions: string[] | undefined;
  /** Readings of a workspace's outputs that are answered with 503 first, as a state is processed. */
  stateProcessingReads: number;
  /** Longest time a run that may start stays `pending`, in milliseconds. */
  startDelayMs: number;
};

/** All that the TFE server knows. */
export type World = {
  profile: Profile;
  settings: Settings;
  origin: string;
  /** Origin of signed URLs. */
  signedOrigin: string;
  tokens: Map<string, Role>;
  organizations: Map<string, Organization>;
  workspaces: Workspace[];
  projects: Project[];
  configurationVersions: Map<string, ConfigurationVersion>;
  runs: Run[];
  signedUrls: SignedUrls;
  /** Wakes the queue after anything that may let a run start. */
  wake: () => void;
  /** Runs a phase of a run; resolves when the engine has ended. */
  engine: Engine;
  /** Phases under way; closing waits for them. */
  engines: Set<Promise<unknown>>;
  closed: boolean;
};

export type EngineResult = {
  ok: boolean;
  hasChanges?: boolean;
  counts?: Counts | undefined;
  planJson?: JsonValue | undefined;
  redactedJson?: JsonValue | undefined;
};

/** What carries out runs: the CLI, a recording, or a script. */
export type Engine = {
  /** `terraform 1.11.4`, `recorded runs`. */
  name: string;
  plan: (job: Job) => Promise<EngineResult>;
  apply: (job: Job) => Promise<EngineResult>;
};

export type Job = {
  run: Run;
  workspace: Workspace;
  archive: Buffer;
  /** Appends to the log of the phase. */
  log: (data: string | Uint8Array) => void;
  signal: AbortSignal;
};
