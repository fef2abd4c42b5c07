// The table of docs/gate.md, row by row: every way `command: apply` can end, each carried out by the real step on the sandbox.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SUCCESSES } from "../../src/outputs.ts";
import { applyAction, cancelAction, discardAction } from "../sandbox/runs/actions.ts";
import { setStatus } from "../sandbox/runs/status.ts";
import type { EngineResult, Job, Run } from "../sandbox/world.ts";
import { type Deed, type DeedName, doDeed, mergePull } from "./deeds.ts";
import { applyIn, prepareSteps } from "./step.ts";
import { createWorld, type Done, type Kind, settled, type Turn, type World } from "./world.ts";

prepareSteps();

type Scenario = {
  kind?: Partial<Kind>;
  inputs?: Record<string, string>;
  /** The number of a run to be named by `run-id`. */
  run?: number;
  before?: Deed[];
  after?: Deed[];
  prepare?: (world: World) => void;
  /** The engine's deviations hold from the beginning, for reviews, too. */
  always?: true;
  /** Happens before the first request whose method and path match. */
  at?: [request: RegExp, deed: (world: World, own: Run) => unknown];
  plan?: (world: World, job: Job) => Promise<Partial<EngineResult> | undefined>;
  apply?: (world: World, job: Job) => Promise<Partial<EngineResult> | undefined>;
};

type Row = [how: string, end: string, done: Done, scenario: Scenario];

const usual: Kind = {
  ...{ server: "hcp", role: "owner", downloads: true, forcesAutoApply: false, ignores: undefined },
};

const deed = (name: DeedName, pick = 0, n = 0): Deed => ({ name, pick, n });
const plan = [deed("plan")];
const reviewed = { before: plan };
const confirm = /^POST .*\/actions\/apply$/;
const own = ({ servers }: World): Run => {
  const run = servers.runs.at(-1);
  if (run === undefined) throw new Error("no run");
  return run;
};
const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
const failing = async (): Promise<Partial<EngineResult>> => ({ ok: false });
/** Stops the step when the engine is at work, which goes on until it is interrupted. */
const stopping =
  (why: "interrupted" | "timeout") =>
  async (world: World, { signal }: Job): Promise<Partial<EngineResult>> => {
    world.interrupt(why);
    await Promise.race([aborted(signal), new Promise((resolve) => setTimeout(resolve, 3000).unref())]);
    return { ok: false };
  };
/** Stops the step when it has seen that the run is being applied. */
const stoppedApplying = (why: "interrupted" | "timeout"): Scenario => ({
  ...reviewed,
  at: [/^GET .*\/runs\/run-/, (world, run) => run.status === "applying" && world.interrupt(why)],
  apply: async (_world, { signal }) => {
    await aborted(signal);
    return { ok: false };
  },
});
const policy = (status: "soft_failed" | "hard_failed") => ({
  prepare: (world: World) => {
    world.workspace.policyChecks = [{ status, output: "no" }];
  },
});

const table: Row[] = [
  ["applied", "applied", "all of it", reviewed],
  [
    "nothing to change",
    "no-changes",
    "nothing",
    {
      ...reviewed,
      always: true,
      plan: async () => ({
        hasChanges: false,
        planJson: { format_version: "1.2", resource_changes: [], output_changes: {} },
      }),
    },
  ],
  ["nobody planned it for review", "held no-reviewed-plan", "nothing", {}],
  [
    "the new plan is not the reviewed one",
    "held plan-changed",
    "nothing",
    { ...reviewed, after: [deed("changeVariable", 0, 1)] },
  ],
  [
    "other files than the reviewed ones, with `require-same-archive`",
    "held archive-changed",
    "nothing",
    { before: [deed("plan"), deed("moveBase")], inputs: { "require-same-archive": "true" } },
  ],
  [
    "the structured plan cannot be read",
    "held no-structured-plan",
    "nothing",
    {
      ...reviewed,
      kind: { role: "write" },
      prepare: (world) => {
        world.secret = 1;
      },
      before: [deed("changeSecret", 0, 1), deed("plan")],
    },
  ],
  [
    "the server ignores an option",
    "held unsupported",
    "nothing",
    { inputs: { command: "destroy", "auto-approve": "true" }, kind: { ignores: "is-destroy" } },
  ],
  [
    "the server would apply by itself",
    "held server",
    "nothing",
    {
      ...reviewed,
      at: [
        /^GET .*\/runs\/run-/,
        (_world, { attributes }) => {
          attributes.autoApply = true;
          return !attributes.planOnly;
        },
      ],
    },
  ],
  [
    "`run-id` and `auto-approve` together",
    "held input",
    "nothing",
    { inputs: { "run-id": "run-1", "auto-approve": "true" } },
  ],
  ["`run-id`: no such run", "held not-found", "nothing", { inputs: { "run-id": "run-doesnotexist0" } }],
  [
    "`run-id`: of another workspace",
    "held input",
    "nothing",
    { before: [deed("planOtherWorkspace")], run: 0 },
  ],
  ["`run-id`: a plan only, or one that has ended", "held input", "nothing", { ...reviewed, run: 0 }],
  [
    "`run-id`: a saved plan that is stale",
    "held run-discarded",
    "nothing",
    { before: [deed("savePlan"), deed("planToApply"), deed("applyAnother", 1)], run: 0 },
  ],
  [
    "`run-id`: canceled by somebody",
    "held run-canceled",
    "nothing",
    { kind: { server: "otf" }, before: [deed("planToApply"), deed("cancel")], run: 0 },
  ],
  [
    "`run-id`: its plan failed",
    "held run-errored",
    "nothing",
    { before: [deed("planToApply")], run: 0, prepare: (world) => setStatus(own(world), "errored") },
  ],
  [
    "`run-id`: a policy did not pass",
    "held policy",
    "nothing",
    {
      before: [deed("planToApply")],
      run: 0,
      prepare: (world) => setStatus(own(world), "policy_soft_failed"),
    },
  ],
  [
    "`run-id`: it waits for somebody's decision",
    "held needs-approval",
    "nothing",
    { before: [deed("planToApply")], run: 0, prepare: (world) => setStatus(own(world), "policy_override") },
  ],
  [
    "`run-id`: confirmed by somebody before",
    "held confirmed-elsewhere",
    "all of it",
    { before: [deed("planToApply"), deed("applyAnother")], run: 0 },
  ],
  [
    "the workspace is connected to a VCS",
    "errored unsupported",
    "nothing",
    {
      ...reviewed,
      prepare: (world) => {
        world.workspace.vcsRepo = { identifier: "acme/infra" };
      },
    },
  ],
  [
    "a server that does not tell what waits for its confirmation (Terrakube)",
    "errored unsupported",
    "nothing",
    { kind: { server: "terrakube" } },
  ],
  ["the token may not apply", "errored forbidden", "nothing", { ...reviewed, kind: { role: "plan" } }],
  [
    "the token is not accepted",
    "errored unauthorized",
    "nothing",
    { ...reviewed, prepare: (world) => world.servers.tokens.clear() },
  ],
  [
    "the server cannot be reached",
    "errored unreachable",
    "nothing",
    {
      ...reviewed,
      prepare: (world) => {
        world.unreachable = true;
      },
    },
  ],
  [
    "no turn within `queue-timeout`: locked, or another run is under way",
    "timed-out locked",
    "nothing",
    {
      ...reviewed,
      prepare: (world) => {
        world.workspace.lockedBy = "somebody";
      },
    },
  ],
  ["the plan fails", "errored run-errored", "nothing", { ...reviewed, plan: failing }],
  ["a policy fails", "policy-failed policy", "nothing", { ...reviewed, ...policy("hard_failed") }],
  [
    "a policy waits for somebody who may override it",
    "policy-failed needs-approval",
    "nothing",
    { ...reviewed, ...policy("soft_failed") },
  ],
  [
    "somebody cancels the run while it plans",
    "canceled run-canceled",
    "nothing",
    {
      ...reviewed,
      plan: async (world, { run }) => {
        cancelAction(world.servers, run, false);
        return { ok: false };
      },
    },
  ],
  [
    "somebody discards the run before its confirmation",
    "discarded run-discarded",
    "nothing",
    { ...reviewed, at: [confirm, (world, run) => void discardAction(world.servers, run)] },
  ],
  [
    "somebody else confirms the run first",
    "held confirmed-elsewhere",
    "all of it",
    {
      ...reviewed,
      at: [
        confirm,
        async (world, run) => {
          applyAction(world.servers, run);
          await settled();
        },
      ],
    },
  ],
  [
    "the confirmation is refused, and the run goes on waiting",
    "held server",
    "nothing",
    {
      ...reviewed,
      prepare: (world) => {
        world.refusesApply = 409;
      },
    },
  ],
  [
    "the answer to the confirmation is lost, and the server proves it",
    "applied",
    "all of it",
    { ...reviewed, at: [confirm, (world) => void world.lost.push("answer")] },
  ],
  [
    "the same, and nothing proves it",
    "unknown server",
    "all of it",
    { ...reviewed, kind: { server: "otf" }, at: [confirm, (world) => void world.lost.push("answer")] },
  ],
  [
    "the confirmation is lost, and somebody else confirms",
    "unknown server",
    "all of it",
    {
      ...reviewed,
      at: [
        confirm,
        async (world, run) => {
          world.lost.push("request");
          applyAction(world.servers, run);
          await settled();
        },
      ],
    },
  ],
  [
    "no confirmation is answered, and the run still waits",
    "unknown server",
    "nothing",
    { ...reviewed, at: [confirm, (world) => void world.lost.push("request", "request", "request")] },
  ],
  ["the apply fails", "errored run-errored", "a part", { ...reviewed, apply: failing }],
  [
    "the apply of an import, on OTF",
    "errored run-errored",
    "all of it",
    {
      ...reviewed,
      kind: { server: "otf" },
      apply: async () => ({ counts: { add: 0, change: 0, destroy: 0, import: 1 } }),
    },
  ],
  [
    "somebody cancels the apply",
    "canceled run-canceled",
    "a part",
    {
      ...reviewed,
      apply: async (world, { run }) => {
        cancelAction(world.servers, run, false);
        return { ok: false };
      },
    },
  ],
  [
    "somebody cancels the apply with a team's token, on OTF",
    "canceled run-canceled",
    "all of it",
    {
      ...reviewed,
      kind: { server: "otf" },
      apply: async (world, { run }) => {
        cancelAction(world.servers, run, true);
        return undefined;
      },
    },
  ],
  [
    "canceled after it was applied, on OTF",
    "applied",
    "all of it",
    {
      ...reviewed,
      kind: { server: "otf" },
      at: [
        /^GET .*\/runs\/run-/,
        (world, run) => run.status === "applied" && cancelAction(world.servers, run, false),
      ],
    },
  ],
  [
    "the apply waits for somebody's decision",
    "policy-failed needs-approval",
    "nothing",
    {
      ...reviewed,
      apply: async (world, { run, signal }) => {
        setStatus(run, "pre_apply_awaiting_decision");
        world.done.set(run.id, "nothing");
        await aborted(signal);
        return { ok: false };
      },
    },
  ],
  [
    "the token is refused while it is applied",
    "unknown server",
    "it goes on",
    {
      ...reviewed,
      apply: async (world, job) => {
        world.servers.tokens.clear();
        return stopping("interrupted")({ ...world, interrupt: () => undefined }, job);
      },
    },
  ],
  [
    "`timeout` before the confirmation",
    "timed-out timeout",
    "nothing",
    { ...reviewed, plan: stopping("timeout") },
  ],
  ["`timeout` while it is applied", "unknown timeout", "it goes on", stoppedApplying("timeout")],
  [
    "the job is canceled while it plans",
    "canceled interrupted",
    "nothing",
    { ...reviewed, plan: stopping("interrupted") },
  ],
  [
    "the job is canceled before the confirmation",
    "discarded interrupted",
    "nothing",
    {
      ...reviewed,
      at: [
        /^GET .*\/plans\/plan-[^/]+\/json-output$/,
        (world) => {
          if (own(world).status !== "planned") return false;
          return world.interrupt("interrupted");
        },
      ],
    },
  ],
  [
    "the job is canceled while the confirmation is under way",
    "unknown interrupted",
    "it goes on",
    { ...reviewed, apply: stopping("interrupted") },
  ],
  [
    "the job is canceled while it is applied",
    "unknown interrupted",
    "it goes on",
    stoppedApplying("interrupted"),
  ],
  [
    "the same, with `cancel-apply`",
    "canceled interrupted",
    "a part",
    { ...stoppedApplying("interrupted"), inputs: { "cancel-apply": "true" } },
  ],
];

const HEAD = [
  "| how it ends | `status` | `failure-reason` | exit code | what was applied |",
  "|---|---|---|---|---|",
];

const lines = table.map(([how, end, done]) => {
  const [status = "", reason = ""] = end.split(" ");
  const code = SUCCESSES.has(status as "applied") ? 0 : 1;
  return `| ${how} | \`${status}\` | ${reason === "" ? "" : `\`${reason}\``} | ${code} | ${done} |`;
});

test("docs/gate.md has this table", () => {
  const docs = readFileSync("docs/gate.md", "utf8").split("\n");
  const start = docs.indexOf(HEAD[0] ?? "");
  const end = docs.indexOf("", start);
  expect(docs.slice(start, end)).toEqual([...HEAD, ...lines]);
});

test.each(table)("%s: %s, applied: %s", async (_how, expected, done, scenario) => {
  const world = createWorld({ ...usual, ...scenario.kind });
  if (scenario.always) deviate(world, scenario);
  for (const one of scenario.before ?? []) await doDeed(world, one);
  mergePull(world);
  for (const one of scenario.after ?? []) await doDeed(world, one);
  scenario.prepare?.(world);
  deviate(world, scenario);
  const { end, findings } = await applyIn(world, {
    inputs: inputsOf(world, scenario),
    tree: world.mergeTree,
    turn: turnsOf(world, scenario),
  });
  const reason = end.failure?.reason ?? "";
  const run = scenario.run === undefined ? world.servers.runs.at(-1) : world.servers.runs[scenario.run];
  const became = world.done.get(run?.id ?? "") ?? "nothing";
  expect([`${end.status} ${reason}`.trim(), became]).toEqual([expected, done]);
  // Exit 0 only on proven success, and every failure says what to do.
  expect(end.failure === undefined).toBe(SUCCESSES.has(end.status));
  expect(findings.applied === true).toBe(end.status === "applied");
  expect(end.failure?.message ?? "applied").toMatch(/^[\s\S]{7,}$/);
  for (const { abort } of world.servers.runs) abort.abort();
});

function deviate(world: World, { plan, apply }: Scenario): void {
  world.onPlan = plan && ((job) => plan(world, job));
  world.onApply = apply && ((job) => apply(world, job));
}

function inputsOf(world: World, { inputs = {}, run }: Scenario): Record<string, string> {
  return run === undefined ? inputs : { ...inputs, "run-id": world.servers.runs[run]?.id ?? "" };
}

function turnsOf(world: World, { at }: Scenario): Turn {
  let left = at;
  return async ({ method, path }) => {
    if (left === undefined || !left[0].test(`${method} ${path}`)) return;
    if ((await left[1](world, own(world))) !== false) left = undefined;
  };
}
