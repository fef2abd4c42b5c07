import { renderSections } from "./comment.ts";
import { details, fence } from "./markdown.ts";
import type { Report } from "./model.ts";
import { elsewhere, planSection } from "./plan-text.ts";
import { fitLines, plural, type Room } from "./room.ts";

/** GitHub drops a step's summary above 1 MiB; a little is left for what else the step writes into it. */
const SUMMARY_LIMIT = 1024 * 1024 - 8192;
const SMALLEST_LIMIT = 100_000;

/**
 * The job summary: as the comment, but with the whole plan and what went into the archive. At most `limitBytes` bytes
 * of UTF-8 (1 MiB less 8 KiB unless given, at least 100,000); `cut` names what did not fit, as the body does.
 */
export function renderSummary(
  report: Report,
  options: { limitBytes?: number } = {},
): { body: string; cut: string[] } {
  const limit = Math.max(options.limitBytes ?? SUMMARY_LIMIT, SMALLEST_LIMIT);
  const room: Room = {
    limit,
    size: (text) => Buffer.byteLength(text),
    unitSize: 3,
    lineLimit: limit,
    listLimit: 250,
  };
  const sections = renderSections(report, { ...room, limit: limit / 3 });
  const after = [archiveSection(report.archiveLines ?? [], limit / 20, room), ...sections.after];
  const around = Buffer.byteLength([...sections.before, ...after].join("\n\n"));
  const open = (report.planLines?.length ?? 0) + (report.morePlanLines ?? 0) <= 300;
  const plan = planSection(report, limit - around - 20, {
    ...room,
    elsewhere: elsewhere(report, false),
    open,
  });
  const parts = [...sections.before, plan.text, ...after].filter((part) => part !== "");
  return { body: `${parts.join("\n\n")}\n`, cut: plan.cut === undefined ? [] : [plan.cut] };
}

function archiveSection(lines: string[], space: number, room: Room): string {
  if (lines.length === 0) return "";
  const { lines: shown, left } = fitLines(lines, space - 200, room);
  if (left > 0) shown.push(`… and ${plural(left, "more line")}`);
  return details("What was uploaded", fence(shown.join("\n"), "text"));
}
