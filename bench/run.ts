// Runs every benchmark, or those named: npm run bench -- start log
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const wanted = process.argv.slice(2);
const names = readdirSync(folder, { withFileTypes: true })
  .filter((e) => e.isDirectory())
  .map((e) => e.name);
for (const name of names.filter((n) => wanted.length === 0 || wanted.includes(n)).sort()) {
  console.log(`\n# ${name}\n`);
  const { status } = spawnSync(process.execPath, [join(folder, name, "run.ts")], { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
