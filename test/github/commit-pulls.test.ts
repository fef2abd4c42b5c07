import { afterEach, describe, expect, test } from "vitest";
import { type GitHubClient, openGitHub } from "../../src/github/client.ts";
import { pullRequestsOfCommit, queueRefOf } from "../../src/github/commit-pulls.ts";
import { startGitHub, TOKEN, type World } from "./server.ts";

const repository = { owner: "acme", repo: "infra" };
const commit = "c".repeat(40);
const head = "a".repeat(40);

let world: World | undefined;
afterEach(() => world?.close());

async function open(pulls: unknown[]): Promise<{ world: World; client: GitHubClient }> {
  world = await startGitHub({ commitPulls: new Map([[commit, pulls]]) });
  const client = await openGitHub({
    ...{ token: TOKEN, apiUrl: world.url, graphqlUrl: `${world.url}/graphql`, userAgent: "test" },
    ...{ timeoutMs: 2_000, patienceMs: 5_000 },
  });
  return { world, client };
}

/** As lists show a merged pull request: without `merged`. */
const pull = (number: number, more: Record<string, unknown> = {}) => ({
  number,
  state: "closed",
  merged_at: "2026-01-02T03:04:05Z",
  merge_commit_sha: commit,
  head: { ref: "change", sha: head, repo: { full_name: "acme/infra" } },
  base: { ref: "main", sha: "b".repeat(40), repo: { full_name: "acme/infra" } },
  ...more,
});

describe("pull requests of a commit", () => {
  test("as told", async () => {
    const {
      client,
      world: { seen },
    } = await open([pull(7)]);
    expect(await pullRequestsOfCommit(client, repository, commit)).toEqual({
      pulls: [
        {
          ...{ number: 7, repository: "acme/infra", baseBranch: "main", merged: true },
          ...{ mergedAt: "2026-01-02T03:04:05Z", headSha: head, headRepository: "acme/infra" },
          ...{ headBranch: "change", baseSha: "b".repeat(40), mergeSha: commit },
        },
      ],
      ...{ complete: true, problem: "" },
    });
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /repos/acme/infra/commits/${commit}/pulls?per_page=100&page=1`,
    ]);
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["open, with a trial merge", { state: "open", merged_at: null }, { merged: false, mergedAt: undefined }],
    [
      "closed without a merge",
      { merged_at: null, merge_commit_sha: null },
      { merged: false, mergeSha: undefined },
    ],
    ["opened at", { created_at: "2026-01-01T00:00:00Z" }, { openedAt: "2026-01-01T00:00:00Z" }],
    ["said to be unmerged", { merged: false }, { merged: false }],
    [
      "from a fork that is gone",
      { head: { ref: "x", sha: head, repo: null } },
      { headRepository: undefined, headSha: head },
    ],
    [
      "from a fork",
      { head: { ref: "main", sha: head, repo: { full_name: "eve/infra" } } },
      { headRepository: "eve/infra" },
    ],
    [
      "into another branch",
      { base: { ref: "dev", sha: head, repo: { full_name: "acme/infra" } } },
      { baseBranch: "dev" },
    ],
    ["of another merge (this commit is in its branch)", { merge_commit_sha: head }, { mergeSha: head }],
  ])("%s", async (_name, told, expected) => {
    const { client } = await open([pull(7, told)]);
    const { pulls, complete } = await pullRequestsOfCommit(client, repository, commit);
    expect({ pulls, complete }).toMatchObject({ pulls: [expected], complete: true });
  });

  test("none", async () => {
    const { client } = await open([]);
    expect(await pullRequestsOfCommit(client, repository, commit)).toEqual({
      pulls: [],
      complete: true,
      problem: "",
    });
  });

  test("over all pages", async () => {
    const {
      client,
      world: { seen },
    } = await open(Array.from({ length: 250 }, (_, i) => pull(i + 1)));
    const { pulls, complete } = await pullRequestsOfCommit(client, repository, commit);
    expect([pulls.map(({ number }) => number), complete]).toEqual([
      Array.from({ length: 250 }, (_, i) => i + 1),
      true,
    ]);
    expect(seen).toHaveLength(3);
  });

  test("a list that does not end", async () => {
    const {
      client,
      world: { seen },
    } = await open(Array.from({ length: 2_001 }, (_, i) => pull(i + 1)));
    expect(await pullRequestsOfCommit(client, repository, commit)).toMatchObject({ complete: false });
    expect(seen).toHaveLength(20);
  });

  test("a page that cannot be read leaves the list incomplete", async () => {
    const {
      client,
      world: { faults },
    } = await open(Array.from({ length: 150 }, (_, i) => pull(i + 1)));
    faults.push({ method: "GET", path: /page=2$/, times: 9, status: 403, body: '{"message":"Forbidden"}' });
    const { pulls, complete, problem } = await pullRequestsOfCommit(client, repository, commit);
    expect([pulls.length, complete, problem]).toEqual([100, false, "403 Forbidden"]);
  });

  test("a broken connection is repeated", async () => {
    const {
      client,
      world: { faults },
    } = await open([pull(7)]);
    faults.push({ method: "GET", path: /pulls/, times: 1, reset: true });
    expect(await pullRequestsOfCommit(client, repository, commit)).toMatchObject({
      complete: true,
      pulls: [{ number: 7 }],
    });
  });

  test("an unknown commit", async () => {
    const { client } = await open([]);
    expect(await pullRequestsOfCommit(client, repository, "d".repeat(40))).toMatchObject({
      ...{ pulls: [], complete: false, problem: expect.stringMatching(/^422 No commit found/) },
    });
  });

  test.each([
    ["no list", '{"number":7}'],
    ["what is no pull request in it", '[{"number":7},null]'],
  ])("%s is not believed", async (_name, body) => {
    const {
      client,
      world: { faults },
    } = await open([]);
    faults.push({ method: "GET", path: /pulls/, times: 1, status: 200, body });
    expect(await pullRequestsOfCommit(client, repository, commit)).toMatchObject({
      complete: false,
      pulls: [],
    });
  });
});

describe("the ref of a merge queue", () => {
  const sha = "0123456789abcdef".repeat(3).slice(0, 40);

  test.each([
    [`refs/heads/gh-readonly-queue/main/pr-12-${sha}`, { baseBranch: "main", number: 12, baseSha: sha }],
    [`gh-readonly-queue/main/pr-12-${sha}`, { baseBranch: "main", number: 12, baseSha: sha }],
    [
      `refs/heads/gh-readonly-queue/release/1.x/pr-3-${sha}`,
      { baseBranch: "release/1.x", number: 3, baseSha: sha },
    ],
    [
      `refs/heads/gh-readonly-queue/pr-1-${sha}/pr-2-${sha}`,
      { baseBranch: `pr-1-${sha}`, number: 2, baseSha: sha },
    ],
  ])("%s", (ref, expected) => {
    expect(queueRefOf(ref)).toEqual(expected);
  });

  test.each([
    "",
    "refs/heads/main",
    "refs/pull/12/merge",
    `refs/tags/gh-readonly-queue/main/pr-12-${sha}`,
    `refs/heads/x/gh-readonly-queue/main/pr-12-${sha}`,
    `refs/heads/gh-readonly-queue/main/pr-012-${sha}`,
    `refs/heads/gh-readonly-queue/main/pr-12-${sha}0`,
    `refs/heads/gh-readonly-queue//pr-12-${sha}`,
    "refs/heads/gh-readonly-queue/main/pr-12-",
  ])("not %j", (ref) => {
    expect(queueRefOf(ref)).toBeUndefined();
  });
});
