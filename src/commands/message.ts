import type { JsonValue } from "../json.ts";

/** What the default message of a run is made of. */
export type Occasion = {
  event: JsonValue;
  repository: string;
  pullRequest: number | undefined;
  sha: string;
  actor: string;
  digest: string;
};

/** Longest subject that is taken over into a message, in UTF-16 units. */
const SUBJECT_LIMIT = 120;

/**
 * The message of a run: subject of the commit or title of the pull request, where it comes from, by whom, and the first
 * 16 digits of the archive's digest. One line, without control characters.
 */
export function runMessage(occasion: Occasion): string {
  const { event, repository, pullRequest, sha, actor, digest } = occasion;
  const place = pullRequest === undefined ? repository : `${repository}#${pullRequest}`;
  const origin = [place, sha.slice(0, 7)].filter((part) => part !== "").join("@");
  const parts = [subject(event), origin, actor === "" ? "" : `by ${actor}`, `archive ${digest.slice(0, 16)}`];
  return parts.filter((part) => part !== "").join(" · ");
}

function subject(event: JsonValue): string {
  const text =
    stringAt(event, ["pull_request", "title"]) ?? stringAt(event, ["head_commit", "message"]) ?? "";
  const line = (text.split(/[\r\n]/)[0] ?? "").replaceAll(/\p{Cc}/gu, "").trim();
  return line.length <= SUBJECT_LIMIT ? line : `${line.slice(0, SUBJECT_LIMIT - 1).toWellFormed()}…`;
}

function stringAt(value: JsonValue, path: string[]): string | undefined {
  let found: JsonValue | undefined = value;
  for (const step of path) {
    if (found === null || typeof found !== "object" || Array.isArray(found)) return undefined;
    found = Object.hasOwn(found, step) ? found[step] : undefined;
  }
  return typeof found === "string" ? found : undefined;
}
