import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type User = { login: string; id: number; type: "Bot" | "User" };
export type StoredComment = { id: number; user: User; body: string; app?: string; minimized: boolean };
export type Seen = {
  method: string;
  path: string;
  body: unknown;
  authorization: string | undefined;
  at: number;
};

/** What to do with a request instead of answering it by the rules. `process` carries it out first. */
export type Fault = {
  method: string;
  path: RegExp;
  times: number;
  process?: boolean;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** What somebody else does at that moment. */
  meanwhile?: () => void;
  /** Close the connection without an answer. */
  reset?: boolean;
};

export type World = {
  url: string;
  /** Who the token is. */
  viewer: User;
  app: string | undefined;
  /** The job's permission for pull requests. */
  permission: "write" | "read" | "none";
  locked: boolean;
  graphqlWorks: boolean;
  comments: StoredComment[];
  /** Commit → its pull requests, as the API shows them. */
  commitPulls: Map<string, unknown[]>;
  seen: Seen[];
  faults: Fault[];
  close: () => Promise<void>;
};

export const ACTIONS_BOT: User = { login: "github-actions[bot]", id: 41_898_282, type: "Bot" };
export const TOKEN = "ghs_verySecretToken";
const LONGEST_BODY = 65_536;
const DENIED = {
  message: "Resource not accessible by integration",
  documentation_url: "https://docs.github.com/rest",
};

/** A GitHub API on loopback that enforces the rules this action depends on, as docs.github.com states them. */
export async function startGitHub(settings: Partial<World> = {}): Promise<World> {
  const world: World = {
    url: "",
    viewer: ACTIONS_BOT,
    app: "github-actions",
    permission: "write",
    locked: false,
    graphqlWorks: true,
    comments: [],
    commitPulls: new Map(),
    seen: [],
    faults: [],
    close: async () => {},
    ...settings,
  };
  const server = createServer((request, response) => void serve(world, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  world.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  world.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return world;
}

export function addComment(world: World, parts: Partial<StoredComment> & { body: string }): StoredComment {
  const id = 1000 + world.comments.length;
  const comment = { id, user: ACTIONS_BOT, minimized: false, ...parts };
  world.comments.push(comment);
  return comment;
}

async function serve(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const seen: Seen = {
    method: request.method ?? "",
    path: request.url ?? "",
    body: text === "" ? undefined : JSON.parse(text),
    authorization: request.headers.authorization,
    at: Date.now(),
  };
  world.seen.push(seen);
  const fault = world.faults.find((f) => f.times > 0 && f.method === seen.method && f.path.test(seen.path));
  if (fault === undefined) return reply(response, answerOf(world, seen));
  fault.times -= 1;
  fault.meanwhile?.();
  if (fault.process) answerOf(world, seen);
  if (fault.reset) return void request.socket.destroy();
  response.writeHead(fault.status ?? 500, { "content-type": "application/json", ...fault.headers });
  response.end(fault.body ?? '{"message":"Server Error"}');
}

type Reply = { status: number; body: unknown; link?: string };

function reply(response: ServerResponse, { status, body, link }: Reply): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...(link && { link }) });
  response.end(JSON.stringify(body));
}

function answerOf(world: World, seen: Seen): Reply {
  if (seen.authorization !== `token ${TOKEN}`) return { status: 401, body: { message: "Bad credentials" } };
  const url = new URL(seen.path, world.url);
  if (url.pathname === "/graphql")
    return graphql(world, seen.body as { query: string; variables: Record<string, unknown> });
  const list = /^\/repos\/acme\/infra\/issues\/7\/comments$/.test(url.pathname);
  const one = /^\/repos\/acme\/infra\/issues\/comments\/(\d+)$/.exec(url.pathname)?.[1];
  if (list && seen.method === "GET") return listPage(world, url);
  if (list && seen.method === "POST") return write(world, seen, undefined);
  if (one !== undefined && seen.method === "PATCH") return write(world, seen, Number(one));
  const commit = /^\/repos\/acme\/infra\/commits\/([^/]+)\/pulls$/.exec(url.pathname)?.[1];
  if (commit !== undefined && seen.method === "GET") return pullsOfCommit(world, url, commit);
  if (url.pathname === "/repos/acme/infra/pulls/7") return { status: 200, body: PULL };
  return { status: 404, body: { message: "Not Found" } };
}

const PULL = {
  number: 7,
  head: { sha: "h".repeat(40), repo: { full_name: "stranger/infra" } },
  base: { sha: "b".repeat(40), repo: { full_name: "acme/infra" } },
};

function listPage(world: World, url: URL): Reply {
  return world.permission === "none"
    ? { status: 403, body: DENIED }
    : pageOf(world, url, world.comments.map(shown));
}

function pullsOfCommit(world: World, url: URL, commit: string): Reply {
  const pulls = world.commitPulls.get(commit);
  if (pulls !== undefined) return pageOf(world, url, pulls);
  return { status: 422, body: { message: `No commit found for SHA: ${commit}` } };
}

function pageOf(world: World, url: URL, all: unknown[]): Reply {
  const size = Math.min(100, Number(url.searchParams.get("per_page") ?? 30));
  const page = Number(url.searchParams.get("page") ?? 1);
  const more = page * size < all.length;
  const next = `<${world.url}${url.pathname}?per_page=${size}&page=${page + 1}>; rel="next"`;
  return { status: 200, body: all.slice((page - 1) * size, page * size), ...(more && { link: next }) };
}

function write(world: World, seen: Seen, id: number | undefined): Reply {
  const body = String((seen.body as { body?: unknown }).body);
  const comment = world.comments.find((known) => known.id === id);
  if (id !== undefined && comment === undefined) return { status: 404, body: { message: "Not Found" } };
  if (world.permission !== "write") return { status: 403, body: DENIED };
  if (world.locked)
    return { status: 403, body: { message: "Unable to create comment because issue is locked." } };
  if (body.length > LONGEST_BODY) return { status: 422, body: TOO_LONG };
  if (comment !== undefined) {
    comment.body = body;
    return { status: 200, body: shown(comment) };
  }
  const app = world.app === undefined ? {} : { app: world.app };
  return { status: 201, body: shown(addComment(world, { body, user: world.viewer, ...app })) };
}

const TOO_LONG = {
  message: "Validation Failed",
  errors: [
    {
      resource: "IssueComment",
      code: "unprocessable",
      field: "data",
      message: "Body is too long (maximum is 65536 characters)",
    },
  ],
};

function shown({ id, user, body, app }: StoredComment): object {
  return {
    id,
    node_id: `IC_${id}`,
    html_url: `https://github.com/acme/infra/pull/7#issuecomment-${id}`,
    user,
    body,
    performed_via_github_app: app === undefined ? null : { slug: app },
  };
}

function graphql(
  world: World,
  { query, variables }: { query: string; variables: Record<string, unknown> },
): Reply {
  if (!world.graphqlWorks)
    return { status: 200, body: { data: null, errors: [{ message: "Something went wrong" }] } };
  if (query.includes("viewer"))
    return {
      status: 200,
      body: { data: { viewer: { login: world.viewer.login, databaseId: world.viewer.id } } },
    };
  if (query.includes("minimizeComment")) return minimize(world, variables["id"]);
  const ids = variables["ids"] as string[];
  const nodes = ids.map((id) => ({
    id,
    isMinimized: world.comments.find((c) => `IC_${c.id}` === id)?.minimized ?? false,
  }));
  return { status: 200, body: { data: { nodes } } };
}

function minimize(world: World, nodeId: unknown): Reply {
  const comment = world.comments.find(({ id }) => `IC_${id}` === nodeId);
  if (comment === undefined || world.permission !== "write") {
    return {
      status: 200,
      body: { data: { minimizeComment: null }, errors: [{ type: "FORBIDDEN", message: DENIED.message }] },
    };
  }
  comment.minimized = true;
  return { status: 200, body: { data: { minimizeComment: { minimizedComment: { isMinimized: true } } } } };
}
