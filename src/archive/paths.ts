import { isAbsolute, relative, sep } from "node:path";

/** Whether `path` is `directory` or below it; both absolute and without links. */
export function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The code of a file system error (`ENOENT`), or "unknown error". */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unknown error";
}

/** A path of the system with `/` between the names. */
export function withSlashes(path: string): string {
  return sep === "/" ? path : path.split(sep).join("/");
}

/** Orders paths by their bytes in UTF-8, whatever the platform or locale; strings compare by UTF-16 units, which differs. */
export function comparePaths(first: string, second: string): number {
  const length = Math.min(first.length, second.length);
  for (let at = 0; at < length; at += 1) {
    const one = first.charCodeAt(at);
    const two = second.charCodeAt(at);
    if (one !== two) return codePointRank(one) - codePointRank(two);
  }
  return first.length - second.length;
}

/** Puts halves of surrogate pairs, which stand for code points above U+FFFF, behind U+E000…U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
