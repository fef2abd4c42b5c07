import { count, flag } from "../attributes.ts";
import { callForDocument } from "../call.ts";
import { ApiError } from "../errors.ts";
import { readMany, readOne } from "../json-api.ts";
import type { Bound } from "../session.ts";

/** What an organization may do, as far as it matters here. */
export type Entitlements = {
  /** Operations run on the server. OpenTofu's remote backend takes an absent answer for "no", and then runs them itself. */
  operations: boolean;
};

/**
 * Checks that the organization exists for this token, and reads what it may do.
 * @throws ApiError for a wrong token or organization.
 */
export async function checkOrganization(bound: Bound, organization: string): Promise<Entitlements> {
  const call = {
    what: `reading organization "${organization}" at ${bound.session.hostname}`,
    method: "GET",
    endpoint: "organizations/:organization/entitlement-set",
    parameters: { organization },
  } as const;
  const operations = await callForDocument(bound, call, (document) =>
    flag(readOne(document, { type: "entitlement-sets" }).attributes, "operations"),
  ).catch((error: unknown) => {
    throw organizationMissing(bound, organization, error);
  });
  return { operations: operations === true };
}

function organizationMissing(bound: Bound, organization: string, error: unknown): unknown {
  if (!(error instanceof ApiError) || error.status !== 404) return error;
  const { hostname } = bound.session;
  const message = `organization "${organization}" at host ${hostname} not found (404): check organization and hostname, and that the token for ${hostname} is valid and may see it`;
  return new ApiError("not-found", message, { status: 404, cause: error });
}

const mostQueuePages = 5;

/**
 * The run's `position-in-queue` in `GET organizations/:organization/runs/queue`; `undefined` where the server does not
 * tell or show it. OTF answers 0 for every run, which says nothing.
 */
export async function readQueuePosition(
  bound: Bound,
  organization: string,
  runId: string,
): Promise<number | undefined> {
  for (let page: number | undefined = 1; page !== undefined && page <= mostQueuePages; ) {
    const { resources, nextPage } = await readQueuePage(bound, organization, page);
    const own = resources.find((run) => run.id === runId);
    if (own !== undefined) return count(own.attributes, "position-in-queue") || undefined;
    page = nextPage;
  }
  return undefined;
}

async function readQueuePage(bound: Bound, organization: string, page: number) {
  const call = {
    what: "reading the run queue",
    method: "GET",
    endpoint: "organizations/:organization/runs/queue",
    parameters: { organization },
    query: { "page[number]": String(page), "page[size]": "100" },
    limits: { tries: 1 },
  } as const;
  try {
    return await callForDocument(bound, call, (document) => readMany(document, "runs"));
  } catch {
    // Only a courtesy: many tokens may not read the queue.
    return { resources: [], nextPage: undefined };
  }
}
