import { stripAnsi } from "./ansi.ts";
import type { Counts } from "./model.ts";

/** Where the plan itself begins in the text of `tofu plan`. */
const planStart =
  /^(?:Note: Objects have changed outside|(?:OpenTofu|Terraform) (?:used the selected providers|will perform|planned the following)|No changes\.|Changes to Outputs:|Planning failed\.|[╷]|(?:Error|Warning): )/;
const legendStart = /^(?:OpenTofu|Terraform) used the selected providers/;
/** Progress while state and data are read. */
const progress =
  /^[^\s"]\S*(?:\[".*"\]\S*)?: (?:Refreshing|Refreshing state\.\.\.|Refresh complete|Reading\.\.\.|Still reading\.\.\.|Read complete|Preparing import\.\.\.|Opening\.\.\.|Opening complete|Closing\.\.\.|Closing complete)(?: .*)?$/;
/** The rule and the hints after the plan. */
const planEnd = /^(?:─{10,}|-{40,}|Saved the plan to: |Note: You didn't use the -out option)/;

/**
 * The plan in the text of a log, for servers without a structured one: without the lines of the runner and of `init`
 * before it, the refresh progress, the legend of symbols and the hints after it; colours removed.
 */
export function planTextFromLog(lines: string[]): string[] {
  const plain = lines
    .map((line) => stripAnsi(line).replace(/\r$/, ""))
    .filter((line) => !progress.test(line));
  const start = plain.findIndex((line) => planStart.test(line));
  const plan = withoutLegend(plain.slice(Math.max(0, start)));
  const end = lastHints(plan);
  return trimBlank(plan.slice(0, end));
}

/** From "… used the selected providers" to the empty line after the symbols. */
function withoutLegend(lines: string[]): string[] {
  const start = lines.findIndex((line) => legendStart.test(line));
  if (start < 0) return lines;
  const end = lines.indexOf("", start);
  return end < 0 ? lines.slice(0, start) : [...lines.slice(0, start), ...lines.slice(end + 1)];
}

/** The first hint after the last line of the plan; a rule before it separates drift from changes. */
function lastHints(lines: string[]): number {
  const verdict = lines.findLastIndex((line) => /^(?:Plan: \d|Changes to Outputs:|No changes\.)/.test(line));
  const end = lines.findIndex((line, index) => index > verdict && verdict >= 0 && planEnd.test(line));
  return end < 0 ? lines.length : end;
}

function trimBlank(lines: string[]): string[] {
  const isText = (line: string) => line !== "";
  const first = lines.findIndex(isText);
  return first < 0 ? [] : lines.slice(first, lines.findLastIndex(isText) + 1);
}

const summary =
  /^Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy(?:, (\d+) to forget)?\./;
const moved = /^ {2}# .+ has moved to .+$|^ {2}# \(moved from .+\)$/;

/**
 * The counts that the text of a log tells, `undefined` where it tells none (a failed plan): the last "Plan:" line, else
 * nothing at all for "No changes." or changes of outputs only.
 */
export function countsFromText(lines: string[]): Counts | undefined {
  const plain = lines.map(stripAnsi);
  const move = plain.filter((line) => moved.test(line)).length;
  const last = plain.findLast((line) => summary.test(line));
  if (last === undefined) {
    const isEmpty = plain.some((line) => /^(?:No changes\.|Changes to Outputs:)/.test(line));
    return isEmpty ? { add: 0, change: 0, destroy: 0, import: 0, move, forget: 0 } : undefined;
  }
  const [, imports, add, change, destroy, forget] = (summary.exec(last) ?? []).map((digits) =>
    Number(digits ?? 0),
  );
  return {
    add: add ?? 0,
    change: change ?? 0,
    destroy: destroy ?? 0,
    import: imports ?? 0,
    move,
    forget: forget ?? 0,
  };
}
