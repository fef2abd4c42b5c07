import { constants, createDeflateRaw } from "node:zlib";

/** Measured, upload at 100 Mbit/s included: 3 to 5 are equal, less and more take longer (bench/archive/README.md). */
const LEVEL = 3;
const PIECE_BYTES = 64 * 1024;

/**
 * Compresses blocks one after the other, without keeping the process's main thread busy. What `compress` gives is the
 * block in pieces, to be given to `release` one by one after use.
 */
export type Lane = {
  compress: (raw: Buffer) => Promise<Buffer[]>;
  release: (piece: Buffer) => void;
  close: () => void;
};

/** A lane in raw deflate format; every block ends on a byte and refers to nothing before it (a full flush). */
export function createLane(): Lane {
  const stream = createDeflateRaw({ level: LEVEL, chunkSize: PIECE_BYTES });
  let pieces: Buffer[] = [];
  stream.on("data", (piece: Buffer) => pieces.push(piece));
  return {
    compress: (raw) => {
      const compressed = new Promise<Buffer[]>((resolve, reject) => {
        stream.once("error", reject);
        stream.write(raw);
        stream.flush(constants.Z_FULL_FLUSH, () => {
          stream.off("error", reject);
          resolve(pieces);
          pieces = [];
        });
      });
      // It is awaited in turn; should something else fail first, its own failure has no one to tell.
      compressed.catch(() => undefined);
      return compressed;
    },
    release,
    close: () => stream.destroy(),
  };
}

/**
 * Gives a piece's memory back at once when it is the last of the memory that zlib took for several: the garbage collector
 * would let 64 MB of it gather first.
 */
function release(piece: Buffer): void {
  const { buffer } = piece;
  const isLast = piece.byteOffset + piece.length === buffer.byteLength && buffer.byteLength === PIECE_BYTES;
  if (isLast && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
