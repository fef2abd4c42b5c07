const SLICES = 4;
const SLICE_BYTES = 4096;
const SAMPLE_BYTES = SLICES * SLICE_BYTES;
/** The sum of squares when all 256 values are equally frequent, and a tenth more, as compressed files have. */
const MOST = ((SAMPLE_BYTES * SAMPLE_BYTES) / 256) * 1.1;

/**
 * Whether bytes are compressed or encrypted already, so that trying again costs time and gains nothing: in a sample of them
 * all values are equally frequent, and so are the steps from one byte to the next (those of a counter are not).
 */
export function looksIncompressible(bytes: Uint8Array): boolean {
  if (bytes.length < SLICES * SAMPLE_BYTES) return false;
  const values = new Float64Array(256);
  const steps = new Float64Array(256);
  const distance = Math.floor(bytes.length / SLICES);
  for (let slice = 0; slice < SLICES; slice += 1) {
    countSlice(bytes, slice * distance, { values, steps });
  }
  return sumOfSquares(values) < MOST && sumOfSquares(steps) < MOST;
}

function countSlice(
  bytes: Uint8Array,
  start: number,
  counts: { values: Float64Array; steps: Float64Array },
): void {
  const { values, steps } = counts;
  let before = 0;
  for (let at = start; at < start + SLICE_BYTES; at += 1) {
    const value = bytes[at] as number;
    const step = (value - before) & 0xff;
    values[value] = (values[value] as number) + 1;
    steps[step] = (steps[step] as number) + 1;
    before = value;
  }
}

function sumOfSquares(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count * count, 0);
}
