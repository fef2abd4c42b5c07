/** A version as hashicorp/go-version reads it: at least three segments, missing ones are zero. */
export type Version = {
  segments: number[];
  /** How many segments were written. */
  written: number;
  /** `""` for a release. */
  prerelease: string;
};

const SEMVER =
  /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z\-~]+(?:\.[0-9A-Za-z\-~]+)*))?(?:\+[0-9A-Za-z\-~]+(?:\.[0-9A-Za-z\-~]+)*)?$/;

/** `undefined` for what is no version, a constraint for example. */
export function parseVersion(text: string): Version | undefined {
  const [, core, prerelease = ""] = SEMVER.exec(text) ?? [];
  if (core === undefined) return undefined;
  const written = core.split(".").map(Number);
  return {
    segments: [...written, 0, 0].slice(0, Math.max(3, written.length)),
    written: written.length,
    prerelease,
  };
}

/** Negative, zero or positive, as versions are ordered; a release comes after its prereleases. */
export function compareVersions(one: Version, other: Version): number {
  const bySegments = compareSegments(one.segments, other.segments);
  if (bySegments !== 0 || one.prerelease === other.prerelease) return bySegments;
  if (one.prerelease === "" || other.prerelease === "") return one.prerelease === "" ? 1 : -1;
  return comparePrereleases(one.prerelease.split("."), other.prerelease.split("."));
}

export function compareSegments(one: number[], other: number[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers come before words, fewer parts before more. */
function comparePrereleases(one: string[], other: string[]): number {
  for (let index = 0; index < Math.max(one.length, other.length); index++) {
    const [left, right] = [one[index], other[index]];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const [isLeftNumber, isRightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isLeftNumber && isRightNumber) return Number(left) - Number(right);
    if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}
