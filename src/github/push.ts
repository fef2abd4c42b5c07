import { isObject } from "./shape.ts";

/** A commit of a push, and the pull requests that its subject names: a hint where to look, nothing more. */
export type PushedCommit = { sha: string; numbers: number[] };

/** What the event of a push tells: its commits, oldest first, and whether a merge queue pushed them. */
export type Push = { commits: PushedCommit[]; byQueue: boolean };

const QUEUE = "github-merge-queue[bot]";

/** Reads the payload of the event `push` (docs.github.com, "Webhook events and payloads"); no commits for any other. */
export function pushOf(payload: unknown): Push {
  const event = isObject(payload) ? payload : {};
  const listed: unknown[] = Array.isArray(event["commits"]) ? event["commits"] : [];
  const commits = [...listed, event["head_commit"]].filter(isObject).flatMap(({ id, message }) => {
    return typeof id === "string" ? [{ sha: id, numbers: numbersIn(message) }] : [];
  });
  return { commits, byQueue: nameIn(event["pusher"], "name") || nameIn(event["sender"], "login") };
}

function nameIn(value: unknown, name: string): boolean {
  return isObject(value) && value[name] === QUEUE;
}

/** GitHub's own subjects: `Merge pull request #12 from …`, `Title (#12)`. */
function numbersIn(message: unknown): number[] {
  const [subject = ""] = typeof message === "string" ? message.split("\n") : [];
  const found = [...subject.matchAll(/^Merge pull request #(\d{1,9}) from |\(#(\d{1,9})\)$/g)];
  return found.map(([, merged, squashed]) => Number(merged ?? squashed));
}
