import { changesSection, outputsSection } from "./changes.ts";
import { destroySection } from "./destroys.ts";
import { countsLine, footer, heading } from "./heading.ts";
import { details } from "./markdown.ts";
import type { Report } from "./model.ts";
import { optionsSection } from "./options.ts";
import { elsewhere, planSection } from "./plan-text.ts";
import type { Room } from "./room.ts";
import { plural } from "./room.ts";
import {
  costSection,
  diagnosticsSection,
  differenceSection,
  failureSection,
  notesSection,
  policiesSection,
} from "./verdicts.ts";

/** Longest comment, in UTF-16 units; GitHub refuses more than 65,536 characters with 422. */
const COMMENT_LIMIT = 60_000;
const SMALLEST_LIMIT = 25_000;

/** Greatest shares of the length; the plan gets what the others leave, never less than a tenth. */
const SHARES = {
  options: 0.06,
  destroys: 0.26,
  failure: 0.05,
  difference: 0.08,
  errors: 0.12,
  changes: 0.09,
  outputs: 0.04,
  policies: 0.1,
  warnings: 0.06,
  notes: 0.04,
};

/**
 * The comment on the pull request: what matters is visible without unfolding (verdict, counts, why it
 * failed, destroys and replacements, then what else changes), the plan itself is folded. Foreign text stands in fences and code spans
 * only. The body begins with `marker`, so that it is found again, and is at most `limit` UTF-16 units long (60,000
 * unless given, at least 25,000); `cut` names what did not fit, as the body does.
 */
export function renderComment(
  report: Report,
  options: { marker: string; limit?: number },
): { body: string; cut: string[] } {
  const limit = Math.max(options.limit ?? COMMENT_LIMIT, SMALLEST_LIMIT);
  const room: Room = { limit, size: (text) => text.length, unitSize: 1, lineLimit: 1000, listLimit: 25 };
  const sections = renderSections(report, room);
  const around = [options.marker, ...sections.before, ...sections.after].join("\n\n").length;
  const plan = planSection(report, limit - around - 20, {
    ...room,
    elsewhere: elsewhere(report, true),
    open: false,
  });
  const parts = [...sections.before, plan.text, ...sections.after].filter((part) => part !== "");
  return {
    body: `${options.marker}\n${parts.join("\n\n")}\n`,
    cut: plan.cut === undefined ? [] : [plan.cut],
  };
}

/** All sections of a report but the plan's text, each within its share of the room; empty ones are left in. */
export function renderSections(report: Report, room: Room): { before: string[]; after: string[] } {
  const space = (share: number) => share * room.limit;
  return {
    before: [
      heading(report),
      countsLine(report),
      optionsSection(report, space(SHARES.options), room),
      failureSection(report, space(SHARES.failure), room),
      differenceSection(report, space(SHARES.difference), room),
      diagnosticsSection(report, "error", { space: space(SHARES.errors), room }),
      destroySection(report, space(SHARES.destroys), room),
      changesSection(report, space(SHARES.changes), room),
      outputsSection(report, space(SHARES.outputs), room),
      policiesSection(report, space(SHARES.policies), room),
      costSection(report),
      warningsSection(report, room),
    ],
    after: [notesSection(report.notes, space(SHARES.notes), room), footer(report)],
  };
}

function warningsSection(report: Report, room: Room): string {
  const warnings = report.diagnostics.filter(({ severity }) => severity === "warning").length;
  const text = diagnosticsSection(report, "warning", { space: SHARES.warnings * room.limit - 100, room });
  return text === "" ? "" : details(plural(warnings, "warning"), text);
}
