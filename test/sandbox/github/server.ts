import { type Exchange, Refusal, type Reply } from "../http/exchange.ts";
import { type ListenOptions, listen } from "../http/listener.ts";
import { type Routes, router } from "../http/router.ts";
import { actionsRoutes, setWorkflowRun } from "./actions.ts";
import { addComment, commentRoutes, removeComment } from "./comments.ts";
import { graphqlRoutes } from "./graphql.ts";
import {
  type Comment,
  type GitHubSettings,
  type GitHubWorld,
  type Pull,
  tokens,
  users,
  type WorkflowRun,
} from "./model.ts";
import { pullRoutes } from "./pulls.ts";
import { problem } from "./replies.ts";

export type GitHub = {
  /** For GITHUB_API_URL. */
  url: string;
  tokens: typeof tokens;
  users: typeof users;
  settings: GitHubSettings;
  /** Comments of a pull request of `acme/infra`, oldest first. */
  comments: (pull?: number) => Comment[];
  /** Adds or changes a pull request; number 1 of `acme/infra` is there from the start. */
  pull: (change: Partial<Pull>) => Pull;
  /** Adds or changes a run of a workflow of `acme/infra`, at work from now on unless told otherwise. */
  workflowRun: (id: number, change?: Partial<WorkflowRun>) => WorkflowRun;
  /** Merges a pull request of `acme/infra` now, as this commit. */
  merge: (sha: string, number?: number) => Pull;
  /** Makes `GET commits/:sha/pulls` answer with these pull requests of `acme/infra`. */
  associate: (sha: string, ...pulls: number[]) => void;
  /** What others do to comments, whatever the action may think of it. */
  adversary: {
    comments: (as: keyof typeof users, body: string, pull?: number) => Comment;
    edits: (as: keyof typeof users, id: number, body: string) => void;
    deletes: (id: number) => void;
  };
  close: () => Promise<void>;
};

/** Starts the part of the GitHub API that the action uses. */
export async function startGitHub(options: Omit<ListenOptions, "name" | "handle">): Promise<GitHub> {
  const { world, handle, ...github } = makeGitHub();
  const listener = await listen({ ...options, name: "github", handle });
  world.origin = listener.url;
  return { ...github, url: listener.url, close: listener.close };
}

/** The same without a socket: `handle` answers a request. */
export function makeGitHub(): Omit<GitHub, "url" | "close"> & {
  world: GitHubWorld;
  handle: (exchange: Exchange) => Promise<Reply>;
} {
  const world = makeWorld();
  const routes = {
    ...commentRoutes(world),
    ...pullRoutes(world),
    ...actionsRoutes(world),
    ...graphqlRoutes(world),
  };
  return {
    world,
    handle: api(world, routes),
    tokens,
    users,
    settings: world.settings,
    comments: (pull = 1) => world.comments.filter(({ issue }) => issue === pull),
    pull: (change) => setPull(world, change),
    workflowRun: (id, change) => setWorkflowRun(world, id, change),
    merge: (sha, number = 1) => merge(world, sha, number),
    associate: (sha, ...pulls) => associate(world, sha, pulls),
    adversary: adversary(world),
  };
}

function makeWorld(): GitHubWorld {
  const world: GitHubWorld = {
    access: new Map([
      [tokens.bot, { user: users.bot, write: true, integration: true }],
      [tokens.readonly, { user: users.bot, write: false, integration: true }],
      [tokens.mona, { user: users.mona, write: true, integration: false }],
      [tokens.mallory, { user: users.mallory, write: true, integration: false }],
      [tokens.app, { user: users.app, write: true, integration: true }],
    ]),
    comments: [],
    pulls: [],
    workflowRuns: [],
    commits: new Map(),
    settings: {
      actionsReadable: true,
      secondaryLimitAfter: undefined,
      retryAfter: undefined,
      remaining: 1000,
    },
    origin: "",
    writes: 0,
    nextId: 2_000_001,
  };
  setPull(world, {});
  return world;
}

function associate(world: GitHubWorld, sha: string, numbers: number[]): void {
  world.commits.set(
    sha,
    numbers.map((number) => ({ repository: "acme/infra", number })),
  );
}

function merge(world: GitHubWorld, sha: string, number: number): Pull {
  const before = world.commits.get(sha)?.map((entry) => entry.number) ?? [];
  associate(world, sha, [...new Set([...before, number])]);
  const mergedAt = new Date().toISOString();
  return setPull(world, { number, state: "closed", merged: true, mergedAt, mergeCommitSha: sha });
}

function setPull(world: GitHubWorld, change: Partial<Pull>): Pull {
  const repository = change.repository ?? "acme/infra";
  const number = change.number ?? 1;
  const known = world.pulls.find((pull) => pull.repository === repository && pull.number === number);
  if (known !== undefined) return Object.assign(known, change);
  const pull: Pull = {
    repository,
    number,
    state: "open",
    merged: false,
    mergedAt: null,
    title: "Change the infrastructure",
    headSha: "89abcdef0123456789abcdef0123456789abcdef",
    headRef: "change",
    headRepository: repository,
    baseRef: "main",
    baseSha: "fedcba9876543210fedcba9876543210fedcba98",
    mergeCommitSha: null,
    locked: false,
    author: "mona",
    ...change,
  };
  world.pulls.push(pull);
  return pull;
}

function adversary(world: GitHubWorld): GitHub["adversary"] {
  return {
    comments: (as, body, issue = 1) =>
      addComment(world, { repository: "acme/infra", issue, body, user: users[as] }),
    edits: (as, id, body) => {
      const comment = world.comments.find((other) => other.id === id);
      if (comment === undefined) throw new Error(`no comment ${id}`);
      Object.assign(comment, { body, editedBy: users[as].login });
    },
    deletes: (id) => removeComment(world, id),
  };
}

function api(world: GitHubWorld, routes: Routes): (exchange: Exchange) => Promise<Reply> {
  const lookup = router(routes);
  return async (exchange) => {
    world.settings.remaining -= 1;
    const reply = world.settings.remaining < 0 ? exhausted : await dispatch(lookup, exchange);
    return { ...reply, headers: { ...limitHeaders(world), ...reply.headers } };
  };
}

const exhausted: Reply = problem(403, "API rate limit exceeded for installation.");

async function dispatch(lookup: ReturnType<typeof router>, exchange: Exchange): Promise<Reply> {
  const match = lookup(exchange.method, exchange.url.pathname);
  if (match.kind !== "handler") return problem(404, "Not Found");
  try {
    return await match.handler({ ...exchange, params: match.params });
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}

const limitHeaders = (world: GitHubWorld): Record<string, string> => ({
  "x-github-media-type": "github.v3; format=json",
  "x-ratelimit-limit": "1000",
  "x-ratelimit-remaining": String(Math.max(0, world.settings.remaining)),
  "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 3600),
  "x-ratelimit-resource": "core",
});
