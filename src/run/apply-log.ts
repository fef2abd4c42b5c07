import { type LogGroup, openLogGroup } from "./log-group.ts";
import type { RunLog } from "./types.ts";

/** Numbers of objects; what the log does not speak of is 0. */
export type ApplyCounts = { add: number; change: number; destroy: number; import: number };

/** What the lines of an apply's log tell. They decide nothing, but are all there is where the server counts nothing. */
export type ApplyTally = {
  notice: (lines: string[]) => void;
  /** Of the line in which the CLI says that the apply is complete; `undefined` before. */
  summary: () => ApplyCounts | undefined;
  /** Objects of which the CLI said that they are done. */
  done: () => ApplyCounts;
};

const STYLE = /\u001b\[[0-9;]*m/g;
/** Lines of the CLI are shorter; what is longer is something else. */
const LONGEST_LINE = 8192;
const SUMMARY = /^(?:Apply|Destroy) complete! Resources: (.*)$/;
/** An address, in whose keys anything may stand, is followed by a colon; the output of a provisioner by ` (local-exec):`. */
const DONE = /^(?:[^"(]|"(?:[^"\\]|\\.)*")+?: (Creation|Modifications|Destruction|Import) complete\b/;
const DONE_KEYS = {
  Creation: "add",
  Modifications: "change",
  Destruction: "destroy",
  Import: "import",
} as const;
const SUMMARY_KEYS = { added: "add", changed: "change", destroyed: "destroy", imported: "import" } as const;

/** Counts along as the lines of an apply come in. */
export function createTally(): ApplyTally {
  const done = none();
  let summary: ApplyCounts | undefined;
  const noticeLine = (line: string) => {
    if (line.length > LONGEST_LINE) return;
    const text = line.replace(STYLE, "");
    const [, sentence] = SUMMARY.exec(text) ?? [];
    if (sentence !== undefined) summary = readSummary(sentence);
    const key = keyOf(DONE_KEYS, DONE.exec(text)?.[1]);
    if (key !== undefined) done[key] += 1;
  };
  return {
    notice: (lines) => lines.forEach(noticeLine),
    summary: () => summary,
    done: () => ({ ...done }),
  };
}

function readSummary(sentence: string): ApplyCounts {
  const counts = none();
  for (const [, number, word] of sentence.matchAll(/(\d{1,9}) ([a-z]+)/g)) {
    const key = keyOf(SUMMARY_KEYS, word);
    if (key !== undefined) counts[key] = Number(number);
  }
  return counts;
}

function keyOf<T>(keys: Readonly<Record<string, T>>, word: string | undefined): T | undefined {
  return word !== undefined && Object.hasOwn(keys, word) ? keys[word] : undefined;
}

function none(): ApplyCounts {
  return { add: 0, change: 0, destroy: 0, import: 0 };
}

/** How the CLI begins what people wait for in an apply: the first object, an error or a warning, or the end. */
const BEGINNINGS =
  /^(?:[╷│] ?(?:Error|Warning|$)|(?:Error|Warning): |(?:Apply|Destroy) complete!|.{1,1000}?: (?:Creating|Modifying|Destroying|Importing|Provisioning with)\b)/;

/** Whether a line is the first of what people wait for, styles allowed. */
export function beginsApply(line: string): boolean {
  return BEGINNINGS.test(line.slice(0, LONGEST_LINE).replace(STYLE, ""));
}

/**
 * The log of an apply in the job log. What goes before, and where plan and apply share one log (Terrakube) the whole plan
 * once more, is in a group; nothing is left out, as only HCP Terraform begins an apply with lines of the plan.
 */
export function openApplyGroup(log: Pick<RunLog, "foreign" | "startGroup" | "endGroup">): LogGroup {
  return openLogGroup(log, { title: "Apply: initialisation", begins: beginsApply });
}
