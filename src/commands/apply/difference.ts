import { elementKey } from "../../gate/canonical.ts";
import type { NewRun } from "../../gate/decision.ts";
import {
  type Difference,
  describeElement,
  differenceLines,
  differingElements,
  type ElementDifference,
} from "../../gate/difference.ts";
import type { Review } from "../../gate/facts.ts";
import { readElement } from "../../gate/plan-element.ts";
import type { Step } from "../step.ts";
import type { ApplyJob, PlanFile } from "./apply-job.ts";
import { type RawElement, readElements } from "./read-plan.ts";

/** How many of the elements that changed are described in detail. */
const MOST = 20;

/** Tells how the new plan differs from the reviewed one: in the log now, for the reports in the findings. */
export async function readDifference(
  { inputs, log }: Step,
  { planFiles, findings }: ApplyJob,
  plans: { reviewed: Review; fresh: NewRun },
): Promise<void> {
  const { reviewed, fresh } = plans;
  const files = { reviewed: planFiles.get(reviewed.run.id), fresh: planFiles.get(fresh.run.id) };
  if (!("digest" in reviewed.plan) || !("digest" in fresh.plan)) return;
  const differing = differingElements(reviewed.plan, fresh.plan);
  const described = await describe(new Set(differing.changed.slice(0, MOST)), files);
  const difference = { ...differing, described };
  log.startGroup("How this plan differs from the reviewed one");
  log.foreign(differenceLines(difference, MOST));
  log.endGroup();
  const shown = inputs.commentValues === "hide" ? withoutValues(difference) : difference;
  findings.difference = differenceLines(shown, MOST);
}

async function describe(
  keys: ReadonlySet<string>,
  files: { reviewed: PlanFile | undefined; fresh: PlanFile | undefined },
): Promise<ElementDifference[]> {
  const [before, after] = [await elementsOf(files.reviewed, keys), await elementsOf(files.fresh, keys)];
  return [...before].flatMap(([key, { part, value, name }]) => {
    const other = after.get(key);
    if (other === undefined) return [];
    const named = name === undefined ? {} : { name };
    return [describeElement(part, { reviewed: value, fresh: other.value, ...named })];
  });
}

/** The elements of these keys, read once more, so that a plan is never in memory as a whole. */
async function elementsOf(
  plan: PlanFile | undefined,
  keys: ReadonlySet<string>,
): Promise<Map<string, RawElement>> {
  const found = new Map<string, RawElement>();
  if (plan === undefined) return found;
  await readElements(plan, (element) => {
    const read = readElement(element.part, element.value, element.name);
    const key = read && elementKey(element.part, read.subject);
    if (key !== undefined && keys.has(key) && !found.has(key)) found.set(key, element);
  });
  return found;
}

function withoutValues(difference: Difference): Difference {
  const described = difference.described.map((element) => ({
    ...element,
    attributes: element.attributes.map(({ path }) => ({ path })),
  }));
  return { ...difference, described };
}
