import { afterEach, describe, expect, test } from "vitest";
import { type GitHubClient, openGitHub } from "../../src/github/client.ts";
import { type PublishRequest, publishComment } from "../../src/github/comments.ts";
import { findComments } from "../../src/github/find-comments.ts";
import { ownIdentity } from "../../src/github/identity.ts";
import { readPullRequest } from "../../src/github/pulls.ts";
import { ACTIONS_BOT, addComment, startGitHub, TOKEN, type World } from "./server.ts";

const MARKER = "<!-- tofu-remote:v1:abc -->";
const STRANGER = { login: "mallory", id: 666, type: "User" as const };
const urlOf = (id: number) => `https://github.com/acme/infra/pull/7#issuecomment-${id}`;
let world: World;
afterEach(() => world.close());

async function start(settings: Partial<World> = {}): Promise<void> {
  world = await startGitHub(settings);
}

type Options = { timeoutMs?: number; patienceMs?: number; token?: string };

function open(options: Options = {}): Promise<GitHubClient> {
  const addresses = { apiUrl: world.url, graphqlUrl: `${world.url}/graphql` };
  return openGitHub({ token: TOKEN, ...addresses, userAgent: "tofu-remote", ...options });
}

async function publish(request: Partial<PublishRequest> = {}, options: Options = {}) {
  return publishComment(await open(options), {
    repository: { owner: "acme", repo: "infra" },
    issue: 7,
    marker: MARKER,
    body: `${MARKER}\nnew plan`,
    mode: "update",
    hasChanges: true,
    ...request,
  });
}

const bodies = () => world.comments.map(({ body }) => body);
const posts = () =>
  world.seen.filter(({ method, path }) => method === "POST" && path.endsWith("/comments")).length;

describe("update", () => {
  test("makes the first comment, edits it from then on, and leaves it alone when nothing is new", async () => {
    await start();
    expect(await publish()).toEqual({ outcome: "created", url: urlOf(1000) });
    expect(await publish({ body: `${MARKER}\nsecond` })).toEqual({ outcome: "updated", url: urlOf(1000) });
    expect(await publish({ body: `${MARKER}\nsecond` })).toEqual({ outcome: "unchanged", url: urlOf(1000) });
    expect(bodies()).toEqual([`${MARKER}\nsecond`]);
  });

  test("finds the comment on the third page", async () => {
    await start();
    for (let i = 0; i < 230; i += 1) addComment(world, { body: `talk ${i}`, user: STRANGER });
    addComment(world, { body: `${MARKER}\nold`, app: "github-actions" });
    expect((await publish()).outcome).toBe("updated");
    expect(world.comments).toHaveLength(231);
  });

  test.each([
    ["by another author", { user: STRANGER }],
    ["by a user who took the bot's name", { user: { ...ACTIONS_BOT, id: 7, type: "User" as const } }],
    ["by the same bot through another app", { app: "someone-elses-app" }],
  ])("never edits a comment with the marker %s, and says so once", async (_, author) => {
    await start();
    addComment(world, { body: `${MARKER}\nfake plan: 0 to add`, ...author });
    addComment(world, { body: `${MARKER}\nanother fake`, ...author });
    const published = await publish();
    expect(published).toMatchObject({ outcome: "created", url: urlOf(1002) });
    expect(published.warning).toBe(
      "Comment 1000 carries the mark of this action but is by another author: it was left alone.",
    );
    expect(world.comments[0]?.body).toContain("fake plan");
  });

  test.each([` ${MARKER}\nx`, `> ${MARKER}\nx`, `text ${MARKER}`, "<!-- tofu-remote:v1:abcd -->"])(
    "does not take a body for ours that has the marker elsewhere: %s",
    async (body) => {
      await start();
      addComment(world, { body });
      expect((await publish()).outcome).toBe("created");
      expect(world.comments[0]?.body).toBe(body);
    },
  );

  test("knows its own comments where GraphQL does not tell who the token is (and on an Enterprise Server)", async () => {
    await start({ graphqlWorks: false, viewer: { ...ACTIONS_BOT, id: 3 } });
    addComment(world, { body: `${MARKER}\nold`, user: { ...ACTIONS_BOT, id: 3 } });
    expect((await publish()).outcome).toBe("updated");
  });

  test("where only the bot's name is known, a user of that name is not the bot", async () => {
    await start({ graphqlWorks: false });
    addComment(world, { body: `${MARKER}\nfake`, user: { ...ACTIONS_BOT, type: "User" } });
    expect((await publish()).outcome).toBe("created");
  });

  test("comments that were found before are not asked for again, nor is the identity", async () => {
    await start();
    addComment(world, { body: `${MARKER}\nold`, app: "github-actions" });
    const client = await open();
    await ownIdentity(client);
    const place = { repository: { owner: "acme", repo: "infra" }, issue: 7, marker: MARKER };
    const found = findComments(client, place);
    expect((await publish({ found })).outcome).toBe("updated");
    expect(world.seen.map(({ method }) => method)).toEqual(["POST", "GET", "PATCH"]);
  });

  test("works as the user of a personal token", async () => {
    const user = { login: "octo", id: 12, type: "User" as const };
    await start({ viewer: user, app: undefined });
    addComment(world, { body: `${MARKER}\nthe bot's`, user: ACTIONS_BOT });
    addComment(world, { body: `${MARKER}\nold`, user });
    expect(await publish()).toMatchObject({ outcome: "updated", url: urlOf(1001) });
  });

  test("of several comments keeps the oldest that is shown, hides the others and says so", async () => {
    await start();
    addComment(world, { body: `${MARKER}\n1`, minimized: true });
    addComment(world, { body: `${MARKER}\n2` });
    addComment(world, { body: `${MARKER}\n3` });
    const published = await publish();
    expect(published).toMatchObject({ outcome: "updated", url: urlOf(1001) });
    expect(published.warning).toContain("3 comments of this workspace were found; the oldest was kept");
    expect(bodies()).toEqual([`${MARKER}\n1`, `${MARKER}\nnew plan`, `${MARKER}\n3`]);
    expect(world.comments.map(({ minimized }) => minimized)).toEqual([true, false, true]);
  });

  test("makes a new comment when the old one is deleted in between", async () => {
    await start();
    addComment(world, { body: `${MARKER}\nold` });
    world.faults.push({ method: "PATCH", path: /./, times: 1, status: 404, body: '{"message":"Not Found"}' });
    expect(await publish()).toMatchObject({ outcome: "created", url: urlOf(1001) });
  });
});

describe("the other modes", () => {
  test("off asks nobody anything", async () => {
    await start();
    expect(await publish({ mode: "off" })).toEqual({ outcome: "skipped" });
    expect(world.seen).toEqual([]);
  });

  test("new makes a comment each time and hides the earlier ones, once", async () => {
    await start();
    for (const text of ["1", "2", "3"]) {
      expect(await publish({ mode: "new", body: `${MARKER}\n${text}` })).toMatchObject({
        outcome: "created",
      });
    }
    expect(bodies()).toEqual([`${MARKER}\n1`, `${MARKER}\n2`, `${MARKER}\n3`]);
    expect(world.comments.map(({ minimized }) => minimized)).toEqual([true, true, false]);
    const mutations = world.seen.filter(({ body }) => JSON.stringify(body ?? "").includes("minimizeComment"));
    expect(mutations).toHaveLength(2);
  });

  test("new with the same text as before still makes a comment", async () => {
    await start();
    await publish({ mode: "new" });
    await publish({ mode: "new" });
    expect(world.comments).toHaveLength(2);
  });

  test("changes-only makes no comment where nothing changes", async () => {
    await start();
    expect(await publish({ mode: "changes-only", hasChanges: false })).toEqual({ outcome: "skipped" });
    expect(await publish({ mode: "changes-only", hasChanges: true })).toMatchObject({ outcome: "created" });
  });

  test("changes-only edits an earlier comment when its changes are gone", async () => {
    await start();
    addComment(world, { body: `${MARKER}\n3 to add` });
    expect(
      await publish({ mode: "changes-only", hasChanges: false, body: `${MARKER}\nNo changes` }),
    ).toMatchObject({ outcome: "updated" });
    expect(bodies()).toEqual([`${MARKER}\nNo changes`]);
  });
});

describe("what GitHub refuses is a warning", () => {
  test.each<[string, Partial<World>, RegExp]>([
    [
      "a fork's read-only token",
      { permission: "read" },
      /\(403 Resource not accessible by integration\).*`pull-requests: write`.*fork/,
    ],
    ["no permission at all", { permission: "none" }, /403.*`pull-requests: write`/],
    [
      "a locked conversation",
      { locked: true },
      /403 Unable to create comment because issue is locked.*unlock it/,
    ],
  ])("%s", async (_, settings, warning) => {
    await start(settings);
    const published = await publish();
    expect(published.outcome).toBe("denied");
    expect(published.warning).toMatch(warning);
    expect(world.comments).toEqual([]);
  });

  test("a body that is too long", async () => {
    await start();
    const published = await publish({ body: MARKER + "x".repeat(65_537) });
    expect(published).toMatchObject({
      outcome: "denied",
      warning: expect.stringMatching(/422.*Body is too long \(maximum is 65536 characters\)/),
    });
  });

  test.each([
    [401, /github-token/],
    [404, /pull-requests: write/],
    [410, /locked or switched off/],
  ])("status %d", async (status, warning) => {
    await start();
    world.faults.push({ method: "POST", path: /comments$/, times: 9, status, body: '{"message":"No"}' });
    expect(await publish()).toMatchObject({ outcome: "denied", warning: expect.stringMatching(warning) });
  });

  test("a comment that is made although earlier ones cannot be hidden", async () => {
    await start();
    addComment(world, { body: `${MARKER}\n1` });
    const client = await openGitHub({
      token: TOKEN,
      apiUrl: world.url,
      graphqlUrl: `${world.url}/graphql`,
      userAgent: "t",
    });
    const denied = {
      ...client,
      graphql: async (query: string, variables?: Record<string, unknown>) => {
        if (query.includes("mutation")) world.permission = "read";
        return client.graphql(query, variables);
      },
    };
    const published = await publishComment(denied, {
      repository: { owner: "acme", repo: "infra" },
      issue: 7,
      marker: MARKER,
      body: `${MARKER}\n2`,
      mode: "new",
      hasChanges: true,
    });
    expect(published).toMatchObject({
      outcome: "created",
      warning: "An earlier comment could not be hidden as outdated (Resource not accessible by integration).",
    });
  });
});

describe("faults", () => {
  test.each([
    ["the answer is lost", { reset: true }],
    [
      "a gateway gives up",
      { status: 502, body: "<html>Bad Gateway</html>", headers: { "content-type": "text/html" } },
    ],
    ["the answer breaks off", { status: 201, body: '{"id": 10' }],
  ])("a comment that was made is not made twice when %s", async (_, fault) => {
    await start();
    world.faults.push({ method: "POST", path: /comments$/, times: 1, process: true, ...fault });
    expect(await publish()).toEqual({ outcome: "created", url: urlOf(1000) });
    expect(world.comments).toHaveLength(1);
    expect(posts()).toBe(1);
  });

  test("a comment that was not made is posted again", async () => {
    await start();
    world.faults.push({ method: "POST", path: /comments$/, times: 1, reset: true });
    expect(await publish()).toEqual({ outcome: "created", url: urlOf(1000) });
    expect(posts()).toBe(2);
  });

  test("a comment that another job made meanwhile is not taken for the lost one", async () => {
    await start();
    const meanwhile = () => void addComment(world, { body: `${MARKER}\nof another job` });
    world.faults.push({ method: "POST", path: /comments$/, times: 1, reset: true, meanwhile });
    expect(await publish()).toEqual({ outcome: "created", url: urlOf(1001) });
  });

  test("with mode new, an earlier comment with the same text is not taken for the lost one", async () => {
    await start();
    addComment(world, { body: `${MARKER}\nnew plan` });
    world.faults.push({ method: "POST", path: /comments$/, times: 1, reset: true });
    expect(await publish({ mode: "new" })).toEqual({ outcome: "created", url: urlOf(1001) });
  });

  test("a server that only fails ends in a warning, without the page it sent", async () => {
    await start();
    world.faults.push({
      method: "POST",
      path: /comments$/,
      times: 99,
      status: 503,
      body: "<html>Unicorn!</html>",
      headers: { "content-type": "text/html" },
    });
    expect(await publish()).toEqual({
      outcome: "failed",
      warning: "The comment on the pull request could not be written (503 an HTML page).",
    });
    expect(posts()).toBe(3);
  });

  test("reading is repeated after a 5xx", async () => {
    await start();
    world.faults.push({ method: "GET", path: /comments/, times: 1, status: 500 });
    expect((await publish()).outcome).toBe("created");
  });

  test("no comment is posted when the earlier ones cannot be listed", async () => {
    await start();
    world.faults.push({ method: "GET", path: /comments/, times: 99, status: 500 });
    expect((await publish({}, { patienceMs: 10 })).outcome).toBe("failed");
    expect(posts()).toBe(0);
  });

  test("a secondary rate limit is waited for as long as GitHub says", async () => {
    await start();
    const body = '{"message":"You have exceeded a secondary rate limit."}';
    world.faults.push({
      method: "POST",
      path: /comments$/,
      times: 1,
      status: 403,
      headers: { "retry-after": "1" },
      body,
    });
    expect((await publish()).outcome).toBe("created");
    const [first, second] = world.seen.filter(
      ({ method, path }) => method === "POST" && path.endsWith("/comments"),
    );
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test("a rate limit that lasts too long is a warning, and GitHub is not asked again", async () => {
    await start();
    const headers = {
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 3000),
    };
    world.faults.push({
      method: "GET",
      path: /comments/,
      times: 9,
      status: 403,
      headers,
      body: '{"message":"API rate limit exceeded"}',
    });
    const published = await publish();
    expect(published).toMatchObject({
      outcome: "failed",
      warning: expect.stringMatching(/API rate limit exceeded .*asks to wait \d+ s, which is too long/),
    });
    expect(world.seen.filter(({ method }) => method === "GET")).toHaveLength(1);
  });

  test("the token is in no warning, whatever GitHub echoes", async () => {
    await start();
    world.faults.push({
      method: "GET",
      path: /comments/,
      times: 9,
      status: 403,
      body: JSON.stringify({ message: `bad token ${TOKEN} at https://x.example/?sig=1` }),
    });
    const { warning } = await publish();
    expect(warning).toContain("bad token *** at");
    expect(warning).not.toContain("x.example");
  });
});

test("the pull request of a number, as the API shows it", async () => {
  await start();
  const client = await openGitHub({
    token: TOKEN,
    apiUrl: world.url,
    graphqlUrl: `${world.url}/graphql`,
    userAgent: "t",
  });
  expect(await readPullRequest(client, { owner: "acme", repo: "infra" }, 7)).toEqual({
    number: 7,
    headSha: "h".repeat(40),
    baseSha: "b".repeat(40),
    headRepository: "stranger/infra",
    baseRepository: "acme/infra",
    fork: true,
  });
  expect(await readPullRequest(client, { owner: "acme", repo: "infra" }, 8)).toBeUndefined();
});
