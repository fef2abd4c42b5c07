import { withBinding } from "../gate/binding.ts";
import { jobMarkText } from "../gate/job-mark.ts";
import type { JsonValue } from "../json.ts";

/** What the message of a run is made of. `given` is the input `message`. */
export type Occasion = {
  given: string | undefined;
  event: JsonValue;
  repository: string;
  pullRequest: { number: number; headSha?: string } | undefined;
  sha: string;
  actor: string;
  digest: string;
  workflowRunId: string;
  workflowRunAttempt: string;
};

/** Longest subject that is taken over into a message, in UTF-16 units. */
const SUBJECT_LIMIT = 120;

/**
 * The message of a run, one line: the input, else the subject of the commit or title of the pull request and by whom.
 * The run of a pull request has at its end what binds it to that pull request; any other where it comes from. The job that
 * made it stands right before the one, and after the other.
 */
export function runMessage(occasion: Occasion): string {
  const { given, event, repository, pullRequest, sha, actor, digest } = occasion;
  const by = actor === "" ? "" : `by ${actor}`;
  const words = given ?? [subject(event), by].filter((part) => part !== "").join(" · ");
  const mark = jobMarkText({ ...occasion, attempt: Number(occasion.workflowRunAttempt) });
  if (pullRequest?.headSha !== undefined) {
    const { number, headSha } = pullRequest;
    const marked = [words, mark].filter((part) => part !== "").join(" · ");
    return withBinding(marked, { repository, pullRequest: number, headSha, digest });
  }
  const place = pullRequest === undefined ? repository : `${repository}#${pullRequest.number}`;
  const origin = [place, sha.slice(0, 7)].filter((part) => part !== "").join("@");
  const parts = [words, origin, `archive ${digest.slice(0, 16)}`, mark];
  return parts
    .map((part) => part.replaceAll(/[\s\p{Cc}]+/gu, " ").trim())
    .filter((part) => part !== "")
    .join(" · ");
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
