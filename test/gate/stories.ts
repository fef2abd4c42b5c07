// Model-based, against the sandbox: whatever an adversary does, before the merge and between any two requests of an apply,
// nothing is confirmed but what was reviewed, and once. The step is the action's own, from the command down to its requests.
// GATE_SEQUENCES sets how many sequences are tried, GATE_SEED which.
import fc from "fast-check";
import type { RunFlags } from "../../src/gate/flags.ts";
import { chosen, type Deed, type DeedName, deedNames, doDeed, mergePull, someFlags } from "./deeds.ts";
import { flags } from "./facts.ts";
import { checkStory, type Told } from "./invariant.ts";
import { applyIn } from "./step.ts";
import { createWorld, type Kind, type World } from "./world.ts";

/** 20,000 take two to three minutes on two cores. */
export const SEQUENCES = Number(process.env["GATE_SEQUENCES"] ?? 500);
const seed = process.env["GATE_SEED"];

const deedOf = (name: fc.Arbitrary<DeedName>): fc.Arbitrary<Deed> =>
  fc.record({ name, pick: fc.nat(9), n: fc.nat(5) });
const weighted = (
  usual: DeedName,
  weights: [usual: number, others: number],
  others: DeedName[] = deedNames,
) =>
  deedOf(
    fc.oneof(
      { weight: weights[0], arbitrary: fc.constant(usual) },
      { weight: weights[1], arbitrary: fc.constantFrom(...others) },
    ),
  );
const beforehand = weighted(
  "plan",
  [3, 9],
  deedNames.filter((name) => name !== "cancelJob"),
);
const betweenRequests = weighted("nothing", [9, 1]);

const mostly = <T>(usual: T, weight: number, ...others: [T, ...T[]]): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const kind: fc.Arbitrary<Kind> = fc.record({
  server: fc.constantFrom("hcp" as const, "otf" as const),
  role: mostly<Kind["role"]>("owner", 4, "write"),
  downloads: mostly(true, 5, false),
  forcesAutoApply: mostly(false, 9, true),
  ignores: mostly<Kind["ignores"]>(undefined, 6, "is-destroy"),
});

type Request = {
  flags: RunFlags;
  strict: boolean;
  autoApprove: boolean;
  pickRun: number | undefined;
  turns: Deed[];
};

const request: fc.Arbitrary<Request> = fc.record({
  flags: fc.oneof(
    { weight: 7, arbitrary: fc.constant(flags) },
    { weight: 1, arbitrary: fc.nat(3).map(someFlags) },
  ),
  strict: fc.boolean(),
  autoApprove: mostly(false, 7, true),
  pickRun: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(9) }),
  turns: fc.array(betweenRequests, { maxLength: 40 }),
});

type Model = { merged: boolean };
type Move = fc.AsyncCommand<Model, World, true>;

const move = (name: string, run: (world: World) => void | Promise<void>): Move => ({
  check: async () => true,
  run: async (_model, world) => run(world),
  toString: () => name,
});

const deedMove = beforehand.map((deed) =>
  move(`${deed.name}(${deed.pick}, ${deed.n})`, (world) => doDeed(world, deed)),
);

const mergeMove = fc.constant<Move>({
  check: async (model) => !model.merged,
  run: async (model, world) => {
    mergePull(world);
    model.merged = true;
  },
  toString: () => "merge",
});

/** What ways were seen, so that a test in which nothing ever gets applied fails. */
const seen = new Map<string, number>();
function note(told: Told): void {
  seen.set(told, (seen.get(told) ?? 0) + 1);
}

const applyMove = request.map((asked) =>
  move(`apply ${JSON.stringify(asked)}`, async (world) => note(await applyAs(world, asked))),
);

async function applyAs(
  world: World,
  { flags: wanted, strict, autoApprove, pickRun, turns }: Request,
): Promise<Told> {
  const runId = pickRun === undefined ? "" : (chosen(world, pickRun)?.id ?? "run-0");
  const tree = world.merged ? world.mergeTree : world.headTree;
  const inputs = {
    ...(runId !== "" && { "run-id": runId }),
    ...{ destroy: String(wanted.destroy), target: wanted.targets.join("\n") },
    "require-same-archive": String(strict),
    "auto-approve": String(autoApprove),
  };
  const left = [...turns];
  const turn = async () => {
    const deed = left.shift();
    if (deed !== undefined) await doDeed(world, deed);
  };
  return checkStory(world, { flags: wanted, strict, autoApprove, runId, tree }, () =>
    applyIn(world, { inputs, tree, turn }),
  );
}

/**
 * Tries sequences of moves on worlds of every kind. `share`: one half of GATE_SEQUENCES, so that two processes may work; a
 * seed of its own, or GATE_SEED and one more for the second half.
 */
export async function tryStories(share: 0 | 1): Promise<Map<Told, number>> {
  const moves = fc.commands<Model, World, true>([deedMove, deedMove, mergeMove, applyMove], {
    maxCommands: 8,
  });
  // Each sequence ends in a merge and an apply, mostly of what was planned, as one without says little.
  const first = (name: DeedName) => [move(name, (world) => doDeed(world, { name, pick: 0, n: 0 }))];
  const planned = fc.oneof(
    { weight: 3, arbitrary: fc.constant(first("plan")) },
    { weight: 1, arbitrary: fc.constant(first("savePlan")) },
    { weight: 1, arbitrary: fc.constant([]) },
  );
  const end = fc.tuple(planned, mergeMove, fc.array(deedMove, { maxLength: 2 }), applyMove);
  await fc.assert(
    fc.asyncProperty(kind, moves, end, async (server, before, [plans, last, deeds, apply]) => {
      const world = createWorld(server);
      await fc.asyncModelRun(
        () => ({ model: { merged: false }, real: world }),
        [...before, ...plans, last, ...deeds, apply],
      );
    }),
    { numRuns: Math.ceil(SEQUENCES / 2), ...(seed !== undefined && { seed: Number(seed) + share }) },
  );
  return seen;
}
