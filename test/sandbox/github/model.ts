/** Who a token belongs to. `app`: comments carry `performed_via_github_app` with this slug. */
export type GitHubUser = { login: string; id: number; type: "Bot" | "User"; app?: string };

export type Access = { user: GitHubUser; write: boolean; integration: boolean };

export type Comment = {
  id: number;
  repository: string;
  issue: number;
  body: string;
  user: GitHubUser;
  createdAt: string;
  updatedAt: string;
  /** Reason in capitals, e.g. `OUTDATED`; undefined: shown. */
  minimized: string | undefined;
  /** Who edited it last. */
  editedBy: string | undefined;
};

export type Pull = {
  repository: string;
  number: number;
  state: "open" | "closed";
  merged: boolean;
  /** ISO 8601; of the opening, which is not told where it is absent. */
  createdAt?: string;
  mergedAt: string | null;
  title: string;
  headSha: string;
  headRef: string;
  /** `owner/name` the head is in: another one for a fork. */
  headRepository: string;
  baseRef: string;
  baseSha: string;
  mergeCommitSha: string | null;
  /** Comments are refused. */
  locked: boolean;
  author: string;
};

/** A run of a workflow; times are ISO 8601. */
export type WorkflowRun = {
  repository: string;
  id: number;
  attempt: number;
  status: "queued" | "in_progress" | "completed";
  createdAt: string;
  updatedAt: string;
};

export type GitHubSettings = {
  /** The job has the permission `actions: read`. */
  actionsReadable: boolean;
  /** Content writes before 403 with the secondary limit's message; `undefined`: none. */
  secondaryLimitAfter: number | undefined;
  /** `retry-after` of that answer in seconds; `undefined`: no such header. */
  retryAfter: number | undefined;
  /** Requests left before 403 with the primary limit's message. */
  remaining: number;
};

/** All that the GitHub API server knows. */
export type GitHubWorld = {
  access: Map<string, Access>;
  comments: Comment[];
  pulls: Pull[];
  workflowRuns: WorkflowRun[];
  /** Commit → numbers of its pull requests. */
  commits: Map<string, { repository: string; number: number }[]>;
  settings: GitHubSettings;
  origin: string;
  writes: number;
  nextId: number;
};

export const users = {
  /** Author of everything made with a job's GITHUB_TOKEN. */
  bot: { login: "github-actions[bot]", id: 41898282, type: "Bot", app: "github-actions" },
  mona: { login: "mona", id: 1001, type: "User" },
  mallory: { login: "mallory", id: 1002, type: "User" },
  app: { login: "acme-infra[bot]", id: 1003, type: "Bot", app: "acme-infra" },
} as const satisfies Record<string, GitHubUser>;

export const tokens = {
  /** GITHUB_TOKEN with `pull-requests: write`. */
  bot: "ghs_sandboxBot",
  /** GITHUB_TOKEN of a fork's pull request, or without the permission. */
  readonly: "ghs_sandboxReadOnly",
  /** A personal token. */
  mona: "ghp_sandboxMona",
  mallory: "ghp_sandboxMallory",
  /** Token of an app's installation. */
  app: "ghs_sandboxApp",
} as const;

/** Longest body of a comment, in characters. */
export const longestBody = 65_536;
