import type { Diagnostic } from "../plan/model.ts";
import { codeSpan, details, fence, wrapText } from "./markdown.ts";
import type { PolicyVerdict, Report } from "./model.ts";
import { count, fitText, plural, type Room } from "./room.ts";

const WIDTH = 100;

/** Why it failed. */
export function failureSection(report: Report, space: number, room: Room): string {
  if (report.failure === undefined) return "";
  const { reason, message } = report.failure;
  const text = wrapText(fitText(message, space - 300, room), WIDTH);
  return `Reason: ${codeSpan(reason, 60)}\n\n${fence(text, "text")}`;
}

/** How the plan differs from the reviewed one. */
export function differenceSection({ difference = [] }: Report, space: number, room: Room): string {
  if (difference.length === 0) return "";
  const text = wrapText(fitText(difference.join("\n"), space - 300, room), WIDTH);
  return `How this plan differs from the reviewed one:\n\n${fence(text, "text")}`;
}

/** Diagnostics of one severity, one block each, as many as fit. `values: hide` leaves summary, place and address. */
export function diagnosticsSection(
  report: Report,
  severity: Diagnostic["severity"],
  fit: { space: number; room: Room },
): string {
  const all = report.diagnostics.filter((diagnostic) => diagnostic.severity === severity);
  if (all.length === 0) return "";
  const blocks = all.map((diagnostic) => fence(diagnosticText(diagnostic, report.values, fit), "text"));
  return [
    ...withinSpace(blocks, fit, (left) => `And ${plural(left, `more ${severity}`, `more ${severity}s`)}.`),
  ].join("\n\n");
}

/** A diagnostic as the CLI prints it, without its frame. */
function diagnosticText(
  diagnostic: Diagnostic,
  values: Report["values"],
  fit: { space: number; room: Room },
): string {
  const { severity, summary, detail, snippet, address } = diagnostic;
  const title = `${severity === "error" ? "Error" : "Warning"}: ${wrapText(summary, WIDTH)}`;
  const shown = values === "show";
  const parts = [
    title,
    address && `  with ${address}`,
    shown && snippet ? indent(snippet) : placeOf(diagnostic),
  ];
  if (shown && detail !== "") parts.push(wrapText(detail, WIDTH));
  return fitText(parts.filter((part) => part).join("\n\n"), Math.min(5000, fit.space - 300), fit.room);
}

function placeOf({ file, line }: Diagnostic): string | undefined {
  if (file === undefined) return undefined;
  return `  on ${file}${line === undefined ? "" : ` line ${line}`}`;
}

function indent(snippet: string): string {
  return snippet
    .split("\n")
    .map((line) => (line === "" ? line : `  ${line.replace(/^ {2}/, "")}`))
    .join("\n");
}

const OUTCOMES: Record<PolicyVerdict["outcome"], string> = {
  passed: "✅ passed",
  failed: "❌ failed",
  "advisory-failed": "⚠️ failed, advisory only",
  "needs-override": "✋ failed, can be overridden on the server",
  errored: "❌ errored",
  canceled: "⚪ canceled",
  skipped: "⚪ skipped",
};
const KINDS: Record<PolicyVerdict["kind"], string> = {
  "policy-check": "policy check",
  "policy-evaluation": "policy evaluation",
  "run-task": "run task",
};

/** Verdicts of policies and run tasks, the bad ones first, and what they printed, folded. */
export function policiesSection(report: Report, space: number, room: Room): string {
  if (report.policies.length === 0) return "";
  const good = (policy: PolicyVerdict) =>
    policy.outcome === "passed" || policy.outcome === "skipped" ? 1 : 0;
  const sorted = report.policies.toSorted((a, b) => good(a) - good(b));
  const items = sorted.map((p) => `- ${codeSpan(p.name, 150)}, ${KINDS[p.kind]}: ${OUTCOMES[p.outcome]}`);
  const list = withinSpace(
    items,
    { space: space / 2 - 100, room },
    (left) => `- and ${count(left)} more`,
  ).join("\n");
  const texts = report.values === "hide" ? [] : sorted.filter((policy) => policy.text.trim() !== "");
  const title = "Policies and run tasks:";
  if (texts.length === 0) return `${title}\n\n${list}`;
  const blocks = texts.map(
    (p) => `${codeSpan(p.name, 150)}\n\n${fence(fitText(p.text, space / 5, room), "text")}`,
  );
  const output = withinSpace(blocks, { space: space / 2 - 300, room }, (left) => `And ${count(left)} more.`);
  return `${title}\n\n${list}\n\n${details("What they printed", output.join("\n\n"))}`;
}

/** The monthly cost before and after. */
export function costSection({ cost }: Report): string {
  if (cost === undefined) return "";
  const amount = (text: string) => codeSpan(text, 40);
  const delta = /^[-+]/.test(cost.delta) ? cost.delta : `+${cost.delta}`;
  return `Cost estimate: ${amount(cost.before)} → ${amount(cost.after)} US dollars a month (${amount(delta)}), ${count(cost.matched)} of ${plural(cost.total, "resource")} estimated.`;
}

/** Further facts, in one block. */
export function notesSection(notes: string[], space: number, room: Room): string {
  if (notes.length === 0) return "";
  const texts = notes.map((note) => wrapText(fitText(note, space / 2, room), WIDTH));
  const shown = withinSpace(texts, { space: space - 200, room }, (left) => `… and ${count(left)} more`);
  return `Notes:\n\n${fence(shown.join("\n\n"), "text")}`;
}

/** As many blocks from the beginning as fit; `rest` says how many did not. */
function withinSpace(
  blocks: string[],
  fit: { space: number; room: Room },
  rest: (left: number) => string,
): string[] {
  const kept: string[] = [];
  let used = 60;
  for (const block of blocks) {
    used += fit.room.size(block) + 2;
    if (used > fit.space) break;
    kept.push(block);
  }
  const left = blocks.length - kept.length;
  return left === 0 ? kept : [...kept, rest(left)];
}
