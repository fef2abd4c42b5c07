import { text } from "../attributes.ts";
import { callForDocument } from "../call.ts";
import { readMany } from "../json-api.ts";
import { readPages } from "../pages.ts";
import type { Bound } from "../session.ts";

/**
 * `GET runs/:id/comments`, all pages: the texts of a run's comments. A comment belongs to the event of the run that it was
 * said with (HCP Terraform API docs, comments), so that what was sent along with a confirmation proves that one.
 */
export async function listRunComments(bound: Bound, id: string): Promise<string[]> {
  const comments: string[] = [];
  for await (const { resources } of readPages((page) => readPage(bound, id, page))) {
    comments.push(...resources.map(({ attributes }) => text(attributes, "body")));
  }
  return comments;
}

function readPage(bound: Bound, id: string, page: number) {
  const call = {
    what: `listing the comments of run ${id}`,
    method: "GET",
    endpoint: "runs/:id/comments",
    parameters: { id },
    query: { "page[number]": String(page), "page[size]": "100" },
  } as const;
  return callForDocument(bound, call, (document) => readMany(document, "comments"));
}
