import { countChanges, hasChanges, isShown } from "./counts.ts";
import type { Described } from "./diff-resource.ts";
import { isShownDrift } from "./drift.ts";
import type { Counts, OutputChange, PlanFacts, ResourceChange, ResourceFacts } from "./model.ts";
import type { PlanDocument } from "./plan-document.ts";
import { alignOutputs, byOutputName, type PlanText, type RenderOptions, startPlanText } from "./render.ts";

/** A reader of the plan's text: how it is rendered, and what takes the lines, in order. */
export type Reader = { options: RenderOptions; write: (lines: string[]) => void | Promise<void> };

/** What is known of a plan when its text is written. */
export type PlanSummary = { facts: PlanFacts; counts: Counts; hasChanges: boolean };

/**
 * Writes the text that `renderPlan` would give to each of the readers, one change after the other, and keeps the facts.
 * Throws Failure("server") where the plan turns out not to be one, and whatever a reader throws.
 */
export async function streamPlan(document: PlanDocument, readers: Reader[]): Promise<PlanSummary> {
  const texts = readers.map(({ options, write }) => ({ options, write, text: startPlanText(options) }));
  const emit: Emit = async (render) => {
    for (const { options, write, text } of texts) {
      const lines = render(text, options);
      if (lines.length > 0) await write(lines);
    }
  };
  const drift = await streamDrift(document, emit);
  const resources = await streamResources(document, emit);
  const counts = countChanges({ resources });
  await emit((text) => text.counts(counts));
  const outputs = await streamOutputs(document, emit);
  await emit((text) => text.end());
  const facts = { resources, drift, outputs };
  return { facts, counts, hasChanges: hasChanges(facts) };
}

/** Hands to each reader the lines that are rendered for it. */
type Emit = (render: (text: PlanText, options: RenderOptions) => string[]) => Promise<void>;

async function streamDrift(document: PlanDocument, emit: Emit): Promise<ResourceFacts[]> {
  const facts: ResourceFacts[] = [];
  let planChanges: boolean | undefined;
  for await (const resource of document.drift()) {
    if (resource.action === "no-op") continue;
    facts.push(factsOf(resource));
    planChanges ??= await changesAnything(document);
    const change = await describe(document, resource);
    const options = { planChanges };
    await emit((text, { mode }) => {
      const isToShow = isShownDrift(change, mode === undefined ? options : { ...options, mode });
      return isToShow ? text.drift(change) : [];
    });
  }
  return facts;
}

/** What shows drift at all, and stands behind it in the text: looked up as far as needed. */
async function changesAnything(document: PlanDocument): Promise<boolean> {
  for await (const change of document.resources()) {
    if (isShown(change)) return true;
  }
  for (const { read } of await document.outputs()) {
    if ((await read()).action !== "no-op") return true;
  }
  return false;
}

async function streamResources(document: PlanDocument, emit: Emit): Promise<ResourceFacts[]> {
  const facts: ResourceFacts[] = [];
  for await (const resource of document.resources()) {
    if (resource.action === "no-op") continue;
    facts.push(factsOf(resource));
    const change = await describe(document, resource);
    await emit((text) => text.resource(change));
  }
  return facts;
}

async function streamOutputs(document: PlanDocument, emit: Emit): Promise<PlanFacts["outputs"]> {
  const outputs = await document.outputs();
  const pad = alignOutputs(outputs.map(({ name }) => name));
  const facts: Pick<OutputChange, "name" | "action">[] = [];
  for (const { name, read } of outputs.toSorted(byOutputName)) {
    const output = await read();
    facts.push({ name, action: output.action });
    await emit((text) => text.output(output, pad));
  }
  return facts;
}

async function describe(document: PlanDocument, resource: ResourceChange): Promise<Described> {
  return { resource, schema: await document.schemaOf(resource) };
}

/** Of the paths that force a replacement a report names the attributes; of an import, that it is one. */
function factsOf(resource: ResourceChange): ResourceFacts {
  const { address, previousAddress, mode, deposed, action, replaceOrder, actionReason } = resource;
  const forcing = new Set(resource.replacePaths.flatMap((path) => path.slice(0, 1)));
  return {
    ...{ address, mode, action, replacePaths: [...forcing].map((step) => [step]) },
    ...(previousAddress !== undefined && { previousAddress }),
    ...(deposed !== undefined && { deposed }),
    ...(replaceOrder !== undefined && { replaceOrder }),
    ...(actionReason !== undefined && { actionReason }),
    ...(resource.importing !== undefined && { importing: {} }),
  };
}
