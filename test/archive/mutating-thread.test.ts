import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import { pack, repository, temporaryFolder } from "./tree.ts";

const workers: Worker[] = [];

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

/** Swaps a file and a directory for links out of the repository and back, without end. */
const MUTATOR = `
const { renameSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
const { workerData: { root, outside } , parentPort } = require("node:worker_threads");
const attempt = (action) => { try { action(); } catch {} };
parentPort.postMessage("ready");
for (;;) {
  attempt(() => renameSync(root + "/dir", root + "/../parked"));
  attempt(() => symlinkSync(outside, root + "/dir"));
  attempt(() => rmSync(root + "/dir"));
  attempt(() => renameSync(root + "/../parked", root + "/dir"));
  attempt(() => rmSync(root + "/file"));
  attempt(() => symlinkSync(outside + "/file", root + "/file"));
  attempt(() => rmSync(root + "/file"));
  attempt(() => writeFileSync(root + "/file", "INSIDE"));
}`;

test("a thread that swaps files and directories for links gets nothing from outside into an archive", async () => {
  const outside = temporaryFolder();
  for (const name of ["file", "a", "b", "c"]) writeFileSync(join(outside, name), "OUTSIDE");
  const contents = Object.fromEntries(
    ["file", "dir/a", "dir/b", "dir/c", "z"].map((path) => [path, "INSIDE"]),
  );
  const { root, repositoryRoot } = repository(contents);
  const worker = new Worker(MUTATOR, { eval: true, workerData: { root, outside } });
  workers.push(worker);
  await new Promise((resolve) => worker.once("message", resolve));
  const destination = join(temporaryFolder(), "archive.tar.gz");
  const counts = { packed: 0, refused: 0 };
  for (let round = 0; round < 1500; round += 1) {
    try {
      await pack({ root, repositoryRoot, destination });
      expect(gunzipSync(readFileSync(destination)).includes("OUTSIDE")).toBe(false);
      counts.packed += 1;
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ reason: "archive" });
      counts.refused += 1;
    }
  }
  process.stderr.write(`races: ${JSON.stringify(counts)}\n`);
  expect(counts.refused).toBeGreaterThan(0);
});
