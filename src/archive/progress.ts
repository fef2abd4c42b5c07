import { countOf, formatBytes } from "./amounts.ts";

const EVERY_MILLISECONDS = 5000;

/**
 * Tells how far packing is, every five seconds at most and not before five have passed.
 * @param now milliseconds of a clock that only goes forward
 */
export function createPackProgress(
  line: (text: string) => void,
  now: () => number = () => performance.now(),
): (progress: { files: number; bytes: number }) => void {
  let next = now() + EVERY_MILLISECONDS;
  return ({ files, bytes }) => {
    if (now() < next) return;
    next = now() + EVERY_MILLISECONDS;
    line(`Packing: ${countOf(files, "file")}, ${formatBytes(bytes)} so far`);
  };
}
