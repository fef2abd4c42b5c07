import { setTimeout as wait } from "node:timers/promises";
import type { GitHubClient } from "./client.ts";
import {
  type Comment,
  type CommentPlace,
  commentOf,
  type Found,
  findComments,
  repositoryPath,
} from "./find-comments.ts";
import { minimizeComments, visibleComments } from "./minimize.ts";
import { type Answer, isRateLimit } from "./retry.ts";

export type PublishRequest = CommentPlace & {
  /** Begins with the marker. */
  body: string;
  mode: "update" | "new" | "changes-only" | "off";
  /** `false` only when the plan proved that there is nothing to do; a failed plan has `true`. */
  hasChanges: boolean;
  /** The comments of this place, where they were asked for just before. */
  found?: Promise<Found | Answer | undefined>;
};

export type Published = {
  /** `denied`: GitHub does not let this token write here; `failed`: it could not be reached or told to wait too long. */
  outcome: "created" | "updated" | "unchanged" | "skipped" | "denied" | "failed";
  url?: string;
  /** For the user: what did not work, and what to do. */
  warning?: string;
};

const MOST_POSTS = 3;

/**
 * Writes the comment on the pull request. `update` edits the earlier comment of this place or makes one; `new` makes
 * one and hides the earlier ones; `changes-only` makes none where nothing changes, but still edits an earlier one, which
 * would else go on showing changes that are gone. Never throws: what went wrong is in the warning, since a verdict does
 * not depend on its comment.
 */
export async function publishComment(client: GitHubClient, request: PublishRequest): Promise<Published> {
  if (request.mode === "off") return { outcome: "skipped" };
  const found = (await request.found) ?? (await findComments(client, request));
  if ("status" in found) return refused(found);
  const published =
    request.mode === "new" ? await renew(client, request, found) : await keep(client, request, found);
  return withWarning(published, foreignWarning(found.foreign));
}

async function renew(client: GitHubClient, request: PublishRequest, found: Found): Promise<Published> {
  const published = await create(client, request, found);
  if (published.outcome !== "created") return published;
  return withWarning(published, await minimizeComments(client, await visibleComments(client, found.own)));
}

async function keep(client: GitHubClient, request: PublishRequest, found: Found): Promise<Published> {
  if (found.own.length > 1) return keepOne(client, request, found);
  const [only] = found.own;
  if (only !== undefined) return edit(client, request, { comment: only, found });
  if (request.mode === "changes-only" && !request.hasChanges) return { outcome: "skipped" };
  return create(client, request, found);
}

/** Of several comments the oldest that is still shown is edited; the others would show plans that are gone. */
async function keepOne(client: GitHubClient, request: PublishRequest, found: Found): Promise<Published> {
  const visible = await visibleComments(client, found.own);
  const comment = visible[0] ?? found.own[0];
  if (comment === undefined) return create(client, request, found);
  const published = await edit(client, request, { comment, found });
  const others = visible.filter(({ id }) => id !== comment.id);
  if (others.length === 0) return published;
  const sentence = `${found.own.length} comments of this workspace were found; the oldest was kept, the others are outdated.`;
  const unhidden = await minimizeComments(client, others);
  return withWarning(withWarning(published, sentence), unhidden);
}

async function edit(
  client: GitHubClient,
  request: PublishRequest,
  old: { comment: Comment; found: Found },
): Promise<Published> {
  const { comment, found } = old;
  if (sameText(comment.body, request.body)) return { outcome: "unchanged", ...urlOf(comment) };
  const path = `${repositoryPath(request.repository)}/issues/comments/${comment.id}`;
  const answer = await client.request({ method: "PATCH", path, body: { body: request.body } });
  if (answer.status === 200) return { outcome: "updated", ...urlOf(commentOf(answer.data) ?? comment) };
  // Somebody deleted it since it was listed.
  if (answer.status === 404) return create(client, request, found);
  return refused(answer);
}

/**
 * Posts a comment. After an answer that does not tell whether it was made (none, or 5xx), the list is read again: a
 * comment that was not there before is the one.
 */
async function create(client: GitHubClient, request: PublishRequest, before: Found): Promise<Published> {
  const path = `${repositoryPath(request.repository)}/issues/${request.issue}/comments`;
  const known = new Set(before.own.map(({ id }) => id));
  for (let posts = 1; ; posts += 1) {
    const answer = await client.request({ method: "POST", path, body: { body: request.body } });
    if (answer.status === 201) return { outcome: "created", ...urlOf(commentOf(answer.data)) };
    if (answer.status !== 0 && answer.status < 500) return refused(answer);
    await wait(300 * posts);
    const after = await findComments(client, request);
    if ("status" in after) return refused(after);
    const made = after.own.find(({ id, body }) => !known.has(id) && sameText(body, request.body));
    if (made !== undefined) return { outcome: "created", ...urlOf(made) };
    if (posts === MOST_POSTS) return refused(answer);
  }
}

/** GitHub gives line ends back as they were typed in its editor, `\r\n`. */
function sameText(a: string, b: string): boolean {
  return a.replaceAll("\r\n", "\n").trimEnd() === b.replaceAll("\r\n", "\n").trimEnd();
}

function urlOf(comment: Comment | undefined): { url?: string } {
  return comment === undefined || comment.url === "" ? {} : { url: comment.url };
}

function refused(answer: Answer): Published {
  const { status, message } = answer;
  const said = status === 0 ? `no answer: ${message}` : `${status} ${message}`.trim();
  const start = `The comment on the pull request could not be written (${said}).`;
  const unreachable = status === 0 || status >= 500 || isRateLimit(answer);
  return {
    outcome: unreachable ? "failed" : "denied",
    warning: [start, unreachable ? "" : advice(answer)].join(" ").trimEnd(),
  };
}

function advice({ status, message }: Answer): string {
  if (status === 401) return "The input github-token is not valid here, or it has expired.";
  if (status === 410 || /locked/i.test(message))
    return "The conversation is locked or switched off: unlock it, or set `comment: off`.";
  if (status === 422) return "GitHub does not accept this text.";
  return (
    "Give the job the permission `pull-requests: write`. The token of a pull request from a fork can only read; " +
    "the plan is in the job summary."
  );
}

function foreignWarning(foreign: Comment[]): string | undefined {
  const [first] = foreign;
  if (first === undefined) return undefined;
  return `Comment ${first.id} carries the mark of this action but is by another author: it was left alone.`;
}

function withWarning(published: Published, sentence: string | undefined): Published {
  if (sentence === undefined) return published;
  return {
    ...published,
    warning: [published.warning, sentence].filter((part) => part !== undefined).join(" "),
  };
}
