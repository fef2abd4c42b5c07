import type { JsonValue } from "../../../src/json.ts";
import { json, param } from "../http/exchange.ts";
import type { Routes } from "../http/router.ts";
import { userDocument } from "./comments.ts";
import type { GitHubWorld, Pull } from "./model.ts";
import { accessOf, numberOf, page, refuse, repositoryOf } from "./replies.ts";

/** Pull requests, the pull requests of a commit, and the user of a token. */
export function pullRoutes(world: GitHubWorld): Routes {
  return {
    "GET /repos/:owner/:repo/pulls/:number": (exchange) => {
      accessOf(world, exchange);
      const repository = repositoryOf(exchange);
      const number = numberOf(exchange, "number");
      const pull = world.pulls.find((other) => other.repository === repository && other.number === number);
      if (pull === undefined) throw refuse(404, "Not Found");
      return json(200, pullDocument(pull));
    },
    "GET /repos/:owner/:repo/commits/:sha/pulls": (exchange) => {
      accessOf(world, exchange);
      const repository = repositoryOf(exchange);
      const numbers = (world.commits.get(param(exchange, "sha")) ?? [])
        .filter((entry) => entry.repository === repository)
        .map(({ number }) => number);
      const pulls = world.pulls.filter(
        (pull) => pull.repository === repository && numbers.includes(pull.number),
      );
      return page(world, exchange, pulls.map(listedPull));
    },
    "GET /user": (exchange) => {
      const { user, integration } = accessOf(world, exchange);
      if (integration) throw refuse(403, "Resource not accessible by integration");
      return json(200, userDocument(user));
    },
  };
}

/** In lists `merged_at` alone tells whether it is merged. */
function listedPull(pull: Pull): { [key: string]: JsonValue } {
  const { merged: _merged, ...listed } = pullDocument(pull);
  return listed;
}

/** A pull request as the API and the event file of a workflow have it. */
export function pullDocument(pull: Pull): { [key: string]: JsonValue } {
  const side = (repository: string, ref: string, sha: string): JsonValue => ({
    ref,
    sha,
    label: `${repository.split("/")[0]}:${ref}`,
    repo: {
      full_name: repository,
      name: repository.split("/")[1] ?? "",
      fork: repository !== pull.repository,
    },
  });
  return {
    number: pull.number,
    state: pull.state,
    title: pull.title,
    locked: pull.locked,
    draft: false,
    merged: pull.merged,
    ...(pull.createdAt !== undefined && { created_at: pull.createdAt }),
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha,
    html_url: `https://github.com/${pull.repository}/pull/${pull.number}`,
    user: { login: pull.author, type: "User" },
    head: side(pull.headRepository, pull.headRef, pull.headSha),
    base: side(pull.repository, pull.baseRef, pull.baseSha),
  };
}
