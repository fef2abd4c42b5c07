// Runs a script on Node 24, the version the action runs on, whatever Node called this one.
//   node scripts/node24.mjs SCRIPT [ARGUMENT...]
// Plain JavaScript because it is what Node 20 has to be able to run.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The Node 24 binary: this process's own, else the one npm installed for this platform. */
function node24() {
  if (process.versions.node.startsWith("24.")) return process.execPath;
  const platform = process.platform === "win32" ? "win" : process.platform;
  const names = [`node-bin-${platform}-${process.arch}`, `node-${platform}-${process.arch}`];
  for (const name of names) {
    try {
      return require.resolve(`${name}/bin/node${process.platform === "win32" ? ".exe" : ""}`);
    } catch {
      // this platform's binary goes by the other name
    }
  }
  throw new Error(`no Node 24 for ${process.platform} ${process.arch}: install Node 24 and run npm ci again`);
}

const child = spawn(node24(), process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
});
