// Peak RSS and time of the whole action with plan JSON of 64 MiB, served by the sandbox to dist/main in a process of its own:
// node bench/plan-memory/run.ts [shape…]
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonValue } from "../../src/json.ts";
import { makeScene, scripted } from "../../test/e2e/scene.ts";
import { printTable } from "../figures.ts";

const MEBI = 1024 * 1024;
const SIZE = 64 * MEBI;
const LIMIT = 256 * MEBI;

type Json = { [key: string]: JsonValue };

function change(index: number, actions: string[], values: { before: JsonValue; after: JsonValue }): Json {
  const name = `thing_${index}`;
  return {
    ...{ address: `module.m.example_thing.${name}`, module_address: "module.m", mode: "managed" },
    ...{ type: "example_thing", name, provider_name: "registry.opentofu.org/example/example" },
    change: {
      ...{ actions, ...values, after_unknown: {} },
      ...{ before_sensitive: {}, after_sensitive: {} },
    },
  };
}

const line = (index: number, at: number) =>
  `key_${at}: the value number ${index * 1000 + at} of many – ünïcödé\n`;
const script = (index: number) => Array.from({ length: 420 }, (_, at) => line(index, at)).join("");
const policy = (index: number) =>
  JSON.stringify({
    Statement: Array.from({ length: 40 }, (_, at) => ({ Sid: `S${at}`, Resource: [`r${index}`] })),
  });

function tags(index: number, version: string): Json {
  const entries = Array.from({ length: 8 }, (_, at) => [`tag_${at}`, at === 3 ? version : `value ${index}`]);
  return { id: `i-${index}`, name: `thing ${index}`, tags: Object.fromEntries(entries) };
}

/** A kind of large plan: its n-th change. What is left of the size is filled with state, as `show -json` has it. */
const shapes: Record<string, { count: number; make: (index: number) => Json }> = {
  "one create": {
    count: 1,
    make: (index) => change(index, ["create"], { before: null, after: tags(index, "1") }),
  },
  "2,000 large creates": {
    count: 2000,
    make: (index) => {
      const after = { ...tags(index, "1"), script: script(index), policy: policy(index) };
      return change(index, ["create"], { before: null, after });
    },
  },
  "60,000 small updates": {
    count: 60_000,
    make: (index) => change(index, ["update"], { before: tags(index, "1"), after: tags(index, "2") }),
  },
  "a string of 30 MiB": {
    count: 2,
    make: (index) => {
      const after = { ...tags(index, "1"), content: "0123456789abcdef".repeat(index === 0 ? 30 * 65536 : 1) };
      return change(index, ["create"], { before: null, after });
    },
  },
  "lists of 24,000 numbers": {
    count: 340,
    make: (index) => {
      const list = (first: number) => Array.from({ length: 24_000 }, (_, at) => (at % 7) * 50 + first);
      return change(index, ["update"], { before: { list: list(100) }, after: { list: list(101) } });
    },
  },
  "texts of 24,000 lines": {
    count: 40,
    make: (index) => {
      const text = (word: string) =>
        Array.from({ length: 24_000 }, (_, at) => `${word} ${at} – a line ${index}`);
      const [before, after] = [{ text: text("old").join("\n") }, { text: text("new").join("\n") }];
      return change(index, ["update"], { before, after });
    },
  },
  "strings of 3.9 MiB": {
    count: 16,
    make: (index) =>
      change(index, ["create"], { before: null, after: { text: "日本語".repeat(3.9 * 116_000) } }),
  },
  "150,000 without changes": {
    count: 150_000,
    make: (index) => change(index, ["no-op"], { before: { id: `${index}` }, after: { id: `${index}` } }),
  },
};

function plan({ count, make }: { count: number; make: (index: number) => Json }): Json {
  const changes = Array.from({ length: count }, (_, index) => make(index));
  const length = count === 1 ? SIZE : JSON.stringify(changes).length;
  const state = Array.from({ length: Math.max(0, Math.floor((SIZE - length) / 1024)) }, () =>
    "s".repeat(1021),
  );
  return {
    ...{ format_version: "1.2", terraform_version: "1.11.4", planned_values: { root_module: {} } },
    ...{ resource_changes: changes, output_changes: {}, prior_state: { values: state } },
  };
}

/** Prints the peak to a file when the process ends. */
function probe(folder: string): { env: Record<string, string>; peak: () => number } {
  const [script, file] = [join(folder, "probe.mjs"), join(folder, "peak")];
  writeFileSync(
    script,
    `import { writeFileSync } from "node:fs";\nprocess.on("exit", () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));\n`,
  );
  return {
    env: { NODE_OPTIONS: `--import ${script}` },
    peak: () => Number(readFileSync(file, "utf8")) * 1024,
  };
}

async function measure(name: string, shape: { count: number; make: (index: number) => Json }) {
  const folder = mkdtempSync(join(tmpdir(), "bench-plan-"));
  const scene = await makeScene({ profile: "otf" });
  const { env, peak } = probe(folder);
  const planJson = plan(shape);
  scene.sandbox.script("demo", scripted(["ok"], { planJson }));
  const inputs = { "write-plan-json": "true" };
  const { exitCode, durationMs, outputs, stdout } = await scene.start({ env, inputs, timeoutMs: 300_000 })
    .result;
  await scene.sandbox.close();
  const size = (output: string) => statSync(outputs[output] ?? "").size / MEBI;
  if (exitCode !== 0 || !/./.test(outputs["plan-json-file"] ?? ""))
    throw new Error(`${name} failed:\n${stdout}`);
  const figures = [size("plan-json-file"), size("plan-text-file"), peak() / MEBI, durationMs / 1000];
  if (peak() >= LIMIT) process.exitCode = 1;
  rmSync(folder, { recursive: true });
  return [name, ...figures];
}

const wanted = process.argv.slice(2);
const rows: (string | number)[][] = [];
for (const [name, shape] of Object.entries(shapes)) {
  if (wanted.length === 0 || wanted.some((word) => name.includes(word)))
    rows.push(await measure(name, shape));
}
printTable(["plan", "JSON, MiB", "text, MiB", "peak RSS, MiB", "whole action, s"], rows, 1);
