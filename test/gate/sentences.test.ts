// What people read when something is not applied, word by word, and rules that only several runs or odd input show.
import { describe, expect, test } from "vitest";
import { type BoundRun, bindRun, type Unbound } from "../../src/gate/bind-run.ts";
import { bindingText } from "../../src/gate/binding.ts";
import {
  beforeConfirm,
  decideByRunId,
  decideNewRun,
  decideWay,
  verifyNewRun,
} from "../../src/gate/decision.ts";
import { applyEnding } from "../../src/gate/endings.ts";
import type { Asked, Decision, RunFacts } from "../../src/gate/facts.ts";
import { contradictedFlags, differingFlags } from "../../src/gate/flags.ts";
import { mergedPullRequest, type PullRequestFacts } from "../../src/gate/pull-request.ts";
import { archiveNote, type Candidate, decideByReview } from "../../src/gate/review.ts";
import { CONFIRM_STAGES, holdUnconfirmable } from "../../src/gate/statuses.ts";
import {
  asked,
  content,
  D,
  flags,
  headSha,
  mergeSha,
  otherD,
  otherPlan,
  plan,
  plannedOnly,
  pullRequest,
  run,
} from "./facts.ts";

const strict: Asked = { ...asked, requireSameArchive: true };
const unavailable = { unavailable: "the server does not give it" };
const sentenceOf = (decision: Decision | { next: "read-again" | "confirm" } | undefined) =>
  decision !== undefined && "sentence" in decision ? decision.sentence : decision;
const candidate = (change: Partial<Candidate> = {}): Candidate => ({
  ...{ run: plannedOnly(), binding: { bound: "message" }, content, plan },
  ...change,
});
const review = (candidates: Candidate[], given = asked, complete = true) =>
  decideByReview(given, { candidates, complete });

describe("sentences", () => {
  test("of a run that waits for no confirmation, by its status", () => {
    const told = Object.keys(CONFIRM_STAGES).map((status) => sentenceOf(holdUnconfirmable(run({ status }))));
    expect([...new Set(told.map((text) => String(text).replace(/ \(status .*/, "")))]).toMatchSnapshot();
  });

  test("of one that may not be confirmed otherwise", () => {
    const changes: Partial<RunFacts>[] = [
      { planOnly: true },
      { confirmable: false },
      { autoApply: true },
      { canApply: false },
    ];
    expect(changes.map((change) => sentenceOf(holdUnconfirmable(run(change))))).toMatchSnapshot();
  });

  test("of how an apply ended", () => {
    const told = Object.keys(CONFIRM_STAGES).flatMap((status) =>
      (["accepted", "none", "unanswered"] as const).flatMap((confirmation) =>
        ([undefined, "timeout"] as const).map((stopped) => {
          const rest = { applyStatus: undefined, appliedAt: undefined, logSaysComplete: false };
          const { sentence } = applyEnding({ ...rest, runId: "run-1", status, confirmation, stopped });
          return sentence.replace(/^Run run-1 \(status \w+\): /, "");
        }),
      ),
    );
    expect([...new Set(told)].sort()).toMatchSnapshot();
  });

  test("of decisions", () => {
    const wrong = { runId: "run-1", run: run({ workspaceId: "ws-2" }), content };
    const other = run({ flags: { ...flags, destroy: true, targets: ["a"] } });
    const fresh = { run: run(), plan: otherPlan, content };
    const of = { run: plannedOnly(), evidence: "message" as const, content, plan };
    const decided = run();
    const now = (change: Partial<RunFacts>, given = asked) =>
      beforeConfirm(given, { decided, now: run(change), content: { digest: otherD } });
    const again = (change: object, given = asked, reviewed = of) =>
      decideNewRun(given, { review: reviewed, fresh: { ...fresh, ...change }, notes: [] });
    expect(
      [
        decideWay({ runId: "run-1", autoApprove: true }),
        decideByRunId(asked, { ...wrong, run: undefined }),
        decideByRunId(asked, wrong),
        decideByRunId(asked, { ...wrong, run: other }),
        decideByRunId(strict, { ...wrong, run: run(), content: { digest: otherD } }),
        decideByRunId(strict, { ...wrong, run: run(), content: unavailable }),
        verifyNewRun(asked, run({ workspaceId: "ws-2" })),
        verifyNewRun(asked, run({ autoApply: undefined })),
        verifyNewRun(asked, run({ planOnly: true })),
        verifyNewRun(asked, other),
        again({}),
        again({ plan }, asked, { ...of, run: plannedOnly({ workspaceId: "ws-2" }) }),
        again({ plan }, asked, {
          ...of,
          run: plannedOnly({ flags: { ...flags, refresh: undefined, destroy: true } }),
        }),
        again({ plan, run: run({ status: "planned_and_finished", hasChanges: true }) }),
        now({ planId: "plan-2" }),
        now({ flags: { ...flags, refresh: false } }),
        now({}, strict),
      ].map((one) => (typeof one === "string" ? one : sentenceOf(one))),
    ).toMatchSnapshot();
  });

  test("of reviews", () => {
    const why: Unbound[] = [
      ...(["swapped", "another-head", "not-planned", "other-content", "no-evidence"] as const),
      ...(["other-message", "after-merge", "another-pull-request", "another-workspace"] as const),
    ];
    const unbound = (reason: Unbound): Candidate => candidate({ binding: { bound: undefined, why: reason } });
    const others = run({ flags: { ...flags, destroy: true, targets: undefined } });
    expect(
      [
        ...why.map((reason) => review([unbound(reason)])),
        review(why.map(unbound)),
        review([]),
        review([], asked, false),
        review([candidate({ run: others })]),
        review([candidate({ content: { digest: otherD } })], strict),
        review([candidate({ content: unavailable })], strict),
        review([candidate(), candidate({ plan: otherPlan })]),
        review([candidate({ plan: unavailable })]),
        review([candidate({ plan: { ...plan, concealed: true } })]),
      ].map(sentenceOf),
    ).toMatchSnapshot();
  });

  test("of notes", () => {
    const notes = (decision: Decision) => ("notes" in decision ? decision.notes : decision);
    const outdated = run({ status: "discarded", outdated: true });
    expect([
      notes(review([candidate()])),
      notes(review([candidate({ binding: { bound: "content" } })])),
      notes(review([candidate({ run: outdated })])),
      archiveNote(asked, unavailable),
      archiveNote(asked, { digest: otherD }),
      archiveNote(asked, content),
    ]).toMatchSnapshot();
  });

  test("of pull requests", () => {
    const pull: PullRequestFacts = { ...pullRequest, baseBranch: "main", merged: true };
    const commit = { sha: mergeSha, branch: "main", repository: "acme/infra", complete: true };
    const found = [
      mergedPullRequest([pull], { ...commit, complete: false }),
      mergedPullRequest([pull, { ...pull, number: 13 }], commit),
      mergedPullRequest([{ ...pull, headSha: undefined }], commit),
      mergedPullRequest([{ ...pull, mergedAt: undefined }], commit),
      mergedPullRequest([{ ...pull, mergedAt: "soon" }], commit),
      mergedPullRequest([], commit),
      mergedPullRequest(
        [
          { ...pull, merged: false },
          { ...pull, number: 13, mergeSha: headSha },
          { ...pull, number: 14, baseBranch: "next" },
        ],
        commit,
      ),
    ];
    expect(found.map((one) => ("sentence" in one ? one.sentence : one))).toMatchSnapshot();
    for (const one of found) expect(one).toMatchObject({ next: "hold", reason: "no-reviewed-plan" });
  });
});

describe("several reviews", () => {
  const at = (id: string, createdAt: string, change: Partial<RunFacts> = {}) =>
    candidate({ run: plannedOnly({ id, createdAt, ...change }) });
  const chosen = (decision: Decision) =>
    decision.next === "plan-again" ? decision.review?.run.id : "run" in decision && decision.run.id;

  test("the newest counts", () => {
    const both = [at("run-a", "2026-03-01T10:00:00Z"), at("run-b", "2026-03-01T11:00:00Z")];
    expect([chosen(review(both)), chosen(review(both.toReversed()))]).toEqual(["run-b", "run-b"]);
  });

  test("a saved plan that can be confirmed comes before one that was only planned", () => {
    const saved = run({ id: "run-s", status: "planned_and_saved", createdAt: "2026-03-01T09:00:00Z" });
    const decision = review([at("run-a", "2026-03-01T10:00:00Z"), candidate({ run: saved })]);
    expect(decision).toMatchObject({ next: "confirm", way: "saved-plan", reviewedRunId: "run-s" });
  });

  test("an outdated saved plan counts only where nothing else was planned", () => {
    const outdated = at("run-o", "2026-03-01T11:00:00Z", { status: "discarded", outdated: true });
    const current = at("run-a", "2026-03-01T10:00:00Z");
    expect(chosen(review([outdated, current]))).toBe("run-a");
    expect(chosen(review([outdated]))).toBe("run-o");
    // Its plan, of another state, need not be the same.
    expect(chosen(review([{ ...outdated, plan: otherPlan }, current]))).toBe("run-a");
  });
});

describe("what binds a run", () => {
  const subject = {
    ...{ pullRequest, workspaceId: "ws-1" },
    trees: { head: D, merge: undefined, current: "f".repeat(64) },
  };
  const binding = { repository: "acme/infra", pullRequest: 12, headSha };
  const of = (change: Partial<RunFacts>, found?: { digest: string }): BoundRun =>
    bindRun(plannedOnly(change), subject, found);

  test("a message of spaces is none", () => {
    expect(of({ message: " \n" }, content)).toEqual({ bound: "content" });
    expect(of({ message: " \n" })).toEqual({ needs: "content" });
  });

  test("the digest is compared from its start", () => {
    const digest = `${"1".repeat(32)}${"2".repeat(32)}`;
    const message = bindingText({ ...binding, digest });
    expect(of({ message }, { digest })).toEqual({ bound: "message" });
    const turned = `${"2".repeat(32)}${"1".repeat(32)}`;
    expect(of({ message }, { digest: turned })).toEqual({ bound: undefined, why: "swapped" });
  });

  test.each([
    ["planned_and_finished", true],
    ["planned_and_saved", true],
    ["pre_apply_awaiting_decision", true],
    ["applying", true],
    ["applied", true],
    ["policy_soft_failed", true],
    ["planning", false],
    ["discarded", false],
    ["errored", false],
  ])("a run that is %s was planned: %s", (status, planned) => {
    const answer = of({ status, planStatus: undefined, message: "" }, content);
    expect(answer).toEqual(planned ? { bound: "content" } : { bound: undefined, why: "not-planned" });
  });

  test("nobody discarded what the server calls outdated", () => {
    const discarded = { status: "discarded", message: "" };
    expect(of({ ...discarded, outdated: true }, content)).toEqual({ bound: "content" });
    expect(of({ ...discarded, outdated: false }, content)).toEqual({ bound: undefined, why: "not-planned" });
  });
});

test("options: variables are compared by name and value, whatever else is told of them", () => {
  const variables = [{ key: "a", value: "1" }];
  const told = [{ value: "1", key: "a", id: "var-1" }];
  expect(differingFlags({ ...flags, variables }, { ...flags, variables: told })).toEqual([]);
  expect(contradictedFlags(flags, { ...flags, variables })).toEqual([]);
});
