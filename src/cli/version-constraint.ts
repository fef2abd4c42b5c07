import { compareSegments, compareVersions, parseVersion, type Version } from "./version.ts";

/** A version constraint such as `~> 1.5.0, != 1.5.3`; all of its parts have to be met. */
export type Constraint = { parts: Part[]; text: string };

type Part = { meets: Rule; version: Version };
type Rule = (version: Version, limit: Version) => boolean;

/** What each operator asks for (hashicorp/go-version, constraint.go). */
const RULES: Readonly<Record<string, Rule>> = {
  "": (version, limit) => compareVersions(version, limit) === 0,
  "=": (version, limit) => compareVersions(version, limit) === 0,
  "!=": (version, limit) => compareVersions(version, limit) !== 0,
  ">": (version, limit) => isComparable(version, limit) && compareVersions(version, limit) > 0,
  "<": (version, limit) => isComparable(version, limit) && compareVersions(version, limit) < 0,
  ">=": (version, limit) => isComparable(version, limit) && compareVersions(version, limit) >= 0,
  "<=": (version, limit) => isComparable(version, limit) && compareVersions(version, limit) <= 0,
  "~>": isWithin,
};

/** `undefined` for what is no constraint. */
export function parseConstraint(text: string): Constraint | undefined {
  const written = text.split(",");
  const parts = written.map((part) => {
    const [, operator = "", limit = ""] = /^\s*(=|!=|>=|<=|>|<|~>|)\s*(\S+)\s*$/.exec(part) ?? [];
    const version = parseVersion(limit);
    const meets = RULES[operator];
    return version === undefined || meets === undefined ? undefined : { meets, version };
  });
  if (!parts.every((part) => part !== undefined)) return undefined;
  return { parts, text };
}

export function meetsConstraint(version: Version, { parts }: Constraint): boolean {
  return parts.every(({ meets, version: limit }) => meets(version, limit));
}

/** A prerelease only meets a limit that is a prerelease of the same version. */
function isComparable(version: Version, limit: Version): boolean {
  if (version.prerelease === "") return true;
  return limit.prerelease !== "" && compareSegments(version.segments, limit.segments) === 0;
}

function isWithin(version: Version, limit: Version): boolean {
  if (!isComparable(version, limit) || (limit.prerelease !== "" && version.prerelease === "")) return false;
  if (compareVersions(version, limit) < 0 || limit.segments.length > version.segments.length) return false;
  const kept = limit.segments.slice(0, limit.written - 1);
  return kept.every((segment, index) => version.segments[index] === segment);
}
