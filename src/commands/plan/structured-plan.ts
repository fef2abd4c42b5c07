import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import type { Server } from "../../api/types.ts";
import type { JsonSource } from "../../plan/json-members.ts";
import { openPlan } from "../../plan/plan-document.ts";
import { type PlanSummary, type Reader, streamPlan } from "../../plan/stream-plan.ts";
import { collectHead, createTextFile, type Head, openJsonFile } from "./plan-files.ts";

/** Where a structured plan goes: files in `folder`, and its first lines with or without values. */
export type PlanPlace = { folder: string; textFile: string; keepJson: boolean; values: "show" | "hide" };

export type StructuredPlan = PlanSummary & {
  head: Head;
  /** The JSON as received, where it was to be kept. */
  jsonFile: string | undefined;
};

/**
 * UTF-16 units of the plan's text that are kept for reports, of which the largest, the job summary, takes one MiB: they
 * have to run out of room before they run out of lines.
 */
const HEAD_LENGTH = 2 * 1024 * 1024;
const LARGE_BYTES = 1024 * 1024;

/**
 * Fetches a structured plan and writes its text, both through files, so that its size costs no memory. `undefined` where
 * the server gives none. When it throws (Failure), none of the files is left.
 */
export async function showStructuredPlan(
  server: Server,
  planId: string,
  place: PlanPlace,
): Promise<StructuredPlan | undefined> {
  const jsonFile = join(place.folder, "plan.json");
  let keep = false;
  try {
    const form = await server.savePlanJson(planId, jsonFile);
    if (form === undefined) return undefined;
    const plan = await writePlanText(jsonFile, form, place);
    keep = place.keepJson;
    return { ...plan, jsonFile: keep ? jsonFile : undefined };
  } finally {
    if (!keep) await rm(jsonFile, { force: true });
  }
}

/**
 * While much garbage is made, V8 rather lets its heap grow than collect it: new objects get more than 100 MB, old ones
 * four times of what they need. From a large plan on, it is kept to less, which costs little time.
 */
function keepHeapSmall(json: JsonSource): void {
  if (json.bytes <= LARGE_BYTES) return;
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=100");
}

/** Writes the text of a structured plan that is in a file. Throws Failure on what is no plan; no part of the text is left then. */
export async function writePlanText(
  jsonFile: string,
  form: "redacted" | "plain",
  { textFile, values }: Pick<PlanPlace, "textFile" | "values">,
): Promise<PlanSummary & { head: Head }> {
  const json = await open(jsonFile);
  const text = createTextFile(textFile);
  const { head, write } = collectHead(HEAD_LENGTH);
  try {
    const source = await openJsonFile(json);
    keepHeapSmall(source);
    const document = await openPlan(form, source);
    const summary = await streamPlan(document, readersOf(values, text.write, write));
    await text.finish();
    return { ...summary, head };
  } finally {
    await text.discard();
    await json.close();
  }
}

/** The file has all values; reports get the same lines, or those without values. */
function readersOf(values: "show" | "hide", toFile: Reader["write"], toHead: Reader["write"]): Reader[] {
  if (values === "hide") {
    return [
      { options: { values: "show" }, write: toFile },
      { options: { values: "hide" }, write: toHead },
    ];
  }
  const both: Reader["write"] = async (lines) => {
    await toHead(lines);
    await toFile(lines);
  };
  return [{ options: { values: "show" }, write: both }];
}
