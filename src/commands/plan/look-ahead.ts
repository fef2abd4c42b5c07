import { type CommentPlace, type Found, findComments } from "../../github/find-comments.ts";
import { ownIdentity } from "../../github/identity.ts";
import type { Answer } from "../../github/retry.ts";
import { commentMarker } from "../../report/marker.ts";
import type { Findings } from "../findings.ts";
import { directoryName } from "../plan-report.ts";
import type { Step } from "../step.ts";

/** Where the comment of this plan stands, if it is to have one. */
export function commentPlace(step: Step, findings: Findings): CommentPlace | undefined {
  const { inputs, context, pullRequest } = step;
  const { target, mergedPullRequest = pullRequest?.number } = findings;
  if (mergedPullRequest === undefined || inputs.comment === "off") return undefined;
  const [owner = "", repo = ""] = context.repository.split("/");
  const marker = commentMarker({ ...target, directory: directoryName(step), label: inputs.label });
  return { repository: { owner, repo }, issue: mergedPullRequest, marker };
}

/**
 * While the server plans, loads what writes the comment and asks who writes it. Not at once: the first requests about
 * the run go before.
 */
export function openGitHubSoon(step: Step, findings: Findings): void {
  if (commentPlace(step, findings) === undefined) return;
  setImmediate(() => {
    step
      .github()
      .then((client) => client && ownIdentity(client))
      .catch(() => undefined);
  });
}

/**
 * Asks for the comments of this plan's place while the plan is fetched and rendered. Not earlier, for another job may
 * write one. `undefined` where they could not be asked for: who writes the comment tries again and hears why.
 */
export async function findCommentsEarly(step: Step, findings: Findings): Promise<Found | Answer | undefined> {
  const place = commentPlace(step, findings);
  if (place === undefined) return undefined;
  try {
    const client = await step.github();
    return client && (await findComments(client, place));
  } catch {
    return undefined;
  }
}
