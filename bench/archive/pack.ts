// Packs a directory as the action does and prints what it took: node pack.ts DIRECTORY FILE
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
process.stdout.write(
  `${JSON.stringify({ milliseconds, bytes, rawBytes, digest, maxRss: process.resourceUsage().maxRSS * 1024 })}\n`,
);
