// Single stories on the world of stories.ts: each way to an apply, and sequences that once found something.
import { expect, test } from "vitest";
import type { RunFlags } from "../../src/gate/flags.ts";
import { type Deed, type DeedName, doDeed, mergePull } from "./deeds.ts";
import { flags } from "./facts.ts";
import { checkStory } from "./invariant.ts";
import { applyIn, prepareSteps } from "./step.ts";
import { createWorld, type Kind, type World } from "./world.ts";

prepareSteps();

const usual: Kind = {
  ...{ server: "hcp", role: "owner", downloads: true, forcesAutoApply: false, ignores: undefined },
};
const deed = (name: DeedName, pick = 0, n = 0): Deed => ({ name, pick, n });

type Story = {
  kind?: Partial<Kind>;
  /** Before the merge, after it, and before the requests of the apply, by their number. */
  before?: Deed[];
  after?: Deed[];
  turns?: Record<number, Deed>;
  strict?: boolean;
  flags?: RunFlags;
  autoApprove?: boolean;
  /** The number of a run. */
  run?: number;
};

async function tell(story: Story): Promise<{ told: string; world: World }> {
  const world = createWorld({ ...usual, ...story.kind });
  for (const one of story.before ?? []) await doDeed(world, one);
  mergePull(world);
  for (const one of story.after ?? []) await doDeed(world, one);
  const { strict = false, autoApprove = false, run, flags: wanted = flags } = story;
  const runId = run === undefined ? "" : (world.servers.runs[run]?.id ?? "");
  const inputs = {
    ...(runId !== "" && { "run-id": runId }),
    ...{ destroy: String(wanted.destroy), target: wanted.targets.join("\n") },
    ...{ "require-same-archive": String(strict), "auto-approve": String(autoApprove) },
  };
  let requests = 0;
  const turn = async () => {
    const one = story.turns?.[requests++];
    if (one !== undefined) await doDeed(world, one);
  };
  const tree = world.mergeTree;
  const asked = { strict, autoApprove, runId, tree, flags: wanted };
  return { told: await checkStory(world, asked, () => applyIn(world, { inputs, tree, turn })), world };
}

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
  ["the base moved, and the plan with it", { before: [deed("plan"), deed("moveBase")] }, "plan-changed"],
])("%s: %s", async (_name, story, told) => {
  expect((await tell(story)).told).toBe(told);
});
