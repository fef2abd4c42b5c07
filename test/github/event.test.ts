import { describe, expect, test } from "vitest";
import { pullRequestOf, refusal } from "../../src/github/event.ts";
import type { JsonValue } from "../../src/json.ts";

const repository = { full_name: "acme/infra" };
const pull = (head: JsonValue): JsonValue => ({
  number: 7,
  head: { sha: "h1", repo: head },
  base: { sha: "b1", repo: repository },
});
const ours = { full_name: "ACME/infra" };
const theirs = { full_name: "stranger/infra" };
const run = (parts: { [key: string]: JsonValue }): JsonValue => ({
  workflow_run: {
    head_sha: "h1",
    head_repository: ours,
    repository,
    pull_requests: [{ number: 7, base: { sha: "b1" } }],
    ...parts,
  },
  repository,
});
const comment = (isPull: boolean): JsonValue => ({
  issue: { number: 7, ...(isPull && { pull_request: { url: "u" } }) },
  repository,
});
const group = (ref: string): JsonValue => ({
  merge_group: { head_ref: ref, head_sha: "g1", base_sha: "b1" },
  repository,
});

const ofOurs = {
  number: 7,
  headSha: "h1",
  baseSha: "b1",
  headRepository: "ACME/infra",
  baseRepository: "acme/infra",
  fork: false,
};
const ofTheirs = { ...ofOurs, headRepository: "stranger/infra", fork: true };

describe("the pull request of an event", () => {
  test.each<[string, JsonValue, object | undefined]>([
    ["pull_request", { pull_request: pull(ours), repository }, ofOurs],
    ["pull_request", { pull_request: pull(theirs), repository }, ofTheirs],
    [
      "pull_request",
      { pull_request: pull(null), repository },
      { number: 7, headSha: "h1", baseSha: "b1", baseRepository: "acme/infra", fork: true },
    ],
    ["pull_request_target", { pull_request: pull(theirs), repository }, ofTheirs],
    ["pull_request_review", { pull_request: pull(ours), repository }, ofOurs],
    ["issue_comment", comment(true), { number: 7, baseRepository: "acme/infra", fork: true }],
    ["issue_comment", comment(false), undefined],
    ["workflow_run", run({}), ofOurs],
    ["workflow_run", run({ head_repository: theirs }), ofTheirs],
    ["workflow_run", run({ pull_requests: [] }), undefined],
    ["workflow_run", run({ pull_requests: [{ number: 7 }, { number: 8 }] }), undefined],
    [
      "merge_group",
      group("refs/heads/gh-readonly-queue/main/pr-12-0a1b2c"),
      {
        number: 12,
        headSha: "g1",
        baseSha: "b1",
        headRepository: "acme/infra",
        baseRepository: "acme/infra",
        fork: false,
      },
    ],
    ["merge_group", group("refs/heads/pr-12"), undefined],
    ["push", { ref: "refs/heads/main", repository }, undefined],
    ["schedule", {}, undefined],
    ["workflow_dispatch", { inputs: {}, repository }, undefined],
    ["pull_request", {}, undefined],
    ["pull_request", { pull_request: "7" }, undefined],
    ["pull_request", { pull_request: { number: "7", base: { repo: repository } } }, undefined],
    ["pull_request", null, undefined],
  ])("%s %j", (name, payload, expected) => {
    expect(pullRequestOf({ name, payload })).toEqual(expected);
  });
});

describe("privileged events with a head that is not proven to be ours are refused", () => {
  test.each<[string, JsonValue, boolean]>([
    ["pull_request_target", { pull_request: pull(theirs) }, true],
    ["pull_request_target", { pull_request: pull(null) }, true],
    ["pull_request_target", {}, true],
    ["pull_request_target", { pull_request: pull(ours) }, false],
    ["workflow_run", run({ head_repository: theirs, pull_requests: [] }), true],
    ["workflow_run", run({ head_repository: null }), true],
    ["workflow_run", {}, true],
    ["workflow_run", run({ pull_requests: [] }), false],
    ["issue_comment", comment(true), true],
    ["issue_comment", {}, true],
    ["issue_comment", comment(false), false],
    ["pull_request", { pull_request: pull(theirs) }, false],
    ["push", {}, false],
    ["merge_group", group("refs/heads/gh-readonly-queue/main/pr-12-0a1b2c"), false],
  ])("%s %j: %s", (name, payload, refused) => {
    const sentence = refusal({ name, payload });
    expect(sentence !== undefined).toBe(refused);
    if (refused) expect(sentence).toMatch(new RegExp(`The event ${name} .* nothing was uploaded`));
  });

  test("a comment on a pull request is told by what the API says of its head", () => {
    const event = { name: "issue_comment", payload: comment(true) };
    expect(
      refusal(event, { number: 7, baseRepository: "acme/infra", headRepository: "acme/infra", fork: false }),
    ).toBeUndefined();
    expect(
      refusal(event, { number: 7, baseRepository: "acme/infra", headRepository: "x/infra", fork: true }),
    ).toBeDefined();
  });

  test("what the API says does not override an event that tells the head itself", () => {
    const event = { name: "workflow_run", payload: run({ head_repository: theirs }) };
    expect(
      refusal(event, { number: 7, baseRepository: "acme/infra", headRepository: "acme/infra", fork: false }),
    ).toBeDefined();
  });
});
