import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBell, createBudget, systemClock } from "../../src/run/clock.ts";
import { createLogFile } from "../../src/run/log-file.ts";
import { createLogPrinter } from "../../src/run/log-printer.ts";
import { streamLog } from "../../src/run/log-stream.ts";

/**
 * Streams a log through the log stream, the printer and the log file, and prints what that takes:
 * `node bench/run/run.ts [MiB] [lines|one-line]`. The request budget is lifted, so that this measures the
 * code and not its patience.
 */
const mebibytes = Number(process.argv[2] ?? 1024);
const shape = process.argv[3] ?? "lines";

const line =
  shape === "one-line" ? "x".repeat(97) : `aws_thing.é[0]: ${"─".repeat(20)} an ordinary line of a log\n`;
const lineBytes = Buffer.byteLength(line);
/** Whole lines, as a cut character would come out as a replacement character, which is longer. */
const size = Math.floor((mebibytes * 1024 * 1024) / lineBytes) * lineBytes;
const block = Buffer.from(line.repeat(Math.ceil((4 * 1024 * 1024) / lineBytes)));

/** `limit` bytes of the endless repetition of the line, from `offset` on. */
function bytesAt(offset: number, limit: number): Uint8Array {
  const wanted = Math.min(limit, size - offset);
  const start = offset % block.length;
  return new Uint8Array(block.subarray(start, Math.min(start + wanted, block.length)));
}

let peak = 0;
let stall = 0;
let lastTick = performance.now();
const sampler = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
  stall = Math.max(stall, performance.now() - lastTick - 10);
  lastTick = performance.now();
}, 10);

const folder = await mkdtemp(join(tmpdir(), "bench-run-"));
const path = join(folder, "log");
const file = await createLogFile(path);
let lines = 0;
const nothing = () => undefined;
const printer = createLogPrinter(
  {
    ...{ line: nothing, startGroup: nothing, endGroup: nothing, warning: nothing, mask: nothing },
    foreign: (more) => {
      lines += more.length;
    },
  },
  nothing,
  systemClock,
);
const start = performance.now();
const result = await streamLog({
  readLog: async (at) => ({ status: 200, bytes: bytesAt(at.offset, at.limit), complete: true }),
  renewUrl: async () => "memory:",
  ...{ counting: "bytes", framed: false, clock: systemClock, bell: createBell(systemClock) },
  ...{
    budget: createBudget(systemClock, { perSecond: 1e6, burst: 1e6 }),
    signal: new AbortController().signal,
  },
  ended: () => true,
  onPieces: async (pieces) => {
    printer.print(pieces);
    await file.write(pieces);
  },
});
printer.finish();
await file.close();
clearInterval(sampler);
const seconds = (performance.now() - start) / 1000;
const written = (await stat(path)).size;
await rm(folder, { recursive: true });

const whole = result.complete && result.bytes === size && written >= size && written <= size + 1;
process.stdout.write(
  `${mebibytes} MiB, ${shape}: ${seconds.toFixed(1)} s, ${(mebibytes / seconds).toFixed(0)} MiB/s, ${lines} lines printed, ` +
    `peak RSS ${(peak / 1048576).toFixed(0)} MiB, longest stall ${stall.toFixed(0)} ms, ${whole ? "whole" : "NOT WHOLE"}\n`,
);
process.exitCode = whole && peak < 256 * 1048576 ? 0 : 1;
