// What a running OTF (0.6.3) was observed to do, and the gate is built for: each a story on the sandbox, whose profile has
// these quirks. How the API's client and the following of runs take them is tested in test/api, test/run and test/e2e.
import { expect, test } from "vitest";
import { isFinal } from "../sandbox/runs/status.ts";
import { prepareSteps } from "./step.ts";
import { deed, type Story, tell } from "./tell.ts";
import type { World } from "./world.ts";

prepareSteps();

const own = ({ servers }: World) => servers.runs.at(-1);
const reviewed = { before: [deed("plan")] };

test.each<[string, Story, string]>([
  ["messages are lost: bound by its content", reviewed, "compared applied"],
  ["and other content is no review", { before: [deed("plan"), deed("push", 0, 5)] }, "no-reviewed-plan"],
  [
    "an upload URL overwrites a reviewed version for an hour",
    { before: [deed("plan"), deed("swapArchive", 0, 3)] },
    "no-reviewed-plan",
  ],
  [
    "or makes another one look like a review: its plan is another",
    { before: [deed("push", 0, 5), deed("plan"), deed("push", 0, 1), deed("swapArchive", 0, 2)] },
    "plan-changed",
  ],
  ["save-plan is taken and ignored: planned again and compared", { before: [deed("savePlan")] }, "locked"],
  [
    "a cancel relabels a finished review: it stays one",
    { before: [deed("plan"), deed("cancel")] },
    "compared applied",
  ],
  [
    "a workspace with auto-apply: the run's own `false` counts",
    { before: [deed("plan")], prepare: ({ workspace }) => Object.assign(workspace, { autoApply: true }) },
    "compared applied",
  ],
  ["apply in a wrong state is 500: a refusal", { before: [deed("plan")], prepare: refuseWith500 }, "server"],
  [
    "the structured plan is 200 without a body",
    { before: [deed("plan")], first: withoutPlan },
    "no-structured-plan",
  ],
  ["the plan role may not apply: no run is made", { ...reviewed, kind: { role: "plan" } }, "forbidden"],
  ["nor may an organization's token", { ...reviewed, kind: { role: "organization" } }, "forbidden"],
  ["the write role may", { ...reviewed, kind: { role: "write" } }, "compared applied"],
  [
    "a plan of imports only is ended as one without changes",
    { before: [deed("plan")], first: importing },
    "unsupported",
  ],
])("%s: %s", async (_name, story, told) => {
  const ended = await tell({ ...story, kind: { server: "otf", ...story.kind } });
  expect(ended.told).toBe(told);
});

function refuseWith500(world: World): void {
  world.refusesApply = 500;
}

function withoutPlan(world: World): void {
  world.onPlan = async () => ({ planJson: undefined });
}

/** OTF counts creations, updates and deletions only. */
function importing(world: World): void {
  world.onPlan = async () => ({ counts: { add: 0, change: 0, destroy: 0, import: 1 }, planJson: imported });
}

const change = {
  actions: ["no-op"],
  before: { id: "1" },
  after: { id: "1" },
  after_unknown: {},
  importing: { id: "1" },
};
const imported = {
  format_version: "1.2",
  resource_changes: [{ address: "a.b", mode: "managed", type: "a", name: "b", provider_name: "p", change }],
  output_changes: {},
};

test("the write role may not discard: its run is cancelled, and does not keep the workspace", async () => {
  const { told, world } = await tell({
    kind: { server: "otf", role: "write" },
    before: [deed("plan"), deed("changeVariable", 0, 1)],
  });
  expect([told, own(world)?.status]).toEqual(["plan-changed", "canceled"]);
});

test("a lock is told by nothing but the flag: the run waits, and is removed", async () => {
  const { told, world } = await tell({
    ...{ kind: { server: "otf" }, before: [deed("plan")] },
    prepare: ({ workspace }) => Object.assign(workspace, { lockedBy: "somebody" }),
  });
  expect(told).toBe("locked");
  expect(world.servers.runs.every(isFinal)).toBe(true);
});
