// Single stories on the world of stories.ts: each way to an apply, and sequences that once found something.
import { expect, test } from "vitest";
import { flags } from "./facts.ts";
import { prepareSteps } from "./step.ts";
import { deed, type Story, tell } from "./tell.ts";

prepareSteps();

test.each<[string, Story, string]>([
  ["a reviewed plan, compared", { before: [deed("plan")] }, "compared applied"],
  ["on OTF", { kind: { server: "otf" }, before: [deed("plan")] }, "compared applied"],
  ["a saved plan", { before: [deed("savePlan")] }, "saved-plan applied"],
  ["a run by its id", { before: [deed("planToApply")], run: 0 }, "run-id applied"],
  ["without a review", { autoApprove: true }, "auto-approve applied"],
  ["with the archive", { before: [deed("plan")], strict: true }, "compared applied"],
  [
    "a destroy that was reviewed",
    { before: [deed("planOtherFlags", 0, 1)], flags: { ...flags, destroy: true } },
    "compared applied",
  ],
  [
    "a destroy that was not",
    { before: [deed("plan")], flags: { ...flags, destroy: true } },
    "no-reviewed-plan",
  ],
  ["other targets", { before: [deed("planOtherFlags", 0, 4)] }, "no-reviewed-plan"],
  ["a plan by hand is no review", { before: [deed("planByHand")] }, "no-reviewed-plan"],
  [
    "but where the server loses messages, its content is",
    { kind: { server: "otf" }, before: [deed("planByHand")] },
    "compared applied",
  ],
  // What was found while the step was made, by earlier models of it.
  [
    "a comment that names another run",
    { before: [deed("planOldHead"), deed("forgeComment", 0, 1), deed("editComment")] },
    "no-reviewed-plan",
  ],
  ["a title that holds a binding", { before: [deed("planHostileTitle", 0, 1)] }, "no-reviewed-plan"],
  [
    "pushed after the review, with the same content",
    { before: [deed("plan"), deed("rebase")] },
    "no-reviewed-plan",
  ],
  [
    "two reviews with different plans",
    { before: [deed("plan"), deed("changeSecret", 0, 1), deed("plan")] },
    "no-reviewed-plan",
  ],
  [
    "a secret that changed",
    { before: [deed("changeSecret", 0, 1), deed("plan"), deed("changeSecret", 0, 2)] },
    "plan-changed",
  ],
  [
    "a secret that a redacted plan hides",
    { kind: { role: "write" }, before: [deed("changeSecret", 0, 1), deed("plan")] },
    "no-structured-plan",
  ],
  [
    "a redacted plan that hides nothing",
    { kind: { role: "write" }, before: [deed("plan")] },
    "compared applied",
  ],
  ["planned after the merge", { after: [deed("plan")] }, "no-reviewed-plan"],
  [
    "another pull request that was merged as the same commit",
    { before: [deed("plan")], after: [deed("mergeAnother")] },
    "no-reviewed-plan",
  ],
  [
    "stale answers, again and again",
    {
      before: [deed("plan")],
      turns: Object.fromEntries([...Array(60).keys()].map((n) => [n, deed("answerStale", 0, 2)])),
    },
    "compared applied",
  ],
  [
    "the run goes over to auto-apply before the confirmation",
    { before: [deed("planToApply")], after: [deed("flipAutoApply")], run: 0 },
    "server",
  ],
  ["its archive is replaced", { before: [deed("plan"), deed("swapArchive", 0, 3)] }, "no-reviewed-plan"],
  [
    "its archive is replaced and put back",
    { before: [deed("plan"), deed("swapArchive", 0, 3), deed("swapArchive", 0, 0)] },
    "compared applied",
  ],
  ["the base moved, and the plan with it", { before: [deed("plan"), deed("moveBase")] }, "plan-changed"],
])("%s: %s", async (_name, story, told) => {
  expect((await tell(story)).told).toBe(told);
});

test.each([
  [998, "compared applied"],
  [999, "no-reviewed-plan"],
])("%i runs since the pull request was opened, and more are not listed: %s", async (others, expected) => {
  const { told } = await tell({
    first: ({ github }) => github.pull({ createdAt: "2026-01-01T00:00:00Z" }),
    before: [deed("plan")],
    prepare: ({ servers: { runs } }) => {
      for (const run of runs.slice(0, 1)) {
        for (let n = 0; n < others; n++) runs.push({ ...run, id: `run-more${n}`, status: "discarded" });
      }
    },
  });
  expect(told).toBe(expected);
});
