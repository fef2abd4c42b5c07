import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonValue } from "../../../src/json.ts";
import { addState } from "../add-state.ts";
import type { Engine, EngineResult, Job } from "../world.ts";
import { countsOf } from "./cli.ts";
import { redactPlan } from "./redact.ts";
import { inspectArchive } from "./unpack.ts";

/** Output of the CLI and when it came, milliseconds after the start of its phase. */
export type RecordedOutput = { at: number; text: string }[];

/** One run of the real CLI, as scripts/record-sandbox.ts writes it to test/fixtures/sandbox. */
export type Recording = {
  /** `terraform 1.11.4`. */
  engine: string;
  /** Digest of the configuration, of `configurationDigest`. */
  configuration: string;
  /** Serial of the state it began with, 0 for none. */
  serial: number;
  destroy: boolean;
  /** By `structured-run-output-enabled`: JSON lines or text. */
  plan: { text: RecordedOutput; structured: RecordedOutput };
  apply: { text: RecordedOutput; structured: RecordedOutput };
  hasChanges: boolean;
  planJson: JsonValue;
  schemas: JsonValue;
  /** State after the apply. */
  state: string;
};

const fixtures = path.resolve(import.meta.dirname, "../../fixtures/sandbox");

/** Replays recorded runs of the CLI, for machines without one. A run that nobody recorded fails and says so. */
export function recordedEngine(): Engine {
  return {
    name: "recorded runs",
    plan: (job) => replayPlan(job),
    apply: (job) => replayApply(job),
  };
}

async function replayPlan(job: Job): Promise<EngineResult> {
  const recording = await findRecording(job);
  if (recording === undefined) {
    job.log(
      "Error: neither tofu nor terraform is on PATH of the sandbox, and no run of this configuration was recorded\n",
    );
    return { ok: false };
  }
  await replay(job, recording.plan);
  const { planJson, schemas, hasChanges } = recording;
  return {
    ok: true,
    hasChanges,
    planJson,
    redactedJson: redactPlan(planJson, schemas),
    counts: countsOf(planJson),
  };
}

async function replayApply(job: Job): Promise<EngineResult> {
  const recording = await findRecording(job);
  if (recording === undefined) return { ok: false };
  await replay(job, recording.apply);
  if (job.signal.aborted) return { ok: false };
  addState(job.workspace, recording.state);
  return { ok: true, counts: countsOf(recording.planJson) };
}

async function replay(job: Job, output: Recording["plan"]): Promise<void> {
  let now = 0;
  for (const { at, text } of job.workspace.structuredRunOutput ? output.structured : output.text) {
    await sleep(Math.max(0, at - now), undefined, { signal: job.signal }).catch(() => undefined);
    if (job.signal.aborted) return;
    now = at;
    job.log(text);
  }
}

async function findRecording(job: Job): Promise<Recording | undefined> {
  const files = await inspectArchive(job.archive);
  const prefix = job.workspace.workingDirectory.replace(/^\/|\/$/gu, "");
  const sources = files
    .filter((file) => path.posix.dirname(file.path) === (prefix === "" ? "." : prefix))
    .map((file) => ({ name: path.posix.basename(file.path), text: file.content.toString("utf8") }));
  const digest = configurationDigest(sources);
  const serial = job.workspace.states.at(-1)?.serial ?? 0;
  return allRecordings().find(
    (recording) =>
      recording.configuration === digest &&
      recording.serial === serial &&
      recording.destroy === job.run.attributes.isDestroy,
  );
}

/** Digest of the `.tf` files of a root module, without those that only say where it runs (backend or cloud block). */
export function configurationDigest(sources: { name: string; text: string }[]): string {
  const hash = createHash("sha256");
  const counted = sources
    .filter(({ name, text }) => name.endsWith(".tf") && !/backend\s+"|cloud\s*\{/u.test(text))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));
  for (const { name, text } of counted) hash.update(`${name}\0${text.replaceAll("\r\n", "\n")}\0`);
  return hash.digest("hex");
}

function allRecordings(): Recording[] {
  return readdirSync(fixtures)
    .filter((name) => name.endsWith(".recording.json"))
    .map((name): Recording => JSON.parse(readFileSync(path.join(fixtures, name), "utf8")));
}
