// Runs the sandbox until it is stopped: node scripts/node24.mjs scripts/sandbox.ts FOLDER
// FOLDER gets ca.pem and, last, `outputs` with hostname, organization, workspace and token, a line each.
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startSandbox } from "../test/sandbox/server.ts";

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: scripts/sandbox.ts FOLDER");
mkdirSync(folder, { recursive: true });
const sandbox = await startSandbox();
sandbox.workspace("demo");
copyFileSync(sandbox.caFile, join(folder, "ca.pem"));
const { hostname, organization, token } = sandbox;
const lines = Object.entries({ hostname, organization, workspace: "demo", token }).map(
  ([name, value]) => `${name}=${value}`,
);
writeFileSync(join(folder, "outputs.part"), `${lines.join("\n")}\n`);
renameSync(join(folder, "outputs.part"), join(folder, "outputs"));
console.log(`sandbox on ${hostname}, runs by ${sandbox.engineName}`);
