import { flag, requiredText, text } from "../attributes.ts";
import { callForDocument } from "../call.ts";
import { ApiError } from "../errors.ts";
import { child, type Resource, readMany, readOne } from "../json-api.ts";
import { readPages } from "../pages.ts";
import type { Bound } from "../session.ts";
import type { StateOutput } from "../types.ts";

/** A state that was just written is processed first, and answered with 503 until then. */
const processedWithinMs = 60_000;

/**
 * `GET workspaces/:id/current-state-version-outputs`, all pages. Sensitive values come as null. `undefined` where there is
 * no state, or the server hides it from this token (404).
 */
export async function readStateOutputs(
  bound: Bound,
  workspaceId: string,
): Promise<StateOutput[] | undefined> {
  const outputs: StateOutput[] = [];
  try {
    for await (const { resources } of readPages((page) => readPage(bound, workspaceId, page))) {
      outputs.push(...resources.map(decode));
    }
    return outputs;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

function readPage(bound: Bound, id: string, page: number) {
  const call = {
    what: `reading the outputs of workspace ${id}`,
    method: "GET",
    endpoint: "workspaces/:id/current-state-version-outputs",
    parameters: { id },
    query: { "page[number]": String(page), "page[size]": "100" },
    limits: { budgetMs: Math.min(processedWithinMs, bound.session.timing.budgetMs) },
  } as const;
  return callForDocument(bound, call, (document) => readMany(document, "state-version-outputs"));
}

/** `GET state-version-outputs/:id`: one output with its value, which is a secret where it is sensitive. */
export function readStateOutput(bound: Bound, id: string): Promise<StateOutput> {
  const call = {
    what: `reading output ${id}`,
    method: "GET",
    endpoint: "state-version-outputs/:id",
    parameters: { id },
  } as const;
  return callForDocument(bound, call, (document) =>
    decode(readOne(document, { type: "state-version-outputs", id })),
  );
}

/** An output that is not said to be harmless counts as sensitive. */
function decode({ id, attributes }: Resource): StateOutput {
  return {
    id,
    name: requiredText(attributes, "name"),
    sensitive: flag(attributes, "sensitive") ?? true,
    type: child(attributes, "detailed-type") ?? text(attributes, "type"),
    value: child(attributes, "value") ?? null,
  };
}
