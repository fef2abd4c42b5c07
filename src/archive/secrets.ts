/** Shorter values are no tokens and would be found by chance. */
const MIN_SECRET_LENGTH = 6;

/** Looks for values in a stream of chunks, also across their borders; `reset` starts the next stream. */
export type SecretScanner = { holdsSecret: (chunk: Buffer) => boolean; reset: () => void };

/**
 * A scanner for the values that must not leave, as they are and as git writes a token into its configuration (base64 of
 * `x-access-token:TOKEN`). It looks at every (shortest value − 1)th pair of bytes only and skips as far as that pair
 * allows (the way of Wu and Manber), so it costs little per byte however many values there are.
 */
export function createSecretScanner(secrets: readonly string[]): SecretScanner {
  const values = secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH);
  const needles = values.flatMap((value) => [
    Buffer.from(value),
    Buffer.from(Buffer.from(`x-access-token:${value}`).toString("base64").replaceAll("=", "")),
  ]);
  if (needles.length === 0) return { holdsSecret: () => false, reset: () => undefined };
  return scannerFor(needles);
}

function scannerFor(needles: Buffer[]): SecretScanner {
  const search = createSearch(needles);
  const overlap = Math.max(...needles.map((needle) => needle.length)) - 1;
  // The end of what came before, then the start of the chunk: what lies across the border is in here.
  const border = Buffer.alloc(2 * overlap);
  let kept = 0;
  return {
    holdsSecret: (chunk) => {
      const joined = kept === 0 ? 0 : kept + chunk.copy(border, kept, 0, overlap);
      const found = search(border, joined) || search(chunk, chunk.length);
      kept = keepEnd(border, chunk, { kept, overlap });
      return found;
    },
    reset: () => {
      kept = 0;
    },
  };
}

/** Moves the last bytes seen so far to the start of `border`; returns how many there are. */
function keepEnd(border: Buffer, chunk: Buffer, sizes: { kept: number; overlap: number }): number {
  const { kept, overlap } = sizes;
  if (chunk.length >= overlap) return chunk.copy(border, 0, chunk.length - overlap);
  if (kept === 0) return chunk.copy(border, 0);
  const joined = kept + chunk.length;
  return border.copy(border, 0, Math.max(0, joined - overlap), joined);
}

/** Builds the search for any of the needles in the first bytes of a buffer. */
function createSearch(needles: Buffer[]): (bytes: Buffer, length: number) => boolean {
  const window = Math.min(...needles.map((needle) => needle.length));
  const skips = skipTable(needles, window);
  return (bytes, length) => {
    let end = window - 1;
    while (end < length) {
      const skip = skips[((bytes[end - 1] as number) << 8) | (bytes[end] as number)] as number;
      if (skip === 0 && startsAny(needles, bytes.subarray(end - window + 1, length))) return true;
      end += skip === 0 ? 1 : skip;
    }
    return false;
  };
}

function startsAny(needles: Buffer[], bytes: Buffer): boolean {
  return needles.some((needle) => needle.equals(bytes.subarray(0, needle.length)));
}

/** For each pair of bytes how far the window may move when the pair is at its end. */
function skipTable(needles: Buffer[], window: number): Uint16Array {
  const furthest = Math.min(window - 1, 0xffff);
  const skips = new Uint16Array(65536).fill(furthest);
  for (const needle of needles) {
    for (let at = 1; at < window; at += 1) {
      const pair = ((needle[at - 1] as number) << 8) | (needle[at] as number);
      skips[pair] = Math.min(skips[pair] as number, window - 1 - at);
    }
  }
  return skips;
}
