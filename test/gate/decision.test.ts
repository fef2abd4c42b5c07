import { describe, expect, test } from "vitest";
import { type BoundRun, bindRun, type ReviewSubject } from "../../src/gate/bind-run.ts";
import { bindingText } from "../../src/gate/binding.ts";
import {
  beforeConfirm,
  decideByAutoApprove,
  decideByRunId,
  decideNewRun,
  decideWay,
  verifyNewRun,
} from "../../src/gate/decision.ts";
import type { Asked, Content, Decision, PlanReading, Review, RunFacts } from "../../src/gate/facts.ts";
import { contradictedFlags, differingFlags, type ReadFlags, type RunFlags } from "../../src/gate/flags.ts";
import { mergedPullRequest, type PullRequestFacts } from "../../src/gate/pull-request.ts";
import { arePlansEqual, type Candidate, decideByReview } from "../../src/gate/review.ts";
import {
  asked,
  content,
  D,
  digestOf,
  flags,
  headSha,
  mergeSha,
  otherD,
  otherPlan,
  plan,
  plannedOnly,
  pullRequest,
  resource,
  run,
  updating,
} from "./facts.ts";

const unavailable = { unavailable: "403" };
const same: Asked = { ...asked, requireSameArchive: true };

/** The decision in short: `confirm run-1`, `plan-again`, or the reason of a hold. */
function short(decision: Decision | { next: "read-again" } | { next: "confirm" } | undefined): string {
  if (decision === undefined) return "fine";
  if (decision.next === "hold") {
    // Whole sentences, none of whose parts is missing.
    expect(decision.sentence).toMatch(/^[A-Z`].{24,}[.)]$/);
    expect(decision.sentence).not.toMatch(/: [.(]|undefined|\s\s|: $/);
    return decision.reason;
  }
  return "run" in decision ? `${decision.next} ${decision.run.id} ${decision.way}` : decision.next;
}

describe("flags", () => {
  test.each<[string, Partial<ReadFlags>, string[]]>([
    ["the same", {}, []],
    ["destroy", { destroy: true }, ["destroy"]],
    ["refresh-only (OTF ignores it)", { refreshOnly: true }, ["refresh-only"]],
    ["no refresh", { refresh: false }, ["refresh"]],
    ["a target", { targets: ["a.b"] }, ["target"]],
    ["a replacement", { replace: ["a.b"] }, ["replace"]],
    ["a variable", { variables: [{ key: "a", value: "1" }] }, ["variables"]],
    ["one that is not told", { refresh: undefined }, ["refresh (which the server does not tell)"]],
  ])("%s", (_name, read, expected) => {
    expect(differingFlags(flags, { ...flags, ...read })).toEqual(expected);
  });

  test("lists in any order, twice is once, values count, a boundary is no separator", () => {
    const of = (change: Partial<RunFlags>): RunFlags => ({ ...flags, ...change });
    expect(differingFlags(of({ targets: ["a", "b", "a"] }), of({ targets: ["b", "a"] }))).toEqual([]);
    expect(differingFlags(of({ targets: ["a,b"] }), of({ targets: ["a", "b"] }))).toEqual(["target"]);
    const variable = (value: string) => of({ variables: [{ key: "a", value }] });
    expect(differingFlags(variable("1"), variable("2"))).toEqual(["variables"]);
  });

  test("a run named by its id may have options that the step leaves at their defaults, but never destroy by surprise", () => {
    const variables = [{ key: "a", value: "1" }];
    expect(
      contradictedFlags(flags, { ...flags, targets: ["a"], replace: ["a"], variables, refresh: false }),
    ).toEqual([]);
    expect(contradictedFlags(flags, { ...flags, destroy: true })).toEqual(["destroy"]);
    expect(contradictedFlags(flags, { ...flags, refreshOnly: true })).toEqual(["refresh-only"]);
    expect(contradictedFlags({ ...flags, targets: ["a"] }, flags)).toEqual(["target"]);
    expect(contradictedFlags({ ...flags, refresh: false }, flags)).toEqual(["refresh"]);
  });
});

describe("pull request of a commit", () => {
  const pull: PullRequestFacts = { ...pullRequest, baseBranch: "main", merged: true };
  const commit = { sha: mergeSha, branch: "main", repository: "Acme/Infra", complete: true };
  const number = (pulls: PullRequestFacts[], given = {}) => {
    const found = mergedPullRequest(pulls, { ...commit, ...given });
    return "pullRequest" in found ? found.pullRequest.number : `${found.reason}: ${found.sentence}`;
  };

  test.each<[string, Partial<PullRequestFacts>, string]>([
    ["open", { merged: false }, "#12 (not merged)"],
    ["into another branch", { baseBranch: "dev" }, "#12 (merged into another branch)"],
    ["as another commit", { mergeSha: headSha }, "#12 (merged as another commit)"],
    ["of another repository", { repository: "fork/infra" }, "No pull request was merged into main"],
    ["without a head", { headSha: undefined }, "does not tell the head"],
    ["without a time", { mergedAt: undefined }, "does not tell the head"],
    ["with a time that is none", { mergedAt: "soon" }, "does not tell the head"],
  ])("is not one %s", (_name, change, sentence) => {
    expect(number([{ ...pull, ...change }])).toMatch(/^no-reviewed-plan: /);
    expect(number([{ ...pull, ...change }])).toContain(sentence);
  });

  test("is the one that was merged as it, among others; none, two, or not all pages: hold", () => {
    expect(number([{ ...pull, number: 11, mergeSha: headSha }, pull])).toBe(12);
    expect(number([])).toMatch("no-reviewed-plan: No pull request was merged into main as commit ccccccc.");
    expect(number([pull, { ...pull, number: 13 }])).toContain("several pull requests: #12, #13");
    expect(number([pull], { complete: false })).toContain("could not all be read");
  });
});

const binding = { repository: "acme/infra", pullRequest: 12, headSha, digest: D };
const message = (change: Partial<typeof binding> = {}) => `Title · ${bindingText({ ...binding, ...change })}`;
const subject: ReviewSubject = {
  pullRequest,
  workspaceId: "ws-1",
  trees: { head: D, merge: undefined, current: "f".repeat(64) },
};

function bound(change: Partial<RunFacts>, found: Content | undefined = content): string {
  const answer: BoundRun = bindRun(plannedOnly(change), subject, found);
  return "needs" in answer ? "needs content" : (answer.bound ?? ("why" in answer ? answer.why : ""));
}

describe("binding of a run", () => {
  test.each<[string, Partial<RunFacts>, Content, string]>([
    ["its message", { message: message() }, content, "message"],
    ["its message, another archive that nobody can read", { message: message() }, unavailable, "message"],
    [
      "its message, repository in other letters",
      { message: message({ repository: "ACME/infra" }) },
      content,
      "message",
    ],
    [
      "what a merge queue planned of its group, although the content is the same",
      { message: message({ headSha: mergeSha }) },
      content,
      "another-head",
    ],
    [
      "an older head, although the content is the same",
      { message: message({ headSha: "b".repeat(40) }) },
      content,
      "another-head",
    ],
    [
      "another pull request, although the content is the same",
      { message: message({ pullRequest: 11 }) },
      content,
      "another-pull-request",
    ],
    [
      "another repository",
      { message: message({ repository: "acme/other" }) },
      content,
      "another-pull-request",
    ],
    [
      "an archive that was overwritten after it (OTF, for an hour)",
      { message: message() },
      { digest: otherD },
      "swapped",
    ],
    ["no message (OTF loses it), the content of the head", { message: "" }, content, "content"],
    ["no message, the content of this commit", { message: "" }, { digest: subject.trees.current }, "content"],
    ["no message, other content", { message: "" }, { digest: otherD }, "other-content"],
    ["no message and no content", { message: "" }, unavailable, "no-evidence"],
    [
      "another message, although the content is the same",
      { message: "Triggered via CLI" },
      content,
      "other-message",
    ],
    ["a forged title", { message: `${message()} · by mona` }, { digest: otherD }, "other-message"],
    ["made in another workspace", { message: message(), workspaceId: "ws-2" }, content, "another-workspace"],
    [
      "made in a workspace that is not told",
      { message: message(), workspaceId: undefined },
      content,
      "another-workspace",
    ],
    [
      "made after the merge",
      { message: message(), createdAt: "2026-03-01T12:00:00.001Z" },
      content,
      "after-merge",
    ],
    ["made at the merge", { message: message(), createdAt: pullRequest.mergedAt }, content, "after-merge"],
    ["made at an unknown time", { message: message(), createdAt: undefined }, content, "after-merge"],
    ["failed", { message: message(), status: "errored" }, content, "not-planned"],
    ["discarded by somebody", { message: message(), status: "discarded" }, content, "not-planned"],
    ["not planned to its end", { message: message(), planStatus: "canceled" }, content, "not-planned"],
    [
      "a cancel that came after the end and relabelled it (OTF)",
      { message: message(), status: "canceled" },
      content,
      "message",
    ],
  ])("%s", (_name, change, found, expected) => {
    expect(bound(change, found)).toBe(expected);
  });

  test.each([
    ["planned_and_finished", "message"],
    ["planned_and_saved", "message"],
    ["applied", "message"],
    ["applying", "message"],
    ["policy_soft_failed", "message"],
    ["canceled", "not-planned"],
    ["planning", "not-planned"],
    ["pre_plan_awaiting_decision", "not-planned"],
    ["a new one", "not-planned"],
  ])("status %s, the plan's not known: %s", (status, expected) => {
    expect(bound({ message: message(), status, planStatus: undefined })).toBe(expected);
  });

  test("content is asked for only where it can still matter", () => {
    const asks = (change: Partial<RunFacts>) => {
      const answer = bindRun(plannedOnly(change), subject);
      return "needs" in answer;
    };
    expect(asks({ message: message() })).toBe(true);
    expect(asks({ message: "" })).toBe(true);
    expect(asks({ message: message({ pullRequest: 11 }) })).toBe(false);
    expect(asks({ status: "errored" })).toBe(false);
  });
});

describe("reviewed runs", () => {
  const candidate = (change: Partial<RunFacts> = {}, more: Partial<Candidate> = {}): Candidate => ({
    run: plannedOnly(change),
    binding: { bound: "message" },
    content,
    plan,
    ...more,
  });
  const twin = candidate({ id: "run-9", createdAt: "2026-03-01T11:30:00Z" });
  const saved = { status: "planned_and_saved", planOnly: false, confirmable: true };
  const decide = (candidates: Candidate[], given = asked, complete = true) =>
    decideByReview(given, { candidates, complete });

  test.each<[string, Candidate[], string, Asked?]>([
    ["one: plan again and compare", [candidate()], "plan-again"],
    ["two of the same plan", [candidate(), twin], "plan-again"],
    ["none", [], "no-reviewed-plan"],
    [
      "none that is bound",
      [candidate({}, { binding: { bound: undefined, why: "another-head" } })],
      "no-reviewed-plan",
    ],
    [
      "one whose evidence was never looked for",
      [candidate({}, { binding: { needs: "content" } })],
      "no-reviewed-plan",
    ],
    ["two whose plans differ", [candidate(), { ...twin, plan: otherPlan }], "no-reviewed-plan"],
    ["two, one's plan unreadable", [candidate(), { ...twin, plan: unavailable }], "no-structured-plan"],
    [
      "an unbound one of another plan beside",
      [candidate(), { ...twin, plan: otherPlan, binding: { bound: undefined, why: "other-content" } }],
      "plan-again",
    ],
    ["one without a structured plan", [candidate({}, { plan: unavailable })], "no-structured-plan"],
    ["one with hidden values", [candidate({}, { plan: { ...plan, concealed: true } })], "no-structured-plan"],
    ["one of other options", [candidate({ flags: { ...flags, targets: ["a"] } })], "no-reviewed-plan"],
    [
      "one of other options and other plan beside",
      [candidate(), { ...twin, plan: otherPlan, run: { ...twin.run, flags: { ...flags, destroy: true } } }],
      "plan-again",
    ],
    ["a saved plan", [candidate(saved)], "confirm run-0 saved-plan"],
    [
      "a saved plan that nobody can read",
      [candidate(saved, { plan: unavailable })],
      "confirm run-0 saved-plan",
    ],
    ["a saved plan and an equal one", [candidate(saved), twin], "confirm run-0 saved-plan"],
    [
      "a saved plan and a different one",
      [candidate(saved), { ...twin, plan: otherPlan }],
      "no-reviewed-plan",
    ],
    [
      "two saved plans that nobody can read",
      [candidate(saved, { plan: unavailable }), candidate({ ...saved, id: "run-9" }, { plan: unavailable })],
      "no-structured-plan",
    ],
    ["a saved plan that is stale", [candidate({ ...saved, confirmable: false })], "plan-again"],
    ["a saved plan that applies itself", [candidate({ ...saved, autoApply: true })], "plan-again"],
    [
      "a plan that a server only said it would save (OTF)",
      [candidate({ ...saved, status: "planned" })],
      "plan-again",
    ],
    ["another archive", [candidate({}, { content: { digest: otherD } })], "plan-again"],
    [
      "another archive, where it must be the same",
      [candidate({}, { content: { digest: otherD } })],
      "archive-changed",
      same,
    ],
    [
      "an unknown archive, where it must be the same",
      [candidate({}, { content: unavailable })],
      "archive-changed",
      same,
    ],
    ["the same archive", [candidate()], "plan-again", same],
    [
      "a saved plan of another archive, where it must be the same",
      [candidate(saved, { content: { digest: otherD } })],
      "archive-changed",
      same,
    ],
    [
      "two archives, one the same",
      [candidate(), { ...twin, content: { digest: otherD } }],
      "plan-again",
      same,
    ],
  ])("%s", (_name, candidates, expected, given) => {
    expect(short(decide(candidates, given))).toBe(expected);
  });

  test("plans are equal only if both are known, whole and of the same form", () => {
    expect(arePlansEqual(plan, { ...plan })).toBe(true);
    for (const other of [
      unavailable,
      { ...plan, concealed: true },
      { ...plan, form: "redacted" as const },
      otherPlan,
    ]) {
      expect(arePlansEqual(plan, other)).toBe(false);
      expect(arePlansEqual(other, plan)).toBe(false);
    }
    const hidden = { ...plan, concealed: true };
    expect(arePlansEqual(hidden, hidden)).toBe(false);
  });

  test("the newest of equal ones is the review, and the notes say by what it is bound and what differs", () => {
    const decision = decide([
      candidate(),
      { ...twin, binding: { bound: "content" }, content: { digest: otherD } },
    ]);
    expect(decision).toMatchObject({
      next: "plan-again",
      review: { run: { id: "run-9" }, evidence: "content" },
    });
    expect(decision).toMatchObject({
      notes: [
        "Reviewed run run-9, bound to the pull request by the content of its configuration version.",
        "The reviewed archive eeeeeeeeeeeeeeee differs from this one, dddddddddddddddd.",
      ],
    });
    expect(decide([candidate()])).toMatchObject({
      notes: ["Reviewed run run-0, bound to the pull request by the run's message."],
    });
    expect(decide([candidate({}, { content: unavailable })])).toMatchObject({
      notes: [expect.anything(), "The reviewed archive could not be compared: 403."],
    });
  });

  test("a list of runs that was not read far enough holds, whatever is in it", () => {
    expect(short(decide([candidate()], asked, false))).toBe("no-reviewed-plan");
  });

  test.each([
    ["another-head", "a newer one"],
    ["swapped", "replaced after it was planned"],
    ["no-evidence", "neither the message"],
    ["after-merge", "after the merge"],
    ["not-planned", "no plan"],
  ] as const)("the sentence for %s says why and how to go on", (why, sentence) => {
    const others: Candidate[] = [candidate({}, { binding: { bound: undefined, why: "another-workspace" } })];
    const decision = decide([...others, candidate({}, { binding: { bound: undefined, why } })]);
    expect(decision).toMatchObject({ sentence: expect.stringContaining(sentence) });
    expect(decision).toMatchObject({ sentence: expect.stringMatching(/`run-id`.*`auto-approve: true`/) });
  });
});

describe("run-id", () => {
  const decide = (change: Partial<RunFacts>, given = asked, found: Content = content) =>
    decideByRunId(given, { runId: "run-1", run: run(change), content: found });
  test.each<[string, Partial<RunFacts>, string, Asked?, Content?]>([
    ["a run that waits", {}, "confirm run-1 run-id"],
    ["a saved plan", { status: "planned_and_saved" }, "confirm run-1 run-id"],
    ["rights that are not told", { canApply: undefined }, "confirm run-1 run-id"],
    ["another run than asked for", { id: "run-2" }, "not-found"],
    ["another workspace", { workspaceId: "ws-2" }, "input"],
    ["a workspace that is not told", { workspaceId: undefined }, "input"],
    ["plan-only", { planOnly: true }, "input"],
    ["plan-only that is not told", { planOnly: undefined }, "input"],
    ["final", { status: "planned_and_finished" }, "input"],
    ["applied", { status: "applied" }, "confirmed-elsewhere"],
    ["being applied", { status: "applying" }, "confirmed-elsewhere"],
    ["discarded", { status: "discarded" }, "run-discarded"],
    ["canceled", { status: "canceled" }, "run-canceled"],
    ["failed", { status: "errored" }, "run-errored"],
    ["still planning", { status: "planning", confirmable: true }, "input"],
    ["between two checks", { status: "planned", confirmable: false }, "input"],
    ["not said to be confirmable", { confirmable: undefined }, "input"],
    ["a policy to be overridden", { status: "policy_override" }, "needs-approval"],
    ["a policy that failed", { status: "policy_soft_failed" }, "policy"],
    ["a status that nobody documented", { status: "meditating" }, "input"],
    ["an apply that waits for a decision", { status: "pre_apply_awaiting_decision" }, "confirmed-elsewhere"],
    ["Terrakube's word for what waits", { status: "unknown" }, "needs-approval"],
    ["a status named like a property", { status: "constructor" }, "input"],
    ["auto-apply", { autoApply: true }, "server"],
    ["auto-apply that is not told", { autoApply: undefined }, "server"],
    ["no right to apply (OTF, roles read and plan)", { canApply: false }, "forbidden"],
    ["a destroy by surprise", { flags: { ...flags, destroy: true } }, "unsupported"],
    ["options that the step leaves alone", { flags: { ...flags, targets: ["a"] } }, "confirm run-1 run-id"],
    ["another archive", {}, "confirm run-1 run-id", asked, { digest: otherD }],
    ["another archive, where it must be the same", {}, "archive-changed", same, { digest: otherD }],
    ["an unknown archive, where it must be the same", {}, "archive-changed", same, unavailable],
    ["the same archive, where it must be", {}, "confirm run-1 run-id", same],
  ])("%s", (_name, change, expected, given, found) => {
    expect(short(decide(change, given, found))).toBe(expected);
  });

  test("a run that the server does not know", () => {
    expect(short(decideByRunId(asked, { runId: "run-1", run: undefined, content }))).toBe("not-found");
  });

  test("the archive's difference is told", () => {
    expect(decide({}, asked, { digest: otherD })).toMatchObject({
      notes: [expect.stringContaining("differs")],
    });
    expect(decide({})).toMatchObject({ notes: [], reviewedRunId: "run-1" });
  });
});

describe("a new run, as it was made", () => {
  test.each<[string, Partial<RunFacts>, string]>([
    ["as asked", { status: "pending", confirmable: false, planStatus: "pending" }, "fine"],
    ["auto-apply", { autoApply: true }, "server"],
    ["auto-apply that is not told", { autoApply: undefined }, "server"],
    ["plan-only", { planOnly: true }, "unsupported"],
    ["refresh-only ignored (OTF)", { flags: { ...flags, refreshOnly: true } }, "unsupported"],
    ["another workspace", { workspaceId: "ws-2" }, "server"],
  ])("%s", (_name, change, expected) => {
    expect(short(verifyNewRun(asked, run(change)))).toBe(expected);
  });
});

describe("a new run, as it was planned", () => {
  const review: Review = { run: plannedOnly(), evidence: "message", content, plan };
  type Given = {
    run?: Partial<RunFacts>;
    plan?: PlanReading;
    review?: Partial<Review> | undefined;
    content?: Content;
    asked?: Asked;
  };
  const decide = (given: Given) =>
    decideNewRun(given.asked ?? asked, {
      review: "review" in given && given.review === undefined ? undefined : { ...review, ...given.review },
      fresh: { run: run(given.run), plan: given.plan ?? plan, content: given.content ?? content },
      notes: ["note"],
    });
  const redacted = digestOf(updating({ input: "x" }, { input: "y" }), "redacted");
  const empty = digestOf({});
  const quiet = { status: "planned_and_finished", hasChanges: false, confirmable: false };
  const importing = digestOf({
    resource_changes: [
      resource({ change: { actions: ["no-op"], before: {}, after: {}, importing: { id: "i" } } }),
    ],
  });
  const driftOnly = digestOf({
    resource_drift: [resource({ change: { actions: ["update"], before: {}, after: null } })],
  });

  test.each<[string, Given, string]>([
    ["the same plan", {}, "confirm run-1 compared"],
    ["another value", { plan: otherPlan }, "plan-changed"],
    ["no structured plan", { plan: unavailable }, "no-structured-plan"],
    ["no structured plan of the review", { review: { plan: unavailable } }, "no-structured-plan"],
    ["hidden values", { plan: { ...plan, concealed: true } }, "no-structured-plan"],
    ["hidden values in the review", { review: { plan: { ...plan, concealed: true } } }, "no-structured-plan"],
    ["two redacted plans", { plan: redacted, review: { plan: redacted } }, "confirm run-1 compared"],
    ["one redacted plan of two", { plan: redacted }, "plan-changed"],
    ["another archive of the review", { review: { content: { digest: otherD } } }, "confirm run-1 compared"],
    [
      "another archive of the review, where it must be the same",
      { review: { content: { digest: otherD } }, asked: same },
      "archive-changed",
    ],
    [
      "another archive of the new run, where it must be the same",
      { content: { digest: otherD }, asked: same },
      "archive-changed",
    ],
    ["the same archives, where they must be", { asked: same }, "confirm run-1 compared"],
    [
      "a review of other options",
      { review: { run: plannedOnly({ flags: { ...flags, destroy: true } }) } },
      "no-reviewed-plan",
    ],
    [
      "a review of another workspace",
      { review: { run: plannedOnly({ workspaceId: "ws-2" }) } },
      "no-reviewed-plan",
    ],
    ["an option that is ignored", { run: { flags: { ...flags, refreshOnly: true } } }, "unsupported"],
    ["auto-apply flipped on", { run: { autoApply: true } }, "server"],
    ["confirmed by somebody", { run: { status: "applying" } }, "confirmed-elsewhere"],
    ["discarded by somebody", { run: { status: "discarded" } }, "run-discarded"],
    ["a policy to be overridden", { run: { status: "policy_override" } }, "needs-approval"],
    ["failed", { run: { status: "errored" } }, "run-errored"],
    ["no right to apply", { run: { canApply: false } }, "forbidden"],
    ["nothing to change, as reviewed", { run: quiet, plan: empty, review: { plan: empty } }, "no-changes"],
    ["only drift, as reviewed", { run: quiet, plan: driftOnly, review: { plan: driftOnly } }, "no-changes"],
    ["nothing to change any more", { run: quiet, plan: empty }, "plan-changed"],
    [
      "an import that the server ends as no change (OTF)",
      { run: quiet, plan: importing, review: { plan: importing } },
      "unsupported",
    ],
    [
      "an end with changes",
      { run: { ...quiet, hasChanges: true }, plan: empty, review: { plan: empty } },
      "unsupported",
    ],
    ["without a review", { review: undefined }, "confirm run-1 auto-approve"],
    [
      "without a review and without a plan to read",
      { review: undefined, plan: unavailable },
      "confirm run-1 auto-approve",
    ],
    [
      "without a review, nothing to change",
      { review: undefined, run: quiet, plan: unavailable },
      "no-changes",
    ],
    ["without a review, auto-apply flipped on", { review: undefined, run: { autoApply: true } }, "server"],
  ])("%s", (_name, given, expected) => {
    expect(short(decide(given))).toBe(expected);
  });

  test("says which run was reviewed, and passes the notes on", () => {
    expect(decide({})).toMatchObject({ reviewedRunId: "run-0", notes: ["note"] });
    expect(decide({ review: undefined })).toMatchObject({ reviewedRunId: "run-1" });
    expect(decideByAutoApprove()).toMatchObject({
      review: undefined,
      notes: [expect.stringContaining("without a review")],
    });
  });
});

describe("the last look", () => {
  const look = (change: Partial<RunFacts>, given = asked, found: Content = content) =>
    short(beforeConfirm(given, { decided: run(), now: run(change), content: found }));
  test.each<[string, Partial<RunFacts>, string, Asked?, Content?]>([
    ["unchanged", {}, "confirm"],
    ["another run", { id: "run-2" }, "server"],
    ["another plan", { planId: "plan-2" }, "server"],
    ["another configuration", { configurationVersionId: "cv-2" }, "server"],
    ["another workspace", { workspaceId: "ws-2" }, "server"],
    ["other options", { flags: { ...flags, destroy: true } }, "server"],
    ["auto-apply flipped on", { autoApply: true }, "server"],
    ["a stale answer", { status: "planning" }, "read-again"],
    ["discarded meanwhile", { status: "discarded" }, "run-discarded"],
    ["confirmed meanwhile", { status: "confirmed" }, "confirmed-elsewhere"],
    ["a stale plan", { confirmable: false }, "input"],
    ["its archive overwritten", {}, "confirm", asked, { digest: otherD }],
    ["its archive overwritten, where it must be the same", {}, "archive-changed", same, { digest: otherD }],
    ["its archive unreadable, where it must be the same", {}, "archive-changed", same, unavailable],
  ])("%s", (_name, change, expected, given, found) => {
    expect(look(change, given, found)).toBe(expected);
  });
});

test.each([
  ["", false, "review"],
  ["", true, "auto-approve"],
  ["run-1", false, "run-id"],
  ["run-1", true, "input"],
])("run-id %j, auto-approve %j: %s", (runId, autoApprove, expected) => {
  const way = decideWay({ runId, autoApprove });
  expect(typeof way === "string" ? way : way.reason).toBe(expected);
});
