// Packs a directory as the action does and prints what it took: node pack.ts DIRECTORY FILE
import { existsSync, readFileSync } from "node:fs";
import { packDirectory } from "../../src/archive/pack.ts";

const [root = "", destination = ""] = process.argv.slice(2);
const start = performance.now();
const archive = await packDirectory({
  root,
  repositoryRoot: root,
  ignore: [],
  secrets: [
    "not-in-there-0123456789abcdef",
    "neither-this-0123456789",
    "ghs_0123456789abcdefghijklmnopqrstuvwxyz",
  ],
  destination,
  signal: new AbortController().signal,
});
const milliseconds = performance.now() - start;
const { bytes, rawBytes, digest } = archive;
process.stdout.write(`${JSON.stringify({ milliseconds, bytes, rawBytes, digest, maxRss: peak() })}\n`);

/** Bytes. On Linux maxRSS also counts what the process that started this one had in memory. */
function peak(): number {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const own = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return (own === undefined ? process.resourceUsage().maxRSS : Number(own)) * 1024;
}
