// Rules of the gate at their limits.
import { describe, expect, test } from "vitest";
import { bindingText, withBinding } from "../../src/gate/binding.ts";
import { decideByAutoApprove, decideNewRun } from "../../src/gate/decision.ts";
import { afterEarlierAttempt, ofEarlierAttempt } from "../../src/gate/earlier-attempt.ts";
import { parseExactly } from "../../src/gate/exact-json.ts";
import { hold } from "../../src/gate/facts.ts";
import { jobMarkText } from "../../src/gate/job-mark.ts";
import { isOutdated } from "../../src/gate/outdated.ts";
import { supersededPlans } from "../../src/gate/superseded.ts";
import { type DecidedPull, decideTogether } from "../../src/gate/together.ts";
import { asked, content, D, digestOf, flags, headSha, plan, plannedOnly, run } from "./facts.ts";

describe("numbers and strings of a plan", () => {
  test.each<[text: string, value: unknown]>([
    ["1", 1],
    ["123456789012345", 123456789012345],
    ["1234567.89012345", 1234567.89012345],
    ["1234567890123456", "\0number 1234567890123456"],
    ["12345678901234567", "\0number 12345678901234567"],
    ["0.1234567890123456", "\0number 0.1234567890123456"],
    ["1e5", "\0number 1e5"],
    ["1E5", "\0number 1E5"],
    ["[1e5,2]", ["\0number 1e5", 2]],
    ['"\\u0000number 1"', "\0\0number 1"],
    ['["\\u0000",1]', ["\0\0", 1]],
    ['["a\\u0000",1e5]', ["a\0", "\0number 1e5"]],
  ])("%s", (text, value) => {
    expect(parseExactly(text, "it")).toEqual(value);
  });

  test("what is no JSON is not quoted", () => {
    expect(() => parseExactly('{"secret', "resource_changes")).toThrow(
      expect.objectContaining({
        reason: "server",
        message:
          "The structured plan that the server sent cannot be compared: resource_changes is not JSON. Nothing was applied.",
      }),
    );
  });
});

describe("a binding", () => {
  const of = (repository: string) => bindingText({ repository, pullRequest: 1234567890, headSha, digest: D });

  test("has the most digits of the digest that a message of 200 characters leaves", () => {
    expect(of("a/b").endsWith(`+${"d".repeat(16)}`)).toBe(true);
    const long = of(`${"a".repeat(39)}/${"b".repeat(100)}`);
    expect([long.length, /\+(d+)$/.exec(long)?.[1]?.length]).toEqual([200, 7]);
  });

  test("stands behind one line without spaces around it", () => {
    const binding = { repository: "a/b", pullRequest: 1, headSha, digest: D };
    expect(withBinding("  a\n title \t", binding)).toBe(`a title · ${bindingText(binding)}`);
    expect(withBinding(" \n", binding)).toBe(bindingText(binding));
  });
});

test("auto-approve plans anew, with nothing to compare", () => {
  expect(decideByAutoApprove()).toMatchObject({ next: "plan-again", review: undefined });
});

test("a run that was ended without changes, although an output changes: it cannot be applied", () => {
  const output = { v: { actions: ["update"], before: 1, after: 2 } };
  const ended = run({ status: "planned_and_finished", hasChanges: false });
  const decide = (changes: typeof output | Record<string, never>) =>
    decideNewRun(asked, {
      review: undefined,
      fresh: { run: ended, plan: digestOf({ output_changes: changes }), content },
      notes: [],
    });
  expect(decide(output)).toMatchObject({ next: "hold", reason: "unsupported" });
  expect(decide({})).toMatchObject({ next: "no-changes" });
  const unread = { run: ended, plan: { unavailable: "403" }, content };
  expect(decideNewRun(asked, { review: undefined, fresh: unread, notes: [] })).toMatchObject({
    next: "no-changes",
  });
});

test("saved plans of the same moment are replaced", () => {
  const message = bindingText({ repository: "acme/infra", pullRequest: 12, headSha, digest: D });
  const older = run({ id: "run-o", status: "planned_and_saved", message });
  const newer = { run: run({ id: "run-n" }), flags, repository: "acme/infra", pullRequest: 12, headSha };
  expect(supersededPlans([older], newer)).toEqual(["run-o"]);
  expect(supersededPlans([{ ...older, createdAt: undefined }], newer)).toEqual([]);
});

test.each([
  ["2026-01-01T00:00:01Z", true],
  ["2026-01-01T00:00:02Z", true],
  ["2026-01-01T00:00:03Z", true],
  ["2026-01-01T00:00:00Z", false],
  ["2026-01-01T00:00:04Z", false],
])("saved at second 1, discarded at 3, another applied at %s: outdated %s", (at, expected) => {
  const saved = {
    ...{ id: "run-1", status: "discarded", savePlan: true },
    statusTimestamps: {
      "planned-and-saved-at": "2026-01-01T00:00:01Z",
      "discarded-at": "2026-01-01T00:00:03Z",
    },
  };
  const other = { id: "run-2", status: "applied", statusTimestamps: { "applying-at": at } };
  expect(isOutdated(saved, [saved, other])).toBe(expected);
});

test.each(["", "7a", "a7", "7 7"])("a job whose run is %j has no mark", (workflowRunId) => {
  expect(jobMarkText({ repository: "acme/infra", workflowRunId, attempt: 1 })).toBe("");
});

describe("an earlier attempt", () => {
  const mark = { repository: "acme/infra", workflowRunId: "7", attempt: 2 };
  const since = "2026-03-01T12:00:00Z";
  const made = (createdAt: string, attempt = 2) =>
    ofEarlierAttempt(run({ message: "", createdAt }), {
      workspaceId: "ws-1",
      mark: { ...mark, attempt },
      since,
    });

  test("made its run after the merge, and there is none before the second", () => {
    expect(made("2026-03-01T12:00:01Z")).toEqual({ needs: "content" });
    expect(made(since)).toBeUndefined();
    expect(made("2026-03-01T12:00:01Z", 1)).toBeUndefined();
  });

  test("may have done a part, which is said in sentences of their own", () => {
    const decision = hold("plan-changed", "It differs.");
    const earlier = [
      { id: "run-1", attempt: 1, status: "errored" },
      { id: "run-2", attempt: undefined, status: "canceled" },
    ];
    expect(afterEarlierAttempt(decision, { earlier, isEmpty: false })).toMatchObject({
      sentence:
        "It differs. Run run-1, made by attempt 1 of this job, is errored: it may have applied a part of the plan. " +
        "Run run-2, made of the same content after the merge, is canceled: it may have applied a part of the plan.",
    });
  });
});

describe("pull requests of one push", () => {
  const decided = (number: number, hasChanges: boolean): DecidedPull => ({
    number,
    decision: {
      ...{ next: "plan-again", notes: [] },
      review: { run: plannedOnly({ hasChanges }), evidence: "message", content, plan },
    },
  });

  test("the others are named", () => {
    const chosen = decideTogether([decided(3, false), decided(2, true), decided(1, false)]);
    expect(chosen).toMatchObject({
      number: 2,
      decision: { notes: ["Merged by the same push, without reviewed changes of this workspace: #3, #1."] },
    });
  });

  test("without a review nothing is compared", () => {
    const without: DecidedPull = { number: 1, decision: decideByAutoApprove() };
    const held: DecidedPull = { number: 2, decision: hold("no-reviewed-plan", "None.") };
    expect(decideTogether([held, without])).toEqual(held);
  });

  test("of several that change the workspace nobody saw the plan", () => {
    const { decision } = decideTogether([decided(2, true), decided(1, true)]);
    expect("sentence" in decision && decision.sentence).toMatchSnapshot();
  });
});
