import type { Phase, Run, World } from "../world.ts";

const stx = Uint8Array.of(2);
const etx = Uint8Array.of(3);

/** Appends to the log of a phase; where plan and apply share one log, to that. */
export function appendLog(
  world: World,
  { run, phase }: { run: Run; phase: Phase },
  data: string | Uint8Array,
): void {
  const target = world.profile.logShared ? run.plan : phase;
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  const needed = target.logLength + bytes.length;
  if (needed > target.log.length) {
    const grown = Buffer.alloc(Math.max(needed, target.log.length * 2, 4096));
    target.log.copy(grown, 0, 0, target.logLength);
    target.log = grown;
  }
  target.log.set(bytes, target.logLength);
  target.logLength = needed;
}

/** Begins the log of a phase: STX where logs are framed. */
export function openLog(world: World, run: Run, phase: Phase): void {
  if (world.profile.logFramed) appendLog(world, { run, phase }, stx);
}

/** Ends the log of a phase: ETX where logs are framed. */
export function closeLog(world: World, run: Run, phase: Phase): void {
  if (world.profile.logFramed) appendLog(world, { run, phase }, etx);
}

/** The bytes a reader gets for an offset and a limit. An offset beyond the end gives none. */
export function readLog(
  world: World,
  run: Run,
  range: { phase: Phase; offset: number; limit: number },
): Buffer {
  const source = world.profile.logShared ? run.plan : range.phase;
  const log = source.log.subarray(0, source.logLength);
  const offset = Math.max(0, range.offset);
  if (!world.profile.logOffsetsUtf16) return log.subarray(offset, offset + range.limit);
  return Buffer.from(log.toString("utf8").slice(offset, offset + range.limit));
}
