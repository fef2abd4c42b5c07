import { writeSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { crc32 } from "node:zlib";
import { Failure } from "../failure.ts";
import { createLane, type Lane } from "./deflate-lane.ts";
import type { Sink } from "./file-content.ts";
import { looksIncompressible } from "./incompressible.ts";
import { systemCode } from "./paths.ts";

/** Fixed, as is the number of lanes, so that the bytes do not depend on the machine. */
const BLOCK_BYTES = 1024 * 1024;
const LANES = 3;
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
const LAST_BLOCK = Buffer.from([3, 0]);
const MAX_STORED = 0xffff;

/** Bytes before and after compression. */
export type GzipSizes = { rawBytes: number; bytes: number };

/**
 * A gzip file being written. When it `isFull`, `flush` must be awaited before going on. `close` is called in the end,
 * whatever happened before.
 */
export type GzipFile = Sink & {
  flush: () => Promise<void>;
  finish: () => Promise<GzipSizes>;
  close: () => void;
};

type Block = {
  bytes: Buffer;
  filled: number;
  lane: Lane;
  stored: boolean;
  compressed: Promise<Buffer[]> | undefined;
};

type State = {
  file: number;
  /** The current block is the last, the one before it was submitted before it, and so on. */
  blocks: Block[];
  current: Block;
  checksum: number;
  rawBytes: number;
  bytes: number;
};

/**
 * Writes one gzip member to an open file. Blocks of a fixed size are compressed at once on the threads of zlib; each ends
 * on a byte and refers to nothing before it, so they simply follow each other. Memory is a fixed number of blocks.
 */
export function createGzipFile(file: number): GzipFile {
  const current = createBlock();
  const blocks = [current];
  const bytes = writeFully(file, HEADER);
  const state = { file, blocks, current, checksum: 0, rawBytes: 0, bytes };
  return {
    put: (source, start) => {
      const copied = source.copy(state.current.bytes, state.current.filled, start);
      state.current.filled += copied;
      return copied;
    },
    space: () => state.current.bytes.subarray(state.current.filled),
    advance: (count) => {
      state.current.filled += count;
    },
    isFull: () => state.current.filled === BLOCK_BYTES,
    flush: () => flush(state),
    finish: () => finish(state),
    close: () => {
      for (const block of state.blocks) block.lane.close();
    },
  };
}

function createBlock(): Block {
  const bytes = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  return { bytes, filled: 0, lane: createLane(), stored: false, compressed: undefined };
}

/** Starts compressing the current block and goes on with the one that has been at it for longest. */
async function flush(state: State): Promise<void> {
  const { current, blocks } = state;
  submit(state);
  const [oldest] = blocks;
  if (blocks.length < LANES || oldest === undefined) {
    state.current = createBlock();
  } else {
    await writeBlock(state, oldest);
    blocks.shift();
    state.current = oldest;
  }
  blocks.push(state.current);
  // Nothing is awaited for stored blocks: without this, signals would wait until a large file is through.
  if (current.stored) await nextTurn();
}

function submit(state: State): void {
  const { current } = state;
  const raw = current.bytes.subarray(0, current.filled);
  state.checksum = crc32(raw, state.checksum);
  state.rawBytes += raw.length;
  current.stored = looksIncompressible(raw);
  current.compressed = current.stored ? undefined : current.lane.compress(raw);
}

async function writeBlock(state: State, block: Block): Promise<void> {
  if (block.stored) state.bytes += writeStored(state.file, block.bytes.subarray(0, block.filled));
  for (const piece of (await block.compressed) ?? []) {
    state.bytes += writeFully(state.file, piece);
    block.lane.release(piece);
  }
  block.filled = 0;
}

/** Writes bytes uncompressed, in pieces as long as the format allows (RFC 1951, 3.2.4). */
function writeStored(file: number, raw: Buffer): number {
  let written = 0;
  for (let start = 0; start < raw.length; start += MAX_STORED) {
    const piece = raw.subarray(start, start + MAX_STORED);
    const header = Buffer.alloc(5);
    header.writeUInt16LE(piece.length, 1);
    header.writeUInt16LE(~piece.length & 0xffff, 3);
    written += writeFully(file, header) + writeFully(file, piece);
  }
  return written;
}

async function finish(state: State): Promise<GzipSizes> {
  submit(state);
  for (const block of state.blocks) await writeBlock(state, block);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(state.checksum, 0);
  trailer.writeUInt32LE(state.rawBytes % 2 ** 32, 4);
  state.bytes += writeFully(state.file, Buffer.concat([LAST_BLOCK, trailer]));
  return { rawBytes: state.rawBytes, bytes: state.bytes };
}

function writeFully(file: number, bytes: Uint8Array): number {
  let written = 0;
  while (written < bytes.length) written += writeSome(file, bytes, written);
  return written;
}

function writeSome(file: number, bytes: Uint8Array, start: number): number {
  try {
    return writeSync(file, bytes, start);
  } catch (error) {
    throw unwritable(systemCode(error), error);
  }
}

/** The failure for a destination that does not take the archive. */
export function unwritable(code: string, cause: unknown): Failure {
  const message = `The archive cannot be written to the runner's temporary folder (${code}). Make room there, or make it writable.`;
  return new Failure("archive", message, { cause });
}
