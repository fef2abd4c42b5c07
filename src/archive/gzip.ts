import { writeSync } from "node:fs";
import { promisify } from "node:util";
import { constants, crc32, deflateRaw, deflateRawSync } from "node:zlib";

const deflateBlock = promisify(deflateRaw);

/** Fixed, so that the bytes do not depend on the machine; large enough that a block's start costs nothing. */
const BLOCK_BYTES = 1024 * 1024;
const WINDOW_BYTES = 32 * 1024;
const BLOCKS_IN_FLIGHT = 3;
const LEVEL = 3;
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const LAST_BLOCK = Buffer.from([3, 0]);

/** Bytes before and after compression. */
export type GzipSizes = { rawBytes: number; bytes: number };

/**
 * A gzip file being written. `space()` is where the next raw bytes go, `advance(n)` says that `n` were put there; when it
 * returns true the block is full and `flush()` must be awaited before going on.
 */
export type GzipFile = {
  space: () => Buffer;
  advance: (bytes: number) => boolean;
  flush: () => Promise<void>;
  finish: () => Promise<GzipSizes>;
};

type State = {
  file: number;
  block: Buffer;
  filled: number;
  window: Buffer;
  checksum: number;
  rawBytes: number;
  bytes: number;
  waiting: { compressed: Promise<Buffer>; block: Buffer }[];
  free: Buffer[];
};

/**
 * Writes one gzip member to an open file. Blocks of a fixed size are compressed on several threads at once, each with the
 * end of the block before it as dictionary, and end on a byte, so that they can simply follow each other (as pigz does).
 */
export function createGzipFile(file: number): GzipFile {
  const state: State = {
    file,
    block: Buffer.allocUnsafeSlow(BLOCK_BYTES),
    filled: 0,
    window: Buffer.alloc(0),
    checksum: 0,
    rawBytes: 0,
    bytes: writeFully(file, HEADER),
    waiting: [],
    free: [],
  };
  return {
    space: () => state.block.subarray(state.filled),
    advance: (bytes) => {
      state.filled += bytes;
      return state.filled === BLOCK_BYTES;
    },
    flush: () => flush(state),
    finish: () => finish(state),
  };
}

async function flush(state: State): Promise<void> {
  submit(state);
  if (state.waiting.length >= BLOCKS_IN_FLIGHT) await writeOldest(state);
  state.block = state.free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

function submit(state: State): void {
  const raw = state.block.subarray(0, state.filled);
  const compressed = deflateBlock(raw, {
    level: looksIncompressible(raw) ? 0 : LEVEL,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: BLOCK_BYTES + BLOCK_BYTES / 16,
    ...(state.window.length === 0 ? {} : { dictionary: state.window }),
  });
  // It is awaited in turn; should something else fail first, its own failure has no one to tell.
  compressed.catch(() => undefined);
  state.waiting.push({ compressed, block: state.block });
  state.checksum = crc32(raw, state.checksum);
  state.rawBytes += raw.length;
  state.window = Buffer.from(raw.subarray(Math.max(0, raw.length - WINDOW_BYTES)));
  state.filled = 0;
}

/** Bytes that are compressed or encrypted already are stored: trying again costs time and gains nothing. */
function looksIncompressible(raw: Buffer): boolean {
  const slice = 4096;
  if (raw.length < 16 * slice) return false;
  const step = Math.floor(raw.length / 4);
  const sample = Buffer.concat([0, 1, 2, 3].map((part) => raw.subarray(part * step, part * step + slice)));
  return deflateRawSync(sample, { level: 1 }).length > sample.length * 0.98;
}

async function writeOldest(state: State): Promise<void> {
  const oldest = state.waiting.shift();
  if (oldest === undefined) return;
  state.bytes += writeFully(state.file, await oldest.compressed);
  state.free.push(oldest.block);
}

async function finish(state: State): Promise<GzipSizes> {
  if (state.filled > 0) submit(state);
  while (state.waiting.length > 0) await writeOldest(state);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(state.checksum, 0);
  trailer.writeUInt32LE(state.rawBytes % 2 ** 32, 4);
  state.bytes += writeFully(state.file, Buffer.concat([LAST_BLOCK, trailer]));
  return { rawBytes: state.rawBytes, bytes: state.bytes };
}

function writeFully(file: number, bytes: Uint8Array): number {
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
  return written;
}
