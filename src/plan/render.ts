import { countChanges, isShown, planLine } from "./counts.ts";
import { diffDynamic } from "./diff-dynamic.ts";
import { diffResource } from "./diff-resource.ts";
import { shownDrift } from "./drift.ts";
import type { OutputChange, Plan, ResourceChange } from "./model.ts";
import type { Mark, Node } from "./node.ts";
import { rootPair } from "./pair.ts";
import { printNode } from "./print.ts";
import { titleLines } from "./title.ts";
import { alignNames, append, attributeName, newLine, quote, startWriter, type Writer } from "./writer.ts";

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
  const drift = shownDrift(plan, options.mode);
  const resources = plan.resources.filter(isShown);
  const outputs = renderOutputs(plan.outputs, options);
  const sections = [
    drift.length === 0
      ? []
      : [
          "Note: Objects have changed outside of OpenTofu",
          ...block(plan, drift, { options, cause: "drift" }),
        ],
    resources.length === 0 ? [] : block(plan, resources, { options, cause: "change" }).slice(1),
    resources.length === 0 ? [] : [planLine(countChanges(plan))],
    outputs.length === 0 ? [] : ["Changes to Outputs:", ...outputs],
  ].filter((section) => section.length > 0);
  if (sections.length === 0) return ["No changes. Your infrastructure matches the configuration."];
  return sections.flatMap((section, index) => (index === 0 ? section : ["", ...section]));
}

type ResourceOptions = { options: RenderOptions; cause: "change" | "drift" };

/** Resources with an empty line before each. */
function block(plan: Plan, resources: ResourceChange[], settings: ResourceOptions): string[] {
  return resources.flatMap((resource) => ["", ...renderResource(plan, resource, settings)]);
}

/** One resource: its title as comments, then the object. */
export function renderResource(
  plan: Plan,
  resource: ResourceChange,
  { options, cause }: ResourceOptions,
): string[] {
  const title = titleLines(resource, { cause, values: options.values });
  if (options.values === "hide") return title;
  const isPartial = cause === "drift" && options.mode === undefined;
  const node = diffResource(plan, resource, isPartial ? (resource.relevantPaths ?? "all") : "all");
  const writer = startWriter();
  const kind = resource.mode === "data" ? "data" : "resource";
  append(writer, `${resourceMark(resource)} ${kind} ${quote(resource.type)} ${quote(resource.name)} `);
  print(writer, node, resource.importing !== undefined);
  return [...title, ...writer.lines];
}

function resourceMark({ action, replaceOrder }: ResourceChange): string {
  if (replaceOrder === "create-first") return "+/-";
  return replaceOrder === "forget" ? "./+" : resourceMarks[action];
}

function print(writer: Writer, node: Node, showUnchanged = false): void {
  printNode(writer, node, { indent: 0, showUnchanged, hideNull: false, force: false });
}

function renderOutputs(outputs: OutputChange[], options: RenderOptions): string[] {
  const nodes = outputs.map((output) => ({ name: attributeName(output.name), node: outputNode(output) }));
  const pad = alignNames(nodes.map(({ name }) => name));
  const writer = startWriter();
  for (const { name, node } of nodes.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (node.mark === "none") continue;
    const mark = outputMarks[node.mark];
    if (options.values === "hide") {
      newLine(writer, `${mark} ${name}`);
      continue;
    }
    newLine(writer, `${mark} ${pad(name)} = `);
    print(writer, node);
  }
  return writer.lines.slice(1);
}

/** A redacted plan can hold the same text for a secret before and after: the plan knows that it changes. */
function outputNode(output: OutputChange): Node {
  const node = diffDynamic(rootPair(output));
  const { action } = output;
  const isKnown = action === "create" || action === "update" || action === "delete";
  return node.mark === "none" && isKnown ? { ...node, mark: action } : node;
}
