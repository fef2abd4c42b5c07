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
    Buffer.from(Buffer.from(`x-access-token:${value}`).toString("base64").replace(/=+$/, "")),
  ]);
  if (needles.length === 0) return { holdsSecret: () => false, reset: () => undefined };
  return scannerFor(needles);
}

function scannerFor(needles: Buffer[]): SecretScanner {
  const search = createSearch(needles);
  const overlap = Math.max(...needles.map((needle) => needle.length)) - 1;
  let tail: Buffer = Buffer.alloc(0);
  return {
    holdsSecret: (chunk) => {
      const border = Buffer.concat([tail, chunk.subarray(0, overlap)]);
      const found = search(border) || search(chunk);
      tail = Buffer.from(
        chunk.length >= overlap
          ? chunk.subarray(chunk.length - overlap)
          : border.subarray(Math.max(0, border.length - overlap)),
      );
      return found;
    },
    reset: () => {
      tail = Buffer.alloc(0);
    },
  };
}

/** Builds the search for any of the needles in one piece of bytes. */
function createSearch(needles: Buffer[]): (bytes: Buffer) => boolean {
  const window = Math.min(...needles.map((needle) => needle.length));
  const skips = skipTable(needles, window);
  return (bytes) => {
    let end = window - 1;
    while (end < bytes.length) {
      const skip = skips[((bytes[end - 1] as number) << 8) | (bytes[end] as number)] as number;
      if (skip === 0 && needles.some((needle) => startsAt(bytes, end - window + 1, needle))) return true;
      end += skip === 0 ? 1 : skip;
    }
    return false;
  };
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

function startsAt(bytes: Buffer, start: number, needle: Buffer): boolean {
  return (
    start + needle.length <= bytes.length &&
    bytes.compare(needle, 0, needle.length, start, start + needle.length) === 0
  );
}
