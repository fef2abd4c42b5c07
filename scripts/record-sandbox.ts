// Records the runs that the sandbox replays where no tofu or terraform is on PATH:
//   node scripts/node24.mjs scripts/record-sandbox.ts
// Writes test/fixtures/sandbox/*.recording.json from the configurations before/ and after/ beside them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createRun, packed, waitForStatus } from "../test/sandbox/client.ts";
import { findBinary, run as runBinary } from "../test/sandbox/engine/binary.ts";
import { configurationDigest, type RecordedOutput, type Recording } from "../test/sandbox/engine/recorded.ts";
import { type Sandbox, startSandbox } from "../test/sandbox/server.ts";
import type { Engine, EngineResult, Job } from "../test/sandbox/world.ts";

const fixtures = path.resolve(import.meta.dirname, "../test/fixtures/sandbox");

type Scenario = { name: string; configuration: string; state: string | undefined; destroy: boolean };
type Taken = { plan: RecordedOutput; apply: RecordedOutput; planned: EngineResult | undefined };

/** An engine that notes what another one prints, and when. */
function listening(engine: Engine, taken: Taken): Engine {
  const listen =
    (phase: "plan" | "apply") =>
    async (job: Job): Promise<EngineResult> => {
      const started = performance.now();
      const log = (data: string | Uint8Array): void => {
        taken[phase].push({
          at: Math.round(performance.now() - started),
          text: Buffer.from(data).toString("utf8"),
        });
      };
      const result = await engine[phase]({ ...job, log });
      if (phase === "plan") taken.planned = result;
      return result;
    };
  return { name: engine.name, plan: listen("plan"), apply: listen("apply") };
}

async function take(
  scenario: Scenario,
  structured: boolean,
): Promise<{ taken: Taken; state: string; engine: string }> {
  const sandbox: Sandbox = await startSandbox();
  try {
    const taken: Taken = { plan: [], apply: [], planned: undefined };
    const engine = sandbox.engineName;
    sandbox.world.engine = listening(sandbox.world.engine, taken);
    sandbox.workspace("recorded", { structuredRunOutput: structured });
    if (scenario.state !== undefined) sandbox.setState("recorded", scenario.state);
    const archive = await packed(path.join(fixtures, scenario.configuration));
    const attributes = { "auto-apply": true, "is-destroy": scenario.destroy };
    const id = await createRun(sandbox, { workspace: "recorded", archive, attributes });
    await waitForStatus(sandbox, id, "applied", "planned_and_finished", "errored");
    if (sandbox.run(id).status === "errored")
      throw new Error(`${scenario.name} errored:\n${JSON.stringify(taken)}`);
    return { taken, state: sandbox.workspace("recorded").states.at(-1)?.json ?? "", engine };
  } finally {
    await sandbox.close();
  }
}

async function record(scenario: Scenario, schemas: Recording["schemas"]): Promise<string> {
  const text = await take(scenario, false);
  const structured = await take(scenario, true);
  const directory = path.join(fixtures, scenario.configuration);
  const sources = readdirSync(directory).map((name) => ({
    name,
    text: readFileSync(path.join(directory, name), "utf8"),
  }));
  const recording: Recording = {
    engine: text.engine,
    configuration: configurationDigest(sources),
    serial: scenario.state === undefined ? 0 : Number(JSON.parse(scenario.state).serial),
    destroy: scenario.destroy,
    plan: { text: text.taken.plan, structured: structured.taken.plan },
    apply: { text: text.taken.apply, structured: structured.taken.apply },
    hasChanges: text.taken.planned?.hasChanges ?? false,
    planJson: text.taken.planned?.planJson ?? null,
    schemas,
    state: text.state,
  };
  writeFileSync(
    path.join(fixtures, `${scenario.name}.recording.json`),
    `${JSON.stringify(recording, null, 1)}\n`,
  );
  console.log(`${scenario.name}: ${text.engine}, ${recording.plan.text.length} pieces of log`);
  return text.state;
}

async function builtinSchemas(): Promise<Recording["schemas"]> {
  const binary = findBinary();
  if (binary === undefined) throw new Error("recording needs tofu or terraform on PATH");
  const shown = await runBinary(binary, ["providers", "schema", "-json"], {
    cwd: path.join(fixtures, "before"),
  });
  return JSON.parse(shown.stdout);
}

const schemas = await builtinSchemas();
const created = await record(
  { name: "create", configuration: "before", state: undefined, destroy: false },
  schemas,
);
const changed = await record(
  { name: "change", configuration: "after", state: created, destroy: false },
  schemas,
);
await record({ name: "no-changes", configuration: "after", state: changed, destroy: false }, schemas);
await record({ name: "destroy", configuration: "after", state: changed, destroy: true }, schemas);
