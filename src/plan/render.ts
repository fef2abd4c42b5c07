import { countChanges, hasChanges, isShown, planLine } from "./counts.ts";
import { diffDynamic } from "./diff-dynamic.ts";
import { type Described, describe, diffResource } from "./diff-resource.ts";
import { isShownDrift } from "./drift.ts";
import type { Counts, OutputChange, Plan, ResourceChange } from "./model.ts";
import type { Mark, Node } from "./node.ts";
import { rootPair } from "./pair.ts";
import { printNode } from "./print.ts";
import { titleLines } from "./title.ts";
import { alignNames, append, attributeName, quote, startWriter, type Writer } from "./writer.ts";

export type RenderOptions = {
  /** `hide`: addresses, actions and names of outputs, and no value at all. */
  values: "show" | "hide";
  /** A refresh-only plan shows all changes made outside; any other only those that the plan depends on. */
  mode?: "refresh-only";
};

/** The three columns before a resource. */
const resourceMarks: Record<ResourceChange["action"], string> = {
  create: "  +",
  update: "  ~",
  replace: "-/+",
  delete: "  -",
  read: " <=",
  forget: "  .",
  move: "   ",
  import: "   ",
  "no-op": "   ",
};

const outputMarks: Record<Mark, string> = { create: "  +", update: "  ~", delete: "  -", none: "   " };

/**
 * A plan as lines of plain text, in the manner of `tofu show PLANFILE` without colour: what changed outside of OpenTofu,
 * the resources, the "Plan:" line, the outputs. Sensitive values are never in it. No line holds a line break.
 */
export function renderPlan(plan: Plan, options: RenderOptions): string[] {
  const text = startPlanText(options);
  const lines: string[] = [];
  const add = (more: string[]) => {
    for (const line of more) lines.push(line);
  };
  const driftOptions = { ...options, planChanges: hasChanges(plan) };
  for (const resource of plan.drift) {
    const change = describe(plan, resource);
    if (isShownDrift(change, driftOptions)) add(text.drift(change));
  }
  for (const resource of plan.resources) add(text.resource(describe(plan, resource)));
  add(text.counts(countChanges(plan)));
  const pad = alignOutputs(plan.outputs.map(({ name }) => name));
  for (const output of plan.outputs.toSorted(byOutputName)) add(text.output(output, pad));
  add(text.end());
  return lines;
}

/** The text of a plan as it grows: each call returns the lines that follow, for the parts in the order given here. */
export type PlanText = {
  /** A change that was made outside and is to be shown (`isShownDrift`). */
  drift: (change: Described) => string[];
  /** A planned change; there are no lines for one that the CLI does not show. */
  resource: (change: Described) => string[];
  /** After the last resource. */
  counts: (counts: Counts) => string[];
  /** An output, in the order of `byOutputName`, its name padded by `alignOutputs`. */
  output: (output: OutputChange, pad: (name: string) => string) => string[];
  end: () => string[];
};

type Section = "drift" | "resources" | "counts" | "outputs";

/** Starts the text of a plan, which is written as the plan is read and need not fit into memory. */
export function startPlanText(options: RenderOptions): PlanText {
  let current: Section | undefined;
  /** Lines of a section: an empty one before it, and its heading once. */
  const within = (section: Section, heading: string[], lines: string[]): string[] => {
    const isNew = section !== current;
    const gap = isNew && current !== undefined ? [""] : [];
    current = section;
    return [...gap, ...(isNew ? heading : []), ...lines];
  };
  return {
    drift: (change) => {
      const lines = ["", ...renderResource(change, { options, cause: "drift" })];
      return within("drift", ["Note: Objects have changed outside of OpenTofu"], lines);
    },
    resource: (change) => {
      if (!isShown(change.resource)) return [];
      const gap = current === "resources" ? [""] : [];
      return within("resources", [], [...gap, ...renderResource(change, { options, cause: "change" })]);
    },
    counts: (counts) => (current === "resources" ? within("counts", [], [planLine(counts)]) : []),
    output: (output, pad) => {
      const lines = renderOutput(output, pad, options);
      return lines.length === 0 ? [] : within("outputs", ["Changes to Outputs:"], lines);
    },
    end: () => (current === undefined ? ["No changes. Your infrastructure matches the configuration."] : []),
  };
}

type ResourceOptions = { options: RenderOptions; cause: "change" | "drift" };

/** One resource: its title as comments, then the object. */
function renderResource(change: Described, { options, cause }: ResourceOptions): string[] {
  const { resource } = change;
  const title = titleLines(resource, { cause, values: options.values });
  if (options.values === "hide") return title;
  if (resource.tooLarge !== undefined) return [...title, `  # (${tooLargeText(resource.tooLarge)})`];
  const isPartial = cause === "drift" && options.mode === undefined;
  const node = diffResource(change, isPartial ? (resource.relevantPaths ?? "all") : "all");
  const writer = startWriter();
  const kind = resource.mode === "data" ? "data" : "resource";
  append(writer, `${resourceMark(resource)} ${kind} ${quote(resource.type)} ${quote(resource.name)} `);
  print(writer, node, resource.importing !== undefined);
  return [...title, ...writer.lines];
}

function tooLargeText(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB of JSON: too large to be shown`;
}

function resourceMark({ action, replaceOrder }: ResourceChange): string {
  if (replaceOrder === "create-first") return "+/-";
  return replaceOrder === "forget" ? "./+" : resourceMarks[action];
}

function print(writer: Writer, node: Node, showUnchanged = false): void {
  printNode(writer, node, { indent: 0, showUnchanged, hideNull: false, force: false });
}

/** The order of outputs in the text, for sorting. */
export function byOutputName(a: { name: string }, b: { name: string }): number {
  return attributeName(a.name) < attributeName(b.name) ? -1 : 1;
}

/** Pads the name of an output to the width of all of them, those without a change included. */
export function alignOutputs(names: string[]): (name: string) => string {
  const pad = alignNames(names.map(attributeName));
  return (name) => pad(attributeName(name));
}

function renderOutput(
  output: OutputChange,
  pad: (name: string) => string,
  { values }: RenderOptions,
): string[] {
  const node = outputNode(output);
  if (node.mark === "none") return [];
  const mark = outputMarks[node.mark];
  if (values === "hide") return [`${mark} ${attributeName(output.name)}`];
  if (output.tooLarge !== undefined)
    return [`${mark} ${pad(output.name)} = (${tooLargeText(output.tooLarge)})`];
  const writer = startWriter();
  append(writer, `${mark} ${pad(output.name)} = `);
  print(writer, node);
  return writer.lines;
}

/** A redacted plan can hold the same text for a secret before and after: the plan knows that it changes. */
function outputNode(output: OutputChange): Node {
  const node = diffDynamic(rootPair(output));
  const { action } = output;
  const isKnown = action === "create" || action === "update" || action === "delete";
  return node.mark === "none" && isKnown ? { ...node, mark: action } : node;
}
