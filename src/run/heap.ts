import { setFlagsFromString } from "node:v8";

/** From so many UTF-16 units on a log is a long one. */
const LONG_LOG = 4 * 1024 * 1024;

/**
 * Gives what is to be told of every line's length. While much garbage is made, V8 lets the space for new objects grow to
 * 64 MB and more rather than collect it; from a long log on, it stays as small as it is.
 */
export function keepHeapSmall(): (length: number) => void {
  let left = LONG_LOG;
  return (length) => {
    if (left < 0) return;
    left -= length;
    if (left < 0) setFlagsFromString("--semi-space-growth-factor=1");
  };
}
