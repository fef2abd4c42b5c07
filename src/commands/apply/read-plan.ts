import { open } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../failure.ts";
import { createPlanDigester } from "../../gate/canonical.ts";
import { parseExactly } from "../../gate/exact-json.ts";
import type { PlanReading, RunFacts } from "../../gate/facts.ts";
import { PLAN_MEMBERS, type PlanPart } from "../../gate/plan-element.ts";
import type { JsonValue } from "../../json.ts";
import { firstSign, type JsonSource, membersOf } from "../../plan/json-members.ts";
import { openPlan } from "../../plan/plan-document.ts";
import { openJsonFile } from "../plan/plan-files.ts";
import type { ApplyJob, PlanFile } from "./apply-job.ts";

/** One element of a plan as the digester takes it; `name` of an output or a variable. */
export type RawElement = { part: PlanPart; value: JsonValue; name?: string };

/**
 * Fetches the structured plan of a run, in the form that hides nothing where this token may have it, and digests it. The
 * file is kept for the difference. Throws Failure("server") on what is no plan, and ApiError.
 */
export async function readPlanOfRun(
  job: Pick<ApplyJob, "server" | "folder" | "planFiles" | "key">,
  { id, planId }: Pick<RunFacts, "id" | "planId">,
): Promise<PlanReading> {
  if (planId === undefined) return { unavailable: `the server does not tell the plan of run ${id}` };
  const file = job.planFiles.get(id)?.file ?? join(job.folder, `plan-${job.planFiles.size}.json`);
  const form = await job.server.savePlanJson(planId, file, "plain-first");
  if (form === undefined) return { unavailable: `the server does not give that of run ${id} to this token` };
  const planFile = { file, form };
  job.planFiles.set(id, planFile);
  const digester = createPlanDigester({ form, key: job.key });
  await readElements(planFile, ({ part, value, name }) => digester.add(part, value, name));
  return digester.finish();
}

/** Reads a structured plan element by element. */
export async function readElements(
  { file, form }: PlanFile,
  take: (element: RawElement) => void,
): Promise<void> {
  const handle = await open(file);
  try {
    const source = await openJsonFile(handle);
    // What is no plan, or of a format that nobody knows, must not pass for an empty one.
    await openPlan(form, source);
    for await (const { key = "", start, end } of membersOf(source, { start: 0, end: source.bytes })) {
      const member = Object.hasOwn(PLAN_MEMBERS, key) ? PLAN_MEMBERS[key] : undefined;
      if (member !== undefined) await readMember(source, { key, ...member, span: { start, end } }, take);
    }
  } finally {
    await handle.close();
  }
}

type MemberPlace = {
  key: string;
  part: PlanPart;
  kind: "list" | "object";
  span: { start: number; end: number };
};

async function readMember(
  source: JsonSource,
  { key, part, kind, span }: MemberPlace,
  take: (element: RawElement) => void,
): Promise<void> {
  const sign = await firstSign(source, span);
  if (sign === "n" && span.end - span.start === 4) return;
  if (sign !== (kind === "list" ? "[" : "{")) throw malformed(`${key} is not as documented`);
  for await (const { key: name, start, end } of membersOf(source, span)) {
    const value = parseExactly(textOf(await source.read(start, end), key), key);
    take({ part, value, ...(name !== undefined && { name }) });
  }
}

/** Bytes that are no text would all become the same replacement character. */
function textOf(bytes: Uint8Array, key: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw malformed(`${key} is not UTF-8`, cause);
  }
}

function malformed(problem: string, cause?: unknown): Failure {
  const message = `The structured plan that the server sent cannot be compared: ${problem}. Nothing was applied.`;
  return new Failure("server", message, { cause });
}
