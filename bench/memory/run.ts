// Peak RSS of dist/main while a run's log of 1 GiB goes through it, line by line, to its stdout and its log file:
// node bench/memory/run.ts [MiB]
import { readFileSync, statSync } from "node:fs";
import { loadavg } from "node:os";
import { ONE_TO_CREATE } from "../../test/e2e/scene.ts";
import { startSandbox } from "../../test/sandbox/server.ts";
import { printTable } from "../figures.ts";
import { actionClient } from "../plan/clients.ts";

const MEBI = 1024 * 1024;
const GOAL_MIB = 256;
const BLOCK = 16;
const blocks = Math.ceil(Number(process.argv[2] ?? 1024) / BLOCK);
const line =
  'module.network.aws_subnet.private["eu-central-1a"]: an ordinary line of a long log, ünïcödé – 1234567890\n';

const repeated = Buffer.from(line.repeat(Math.floor((BLOCK * MEBI) / Buffer.byteLength(line))));
const sandbox = await startSandbox({ engine: "recorded" });
try {
  sandbox.workspace("bench");
  const plan = Array.from({ length: blocks }, () => ({ log: repeated }));
  sandbox.script("bench", { plan, planJson: ONE_TO_CREATE });
  let printed = 0;
  const client = actionClient({ ...sandbox, workspace: "bench" }, sandbox.hostname, 3);
  const taken = await client.plan((text) => {
    printed += text.length;
  });
  const whole = blocks * repeated.length;
  const file = /^log-file(?:=|<<.*\n)(.*)$/m.exec(readFileSync(client.outputFile(), "utf8"))?.[1] ?? "";
  const written = statSync(file).size;
  const requests = sandbox.requests.filter(({ server }) => server === "tfe").length;
  printTable(
    ["log MiB", "peak RSS MiB", "CPU s", "wall s", "requests", "requests/s", "characters printed, millions"],
    [
      [
        ...[whole / MEBI, taken.rssMib, taken.cpuMs / 1000, taken.wallMs / 1000, requests],
        ...[requests / (taken.wallMs / 1000), printed / 1e6],
      ].map((figure) => figure.toFixed(1)),
    ],
  );
  const met = written === whole && taken.rssMib < GOAL_MIB;
  console.log(
    `${written === whole ? "log file whole" : `log file NOT WHOLE: ${written} of ${whole} bytes`}; peak RSS < ${GOAL_MIB} MiB: ` +
      `${taken.rssMib < GOAL_MIB ? "met" : "MISSED"}; load ${loadavg()[0]?.toFixed(1)}`,
  );
  if (!met) process.exitCode = 1;
} finally {
  await sandbox.close();
}
