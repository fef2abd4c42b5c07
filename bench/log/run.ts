// How long a line of a run's log takes from the server to the client's stdout, and at how many requests: the action, and
// the CLIs on PATH, each on a sandbox of its own that plays the same log, all at the same time. node bench/log/run.ts [share]
import { loadavg } from "node:os";
import { ONE_TO_CREATE } from "../../test/e2e/scene.ts";
import { type Sandbox, startSandbox } from "../../test/sandbox/server.ts";
import { printTable, quantile } from "../figures.ts";
import { actionClient, type Client, cliClient, clisOnPath } from "../plan/clients.ts";
import { lineText, makeSchedule, type Schedule } from "./schedule.ts";

const share = Number(process.argv[2] ?? 1);
const GOAL = { delayMs: 250, requestsPerSecond: 5 };

type Figures = { name: string; p50: number; p95: number; worst: number; perSecond: number; missing: number };
type Scene = { sandbox: Sandbox; schedule: Schedule };

async function startScene(): Promise<Scene & { place: Parameters<typeof actionClient>[0] }> {
  const sandbox = await startSandbox({ engine: "recorded" });
  const schedule = makeSchedule(share);
  sandbox.workspace("bench");
  sandbox.script("bench", { plan: schedule.steps, planJson: ONE_TO_CREATE });
  return { sandbox, schedule, place: { ...sandbox, workspace: "bench" } };
}

async function follow(client: Client, { sandbox, schedule }: Scene): Promise<Figures> {
  const seenAt = new Map<number, number>();
  let tail = "";
  await client.plan((text) => {
    const now = performance.now();
    tail += text;
    for (const [, line] of tail.matchAll(/bench-line-(\d+)-end/g)) {
      if (!seenAt.has(Number(line))) seenAt.set(Number(line), now);
    }
    tail = tail.slice(-lineText(schedule.lines).length);
  });
  const delays = [...schedule.writtenAt].flatMap(([line, at]) => (seenAt.get(line) ?? Number.NaN) - at);
  const seen = delays.filter((delay) => !Number.isNaN(delay));
  return {
    name: client.name,
    ...{ p50: quantile(seen, 0.5), p95: quantile(seen, 0.95), worst: quantile(seen, 1) },
    perSecond: requestsPerSecond({ sandbox, schedule }),
    missing: delays.length - seen.length,
  };
}

/** Requests of all kinds while the log came, from its first line to its last. */
function requestsPerSecond({ sandbox, schedule }: Scene): number {
  const times = [...schedule.writtenAt.values()];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const during = sandbox.requests.filter(({ at, server }) => server === "tfe" && at >= first && at <= last);
  return during.length / ((last - first) / 1000);
}

async function action(): Promise<Figures> {
  const scene = await startScene();
  const client = actionClient(scene.place, scene.sandbox.hostname, 3);
  return follow(client, scene).finally(scene.sandbox.close);
}

async function cli(binary: Parameters<typeof cliClient>[0]): Promise<Figures> {
  const scene = await startScene();
  const client = await cliClient(binary, scene.place, { hostname: scene.sandbox.hostname, resources: 3 });
  return follow(client, scene).finally(scene.sandbox.close);
}

const clis = clisOnPath();
if (clis.length === 0) console.log("SKIPPED the comparison: neither tofu nor terraform is on PATH");
const all = await Promise.all([action(), ...clis.map(cli)]);
console.log(`${makeSchedule(share).lines} lines, load ${loadavg()[0]?.toFixed(1)}\n`);
printTable(
  ["log delay", "p50 ms", "p95 ms", "worst ms", "requests/s", "lines missing"],
  all.map(({ name, p50, p95, worst, perSecond, missing }) => [
    name,
    ...[p50, p95, worst].map((ms) => ms.toFixed(0)),
    ...[perSecond.toFixed(1), String(missing)],
  ]),
);
const [ours] = all;
const met =
  ours !== undefined &&
  ours.missing === 0 &&
  ours.p95 <= GOAL.delayMs &&
  ours.perSecond <= GOAL.requestsPerSecond;
console.log(`p95 ≤ ${GOAL.delayMs} ms at ≤ ${GOAL.requestsPerSecond} requests/s: ${met ? "met" : "MISSED"}`);
if (!met) process.exitCode = 1;
