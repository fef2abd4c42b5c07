// One story on the world of stories.ts, told in full.
import type { RunFlags } from "../../src/gate/flags.ts";
import { type Deed, type DeedName, doDeed, mergePull } from "./deeds.ts";
import { flags } from "./facts.ts";
import { checkStory } from "./invariant.ts";
import { applyIn } from "./step.ts";
import { createWorld, type Kind, type World } from "./world.ts";

const usual: Kind = {
  ...{ server: "hcp", role: "owner", downloads: true, forcesAutoApply: false, ignores: undefined },
};
export const deed = (name: DeedName, pick = 0, n = 0): Deed => ({ name, pick, n });

export type Story = {
  kind?: Partial<Kind>;
  /** Changes the world before anything happens, and right before the apply. */
  first?: (world: World) => void;
  prepare?: (world: World) => void;
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

/** Tells it; the invariant is checked, and how it ended is given as `checkStory` names it. */
export async function tell(story: Story): Promise<{ told: string; world: World }> {
  const world = createWorld({ ...usual, ...story.kind });
  story.first?.(world);
  for (const one of story.before ?? []) await doDeed(world, one);
  mergePull(world);
  for (const one of story.after ?? []) await doDeed(world, one);
  story.prepare?.(world);
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
