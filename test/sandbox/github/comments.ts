import type { JsonValue } from "../../../src/json.ts";
import { type Exchange, json, type Reply } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { type Comment, type GitHubUser, type GitHubWorld, longestBody } from "./model.ts";
import { accessOf, bodyOf, numberOf, page, refuse, repositoryOf, writerOf } from "./replies.ts";

/** Comments of issues and pull requests. */
export function commentRoutes(world: GitHubWorld): Routes {
  const list = "/repos/:owner/:repo/issues/:issue/comments";
  const one = "/repos/:owner/:repo/issues/comments/:id";
  return {
    [`GET ${list}`]: (exchange) => listComments(world, exchange),
    [`POST ${list}`]: (exchange) => createComment(world, exchange),
    [`GET ${one}`]: (exchange) => {
      accessOf(world, exchange);
      return json(200, commentDocument(world, commentInPath(world, exchange)));
    },
    [`PATCH ${one}`]: (exchange) => editComment(world, exchange),
    [`DELETE ${one}`]: (exchange) => {
      writerOf(world, exchange);
      removeComment(world, commentInPath(world, exchange).id);
      return { status: 204 };
    },
  };
}

export const userDocument = (user: GitHubUser): JsonValue => ({
  login: user.login,
  id: user.id,
  node_id: `U_${user.id}`,
  type: user.type,
  site_admin: false,
});

function commentDocument(world: GitHubWorld, comment: Comment): JsonValue {
  const api = `${world.origin}/repos/${comment.repository}/issues`;
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${api}/comments/${comment.id}`,
    html_url: `https://github.com/${comment.repository}/pull/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${api}/${comment.issue}`,
    body: comment.body,
    user: userDocument(comment.user),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: comment.user.type === "Bot" ? "NONE" : "MEMBER",
    performed_via_github_app:
      comment.user.app === undefined ? null : { id: 15368, slug: comment.user.app, name: comment.user.app },
  };
}

/** Adds a comment in a user's name, as an answer to nothing. */
export function addComment(
  world: GitHubWorld,
  comment: { repository: string; issue: number; body: string; user: GitHubUser },
): Comment {
  const at = new Date().toISOString();
  const id = world.nextId;
  world.nextId += 1;
  const added = { ...comment, id, createdAt: at, updatedAt: at, minimized: undefined, editedBy: undefined };
  world.comments.push(added);
  return added;
}

export function removeComment(world: GitHubWorld, id: number): void {
  world.comments = world.comments.filter((comment) => comment.id !== id);
}

function issueOf(
  world: GitHubWorld,
  exchange: Exchange,
): { repository: string; issue: number; locked: boolean } {
  const repository = repositoryOf(exchange);
  const issue = numberOf(exchange, "issue");
  const pull = world.pulls.find((other) => other.repository === repository && other.number === issue);
  if (pull === undefined) throw refuse(404, "Not Found");
  return { repository, issue, locked: pull.locked };
}

function listComments(world: GitHubWorld, exchange: Exchange): Reply {
  accessOf(world, exchange);
  const { repository, issue } = issueOf(world, exchange);
  const found = world.comments.filter(
    (comment) => comment.repository === repository && comment.issue === issue,
  );
  return page(
    world,
    exchange,
    found.map((comment) => commentDocument(world, comment)),
  );
}

function createComment(world: GitHubWorld, exchange: Exchange): Reply {
  const { user } = writerOf(world, exchange);
  const { repository, issue, locked } = issueOf(world, exchange);
  if (locked && user.type === "Bot") throw refuse(403, "Unable to create comment because issue is locked.");
  const body = textOf(exchange);
  return json(201, commentDocument(world, addComment(world, { repository, issue, body, user })));
}

function editComment(world: GitHubWorld, exchange: Exchange): Reply {
  const { user } = writerOf(world, exchange);
  const comment = commentInPath(world, exchange);
  comment.body = textOf(exchange);
  comment.updatedAt = new Date().toISOString();
  comment.editedBy = user.login;
  return json(200, commentDocument(world, comment));
}

function commentInPath(world: GitHubWorld, exchange: Exchange): Comment {
  const repository = repositoryOf(exchange);
  const id = numberOf(exchange, "id");
  const comment = world.comments.find((other) => other.id === id && other.repository === repository);
  if (comment === undefined) throw refuse(404, "Not Found");
  return comment;
}

function textOf(exchange: Exchange): string {
  const { body } = bodyOf(exchange);
  const wrong = (code: string, message: string): Error =>
    refuse(422, "Validation Failed", {
      errors: [{ resource: "IssueComment", code, field: "body", message }],
    });
  if (typeof body !== "string" || body.trim() === "") throw wrong("missing_field", "Body can't be blank");
  if (body.length > longestBody) {
    throw wrong("unprocessable", `Body is too long (maximum is ${longestBody} characters)`);
  }
  return body;
}
