import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Answer, ask } from "./client.ts";
import { type Sandbox, startSandbox } from "./server.ts";

let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ engine: "recorded" });
});
afterEach(() => sandbox.close());

const comments = "/repos/acme/infra/issues/1/comments";

type Request = { method?: string; token?: string | null; body?: unknown };

function github(
  path: string,
  { method = "GET", token = sandbox.github.tokens.bot, body }: Request = {},
): Promise<Answer> {
  return ask(sandbox, `${sandbox.github.url}${path}`, {
    method,
    token,
    ...(body === undefined
      ? {}
      : { body: Buffer.from(JSON.stringify(body)), headers: { "content-type": "application/json" } }),
  });
}

describe("comments", () => {
  test("made, edited and deleted in the name of the token", async () => {
    const made = await github(comments, { method: "POST", body: { body: "hello" } });
    expect(made).toMatchObject({
      status: 201,
      json: {
        body: "hello",
        user: { login: "github-actions[bot]", id: 41898282 },
        performed_via_github_app: { slug: "github-actions" },
      },
    });
    const id = sandbox.github.comments()[0]?.id ?? 0;
    const one = `/repos/acme/infra/issues/comments/${id}`;
    const byMona = { method: "PATCH", token: sandbox.github.tokens.mona, body: { body: "changed" } };
    expect(await github(one, byMona)).toMatchObject({ status: 200, json: { user: { id: 41898282 } } });
    expect(sandbox.github.comments()[0]).toMatchObject({ body: "changed", editedBy: "mona" });
    expect((await github(one, { method: "DELETE" })).status).toBe(204);
    expect((await github(one)).status).toBe(404);
  });

  test.each([
    [65_536, 201],
    [65_537, 422],
  ])("%i characters: %i", async (length, status) => {
    const answer = await github(comments, { method: "POST", body: { body: "x".repeat(length) } });
    expect(answer.status).toBe(status);
    if (status === 422)
      expect(answer.body.toString()).toContain("Body is too long (maximum is 65536 characters)");
  });

  test("are paged, at most 100 to a page, with Link", async () => {
    for (let count = 0; count < 205; count += 1)
      sandbox.github.adversary.comments("mona", `comment ${count}`);
    const first = await github(`${comments}?per_page=500`);
    expect(first.json).toHaveLength(100);
    expect(first.headers["link"]).toContain('page=2>; rel="next"');
    const last = await github(`${comments}?per_page=100&page=3`);
    expect(last.json).toHaveLength(5);
    expect(last.headers["link"]).not.toContain('rel="next"');
  });

  test.each([
    ["readonly", 403, "Resource not accessible by integration"],
    ["unknown", 401, "Bad credentials"],
    ["none", 404, "Not Found"],
  ] as const)("a token that may not: %s", async (who, status, message) => {
    const token = who === "none" ? null : who === "unknown" ? "x" : sandbox.github.tokens.readonly;
    const answer = await github(comments, { method: "POST", token, body: { body: "x" } });
    expect(answer).toMatchObject({ status, json: { message } });
  });

  test("of a pull request that is locked or is not there", async () => {
    sandbox.github.pull({ locked: true });
    expect((await github(comments, { method: "POST", body: { body: "x" } })).status).toBe(403);
    expect((await github("/repos/acme/infra/issues/2/comments")).status).toBe(404);
  });

  test("secondary and primary limits", async () => {
    Object.assign(sandbox.github.settings, { secondaryLimitAfter: 1, retryAfter: 60 });
    expect((await github(comments, { method: "POST", body: { body: "x" } })).status).toBe(201);
    const refused = await github(comments, { method: "POST", body: { body: "x" } });
    expect(refused).toMatchObject({ status: 403, headers: { "retry-after": "60" } });
    sandbox.github.settings.remaining = 0;
    expect(await github(comments)).toMatchObject({ status: 403, headers: { "x-ratelimit-remaining": "0" } });
  });
});

describe("the rest of the API", () => {
  test("pull requests, and those of a commit", async () => {
    sandbox.github.associate("abc", 1);
    expect(await github("/repos/acme/infra/pulls/1")).toMatchObject({
      json: { number: 1, head: { ref: "change" } },
    });
    expect(await github("/repos/acme/infra/commits/abc/pulls")).toMatchObject({ json: [{ number: 1 }] });
    expect(await github("/repos/acme/infra/commits/def/pulls")).toMatchObject({ json: [] });
    expect((await github("/repos/acme/infra/pulls/2")).status).toBe(404);
  });

  test.each([
    ["bot", 403, "github-actions[bot]"],
    ["mona", 200, "mona"],
  ] as const)("identity of %s", async (who, status, login) => {
    const token = sandbox.github.tokens[who];
    expect((await github("/user", { token })).status).toBe(status);
    const query = "query { viewer { login databaseId } }";
    const viewer = await github("/graphql", { method: "POST", token, body: { query } });
    expect(viewer.json).toMatchObject({ data: { viewer: { login } } });
  });

  test("minimizeComment", async () => {
    const { id } = sandbox.github.adversary.comments("bot", "old");
    const query =
      "mutation($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { clientMutationId } }";
    const minimize = (token: string): Promise<Answer> =>
      github("/graphql", { method: "POST", token, body: { query, variables: { id: `IC_${id}` } } });
    expect((await minimize(sandbox.github.tokens.readonly)).json).toMatchObject({
      errors: [{ type: "FORBIDDEN" }],
    });
    await minimize(sandbox.github.tokens.bot);
    expect(sandbox.github.comments()[0]?.minimized).toBe("OUTDATED");
  });

  test("others forge, edit and delete", async () => {
    const { adversary } = sandbox.github;
    const forged = adversary.comments("mallory", "<!-- marker -->");
    adversary.edits("mallory", forged.id, "other");
    expect(sandbox.github.comments()).toMatchObject([{ body: "other", user: { login: "mallory" } }]);
    adversary.deletes(forged.id);
    expect(sandbox.github.comments()).toEqual([]);
  });
});
