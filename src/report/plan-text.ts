import { cleanText, details, fence, link } from "./markdown.ts";
import type { Report } from "./model.ts";
import { count, fitLines, plural, type Room } from "./room.ts";

/** A rendered section and the sentence that names what was cut from it. */
export type CutSection = { text: string; cut?: string };

/**
 * The plan as a folded, coloured diff of as many whole lines as fit into `space`. What is cut is said above the fold,
 * with `elsewhere` naming where the whole plan is. Text from a log shows values, so `values: hide` leaves it out.
 */
export function planSection(
  report: Report,
  space: number,
  room: Room & { elsewhere: string; open: boolean },
): CutSection {
  const lines = planLines(report);
  if (lines.length === 0) return { text: "" };
  const more = report.morePlanLines ?? 0;
  const fitted = fitLines(lines, space - room.size(room.elsewhere) - 500, room);
  const { lines: shown, shortened } = fitted;
  const cut = cutSentence(
    { total: lines.length + more, left: fitted.left + more, shortened },
    room.elsewhere,
  );
  if (shown.length === 0) return { text: cut ?? "", ...(cut !== undefined && { cut }) };
  const title = `Show the plan (${plural(shown.length, "line")})`;
  const folded = details(title, fence(shown.join("\n"), "diff"), room.open);
  return cut === undefined ? { text: folded } : { text: `${cut}\n\n${folded}`, cut };
}

function planLines(report: Report): string[] {
  const hidden = report.values === "hide" ? undefined : report.planText;
  const text = report.planLines?.join("\n") ?? hidden ?? "";
  const around = (report.morePlanLines ?? 0) > 0 ? /^\n+/g : /^\n+|\n+$/g;
  const lines = cleanText(text).replaceAll(around, "").split("\n");
  return lines.every((line) => line.trim() === "") ? [] : lines;
}

function cutSentence(
  cut: { total: number; left: number; shortened: number },
  elsewhere: string,
): string | undefined {
  if (cut.left > 0) {
    return `**The plan was cut: ${count(cut.total - cut.left)} of ${count(cut.total)} lines.** ${elsewhere}`;
  }
  return cut.shortened > 0
    ? `**${plural(cut.shortened, "long line")} of the plan cut.** ${elsewhere}`
    : undefined;
}

/** Where the whole plan can be read besides. */
export function elsewhere(report: Report, summaryToo: boolean): string {
  const run = report.run && link("the run", report.run.url);
  const places = [summaryToo ? `the ${link("job summary", report.job?.url)}` : undefined, run].filter(
    (place) => place,
  );
  return places.length === 0 ? "" : `The whole plan is in ${places.join(" and in ")}.`;
}
