// A whole plan, comment included, against that of the CLI on the same server and configuration, in alternating rounds.
// The server is the sandbox with the CLI on PATH as its engine; or the one that TFE_BENCH_HOSTNAME, TFE_BENCH_ORGANIZATION,
// TFE_BENCH_WORKSPACE and TFE_BENCH_TOKEN name (and NODE_EXTRA_CA_CERTS, for a private CA).
// TFE_BENCH_DIST names another dist/ to compare with. node bench/plan/run.ts [rounds] [resources…]
import { loadavg } from "node:os";
import { median, printTable } from "../figures.ts";
import { actionClient, type Client, cliClient, clisOnPath } from "./clients.ts";
import type { Taken } from "./process.ts";
import { type PlanServer, startPlanServer } from "./servers.ts";

const rounds = Number(process.argv[2] ?? 7);
const sizes = process.argv.length > 3 ? process.argv.slice(3).map(Number) : [3, 2000];
/** Share of the CLI's time over the server's own that the action may take, by resources. */
const goalOf = (resources: number): number => (resources < 100 ? 0.35 : 0.5);

type Round = Taken & { ownMs: number };
type Figures = { name: string; rounds: Round[]; requests: number };

async function clientsFor(server: PlanServer, hostname: string, resources: number): Promise<Client[]> {
  const others = clisOnPath().map((binary) => cliClient(binary, server, { hostname, resources }));
  return [actionClient(server, hostname, resources), ...(await Promise.all(others))];
}

async function planOnce(server: PlanServer, client: Client): Promise<Round> {
  const taken = await client.plan();
  const runId = /\brun-[A-Za-z0-9]+\b/.exec(taken.output)?.[0];
  if (runId === undefined) throw new Error(`${client.name} names no run\n${taken.output}`);
  return { ...taken, ownMs: await server.ownTime(runId) };
}

/** One plan of each for the number of requests and to warm up, then the rounds, each beginning with another client. */
async function compare(server: PlanServer, resources: number): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const client of await clientsFor(server, server.countedHostname, resources)) {
    const before = server.requests();
    await client.plan();
    figures.push({ name: client.name, rounds: [], requests: server.requests() - before });
  }
  const clients = await clientsFor(server, server.hostname, resources);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < clients.length; turn++) {
      const at = (round + turn) % clients.length;
      const client = clients[at];
      if (client !== undefined) figures[at]?.rounds.push(await planOnce(server, client));
    }
  }
  return figures;
}

const overOf = ({ rounds: taken }: Figures): number =>
  median(taken.map((round) => round.wallMs - round.ownMs));
const HEADING = [
  "wall ms",
  "server's own ms",
  "over ms",
  "CPU ms",
  "peak RSS MiB",
  "requests",
  "over, ours/its",
];

function print(figures: Figures[], resources: number): void {
  const ours = figures[0] === undefined ? Number.NaN : overOf(figures[0]);
  const middle = (taken: Round[], key: "wallMs" | "ownMs" | "cpuMs" | "rssMib") =>
    median(taken.map((round) => round[key])).toFixed(0);
  printTable(
    [`${resources} resources`, ...HEADING],
    figures.map((of) => [
      of.name,
      ...[middle(of.rounds, "wallMs"), middle(of.rounds, "ownMs"), overOf(of).toFixed(0)],
      ...[middle(of.rounds, "cpuMs"), middle(of.rounds, "rssMib"), of.requests.toFixed(0)],
      (ours / overOf(of)).toFixed(2),
    ]),
  );
  for (const of of figures.slice(1)) {
    const [ratio, goal] = [ours / overOf(of), goalOf(resources)];
    console.log(
      `over against ${of.name}: ${ratio.toFixed(2)}, goal ${goal}: ${ratio <= goal ? "met" : "MISSED"}`,
    );
    if (!(ratio <= goal)) process.exitCode = 1;
  }
}

const server = await startPlanServer(process.env);
if (server === undefined) {
  console.log("SKIPPED: neither tofu nor terraform is on PATH, and TFE_BENCH_HOSTNAME names no server");
} else {
  console.log(`${server.name}, medians of ${rounds} alternating rounds, load ${loadavg()[0]?.toFixed(1)}\n`);
  try {
    for (const resources of sizes) {
      print(await compare(server, resources), resources);
      console.log(`load ${loadavg()[0]?.toFixed(1)}\n`);
    }
  } finally {
    await server.close();
  }
}
