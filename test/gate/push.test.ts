import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AttemptSubject,
  afterEarlierAttempt,
  type EarlierRun,
  ofEarlierAttempt,
} from "../../src/gate/earlier-attempt.ts";
import { type Decision, hold, type Review } from "../../src/gate/facts.ts";
import { jobMarkOf, jobMarkText } from "../../src/gate/job-mark.ts";
import { mergedBeside, type PullRequestFacts } from "../../src/gate/pull-request.ts";
import { type DecidedPull, decideTogether } from "../../src/gate/together.ts";
import { content, plan, plannedOnly, pullRequest, run } from "./facts.ts";

describe("pull requests of one push", () => {
  const review = (hasChanges: boolean | undefined): Review => {
    return { run: plannedOnly({ hasChanges }), evidence: "message", content, plan };
  };
  const again = (hasChanges: boolean | undefined): Decision => {
    return { next: "plan-again", review: review(hasChanges), notes: ["reviewed"] };
  };
  const saved: Decision = {
    next: "confirm",
    way: "saved-plan",
    run: run(),
    reviewedRunId: "run-1",
    notes: [],
  };
  const none = hold("no-reviewed-plan", "none");
  const decide = (...decisions: [Decision, ...Decision[]]) => {
    const [last, ...others] = decisions.map(
      (decision, index): DecidedPull => ({ number: 12 - index, decision }),
    );
    if (last === undefined) throw new Error("none");
    return decideTogether([last, ...others]);
  };

  test.each<[string, [Decision, ...Decision[]], number, string]>([
    ["one alone, whatever was decided", [none], 12, "hold"],
    ["one alone, reviewed", [again(true)], 12, "plan-again"],
    ["only the last has a review", [again(true), none], 12, "plan-again"],
    ["only an earlier one has a review", [none, again(true)], 11, "plan-again"],
    ["the last changes nothing, an earlier one does", [again(false), again(true)], 11, "plan-again"],
    ["none changes anything", [again(false), again(false)], 12, "plan-again"],
    ["none is reviewed", [none, none], 12, "hold"],
    ["a saved plan beside one without changes", [again(false), saved], 11, "confirm"],
    ["both change it", [again(true), again(true)], 12, "hold"],
    ["one may change it as far as the server tells", [again(true), again(undefined)], 12, "hold"],
    ["a saved plan beside another change", [saved, again(true)], 12, "hold"],
    ["two of three change it", [again(false), again(true), again(true)], 12, "hold"],
  ])("%s", (_name, decisions, number, next) => {
    const decided = decide(...decisions);
    expect([decided.number, decided.decision.next]).toEqual([number, next]);
  });

  test("one alone is left as it is; what was merged beside is told", () => {
    expect(decide(again(true)).decision).toEqual(again(true));
    expect(decide(again(false), again(true)).decision).toMatchObject({
      notes: ["reviewed", expect.stringContaining("reviewed changes of this workspace: #12.")],
    });
  });

  test("several that change it are named, and how to go on", () => {
    const { decision } = decide(again(false), again(true), again(true));
    expect(decision).toMatchObject({ reason: "no-reviewed-plan" });
    expect("sentence" in decision && decision.sentence).toMatch(/#11, #10 were .*run-id.*auto-approve/);
  });

  test("beside it are those that were merged into the same branch as commits of the push", () => {
    const pull: PullRequestFacts = {
      ...pullRequest,
      number: 11,
      mergeSha: "1".repeat(40),
      baseBranch: "main",
      merged: true,
    };
    const asked = {
      shas: new Set(["1".repeat(40), pullRequest.mergeSha]),
      branch: "main",
      main: pullRequest,
    };
    const { merged: _merged, baseBranch: _base, ...rest } = pull;
    expect(mergedBeside([pull, { ...pull, number: 12 }], asked)).toEqual([rest]);
    const others: Partial<PullRequestFacts>[] = [
      ...[{ merged: false }, { baseBranch: "dev" }, { mergeSha: "2".repeat(40) }, { mergeSha: undefined }],
      ...[{ repository: "fork/infra" }, { headSha: undefined }, { mergedAt: undefined }],
    ];
    for (const change of others) expect(mergedBeside([{ ...pull, ...change }], asked)).toEqual([]);
    expect(mergedBeside([{ ...pull, repository: "ACME/Infra" }], asked)).toHaveLength(1);
  });
});

describe("the mark of a job", () => {
  test("is read as it was written, at the end or before a binding", () => {
    const mark = fc.record({
      repository: fc.constantFrom("acme/infra", "a-b/c.d_e"),
      workflowRunId: fc.bigInt({ min: 1n, max: 10n ** 18n }).map(String),
      attempt: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(mark, fc.string(), fc.boolean(), (given, words, isBound) => {
        const binding = isBound ? ` · acme/infra#12@${"a".repeat(40)}+${"d".repeat(16)}` : "";
        expect(jobMarkOf(`${words} · ${jobMarkText(given)}${binding}`)).toEqual(given);
      }),
    );
    expect(
      jobMarkOf(jobMarkText({ repository: "acme/infra", workflowRunId: "1", attempt: 1 }))?.attempt,
    ).toBe(1);
  });

  test.each([
    "",
    "acme/infra/actions/runs/1/attempts/1 and more",
    "acme/infra/actions/runs/1/attempts/1 · more",
    "xacme/infra/actions/runs/1",
    "x acme/infra/actions/runs/1/attempts/1",
    "acme/infra/actions/runs/x/attempts/1",
  ])("is not in %j", (message) => {
    expect(jobMarkOf(message)).toBeUndefined();
  });

  test("is empty outside of a workflow", () => {
    expect(jobMarkText({ repository: "", workflowRunId: "1", attempt: 1 })).toBe("");
    expect(jobMarkText({ repository: "acme/infra", workflowRunId: "", attempt: 1 })).toBe("");
  });
});

describe("earlier attempts", () => {
  const mark = { repository: "acme/infra", workflowRunId: "9001", attempt: 2 };
  const since = "2026-03-01T12:00:00Z";
  const subject: AttemptSubject = { workspaceId: "ws-1", mark, since };
  const made = (change: Partial<typeof mark>) => `Title · ${jobMarkText({ ...mark, attempt: 1, ...change })}`;
  const after = "2026-03-01T12:00:01Z";

  test.each<[string, Parameters<typeof run>[0], Partial<AttemptSubject>, unknown]>([
    ["its message says so", { message: made({}) }, {}, { attempt: 1 }],
    ["in other letters", { message: made({ repository: "ACME/Infra" }) }, {}, { attempt: 1 }],
    ["this attempt", { message: made({ attempt: 2 }) }, {}, undefined],
    ["a later attempt", { message: made({ attempt: 3 }) }, {}, undefined],
    ["another job's run", { message: made({ workflowRunId: "9002" }) }, {}, undefined],
    ["another repository's", { message: made({ repository: "acme/other" }) }, {}, undefined],
    ["another message", { message: "by hand", createdAt: after }, {}, undefined],
    ["a saved plan", { message: made({}), status: "planned_and_saved" }, {}, undefined],
    ["a plan only", { message: made({}), planOnly: true }, {}, undefined],
    ["perhaps a plan only", { message: made({}), planOnly: undefined }, {}, undefined],
    ["another workspace", { message: made({}), workspaceId: "ws-2" }, {}, undefined],
    ["the first attempt", { message: made({}) }, { mark: { ...mark, attempt: 1 } }, undefined],
    ["no message, after the merge", { createdAt: after }, {}, { needs: "content" }],
    ["no message, before the merge", { createdAt: "2026-03-01T11:59:59Z" }, {}, undefined],
    ["no message, no merge", { createdAt: after }, { since: undefined }, undefined],
    ["no message, no time", { createdAt: undefined }, {}, undefined],
  ])("%s", (_name, change, given, expected) => {
    expect(ofEarlierAttempt(run(change), { ...subject, ...given })).toEqual(expected);
  });

  const changed = hold("plan-changed", "The plan differs.");
  const earlier = (status: string, attempt?: number): EarlierRun => ({ id: "run-9", attempt, status });

  test("what it applied whole is no change of the plan", () => {
    const done = afterEarlierAttempt(changed, { earlier: [earlier("applied", 1)], isEmpty: true });
    expect(done).toEqual({
      next: "no-changes",
      notes: [expect.stringMatching(/^Run run-9, made by attempt 1 .* is applied/)],
    });
    const unmarked = afterEarlierAttempt(changed, {
      earlier: [earlier("errored"), earlier("applied")],
      isEmpty: true,
    });
    expect(unmarked).toEqual({
      next: "no-changes",
      notes: [expect.stringContaining("same content after the merge, is applied")],
    });
  });

  test.each<[string, EarlierRun[], boolean, string]>([
    [
      "applied, but something is left to do",
      [earlier("applied", 1)],
      false,
      "attempt 1 of this job, is applied: it may",
    ],
    ["failed", [earlier("errored", 1)], true, "is errored: it may have applied a part"],
    ["is being applied", [earlier("applying", 1)], true, "is applying"],
  ])("%s: held, which is said", (_name, runs, isEmpty, sentence) => {
    const decision = afterEarlierAttempt(changed, { earlier: runs, isEmpty });
    expect(decision).toMatchObject({ next: "hold", reason: "plan-changed" });
    expect("sentence" in decision && decision.sentence).toContain(sentence);
  });

  test("no earlier run, or another decision: as it was", () => {
    expect(afterEarlierAttempt(changed, { earlier: [], isEmpty: true })).toEqual(changed);
    const other = hold("policy", "No.");
    expect(afterEarlierAttempt(other, { earlier: [earlier("applied", 1)], isEmpty: true })).toBe(other);
  });
});
