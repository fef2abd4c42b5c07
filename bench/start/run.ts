// How long dist/main takes from its start to its first connection, over an empty Node process: alternating, medians.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median, printTable } from "../figures.ts";

const ROUNDS = 25;
const folder = mkdtempSync(join(tmpdir(), "bench-start-"));
let connected: (at: number) => void = () => undefined;
const server = createServer((socket) => {
  connected(performance.now());
  socket.destroy();
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
writeFileSync(
  join(folder, "main.tf"),
  `terraform {\n  backend "remote" {\n    hostname     = "localhost:${port}"\n    organization = "acme"\n    workspaces { name = "demo" }\n  }\n}\n`,
);

async function empty(): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, ["-e", "0"], { stdio: "ignore" }), "exit");
  return performance.now() - start;
}

async function action(): Promise<number> {
  const start = performance.now();
  const { promise, resolve } = Promise.withResolvers<number>();
  connected = resolve;
  const child = spawn(process.execPath, ["dist/main/index.js"], {
    stdio: "ignore",
    env: {
      PATH: process.env["PATH"],
      GITHUB_WORKSPACE: folder,
      RUNNER_TEMP: folder,
      INPUT_TOKEN: "benchmark",
    },
  });
  const at = await promise;
  child.kill("SIGKILL");
  await once(child, "exit");
  return at - start;
}

const figures = { empty: [] as number[], action: [] as number[] };
for (let round = 0; round < ROUNDS; round++) {
  figures.empty.push(await empty());
  figures.action.push(await action());
}
server.close();
const [bare, first] = [median(figures.empty), median(figures.action)];
printTable(
  ["node -e 0, ms", "dist/main to its first connection, ms", "over, ms"],
  [[bare, first, first - bare]],
  1,
);
