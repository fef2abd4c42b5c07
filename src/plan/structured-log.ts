import type { JsonValue } from "../json.ts";
import { drawDiagnostic } from "./diagnostic-box.ts";
import { diffDynamic } from "./diff-dynamic.ts";
import { field, isObject, type JsonObject, maxDepth, text } from "./json-shape.ts";
import type { Diagnostic } from "./model.ts";
import { printNode } from "./print.ts";
import { append, startWriter } from "./writer.ts";

/** One line of a JSON log as the CLI shows it; `kind` is its `type`, empty where it has none. */
export type StructuredLine = { text: string[]; diagnostic?: Diagnostic; kind: string };

/** Kinds that the CLI does not show: they say again what other lines say (opentofu jsonformat/renderer.go). */
const silent = new Set([
  "refresh_complete",
  "version",
  "planned_change",
  "provision_complete",
  "provision_errored",
  "apply_errored",
]);

/**
 * A line that `tofu plan -json` or `tofu apply -json` wrote, rendered as text. `undefined`: it is not such a line, to be
 * shown as it is. Never throws.
 */
export function parseStructuredLine(line: string): StructuredLine | undefined {
  if (!line.trimStart().startsWith("{") || bracketDepth(line) > maxDepth) return undefined;
  const record = parseObject(line);
  if (record === undefined) return undefined;
  const message = text(record, "@message");
  const kind = text(record, "type") ?? "";
  if (message === undefined && text(record, "@level") === undefined) return undefined;
  if (silent.has(kind)) return { text: [], kind };
  if (kind === "diagnostic") {
    const drawn = drawDiagnostic(field(record, "diagnostic"));
    if (drawn !== undefined) return { text: drawn.lines, diagnostic: drawn.diagnostic, kind };
  }
  return { text: textLines(kind, message ?? "", record), kind };
}

function textLines(kind: string, message: string, record: JsonObject): string[] {
  if (kind === "outputs") return outputLines(field(record, "outputs"));
  if (kind === "change_summary") return ["", ...message.split("\n"), ""];
  const progress = kind === "provision_progress" ? progressText(field(record, "hook")) : undefined;
  return (progress ?? message).split("\n");
}

function progressText(hook: JsonValue | undefined): string | undefined {
  if (!isObject(hook)) return undefined;
  const resource = field(hook, "resource");
  const address = isObject(resource) ? text(resource, "addr") : undefined;
  const provisioner = text(hook, "provisioner");
  const output = text(hook, "output");
  if (address === undefined || provisioner === undefined || output === undefined) return undefined;
  return `${address}: (${provisioner}): ${output}`;
}

/** Values of outputs after an apply; while planning they have an action instead, which the plan itself shows. */
function outputLines(outputs: JsonValue | undefined): string[] {
  if (!isObject(outputs)) return [];
  const lines = Object.entries(outputs).flatMap(([name, output]) =>
    isObject(output) && Object.hasOwn(output, "value") ? outputValue(name, output) : [],
  );
  return lines.length === 0 ? [] : ["Outputs:", ...lines];
}

function outputValue(name: string, output: JsonObject): string[] {
  const value = field(output, "value") ?? null;
  const mask = field(output, "sensitive") ?? false;
  const node = diffDynamic({
    before: value,
    after: value,
    hasBefore: true,
    hasAfter: true,
    unknown: false,
    beforeMask: mask,
    afterMask: mask,
    replace: [],
    relevant: "all",
  });
  const writer = startWriter();
  append(writer, `${name} = `);
  printNode(writer, node, { indent: 0, showUnchanged: true, hideNull: true, force: false });
  return writer.lines;
}

function parseObject(line: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** At least as deep as the JSON nests; what is printed recurses. */
function bracketDepth(line: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of line) {
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
