import type { Counts } from "../plan/model.ts";
import { codeSpan, link } from "./markdown.ts";
import type { Report, Verdict } from "./model.ts";
import { count, plural } from "./room.ts";

const SUBJECT: Record<Report["mode"], string> = {
  plan: "Plan",
  destroy: "Destroy plan",
  "refresh-only": "Refresh-only plan",
};
const APPLY: Record<Report["mode"], string> = {
  plan: "Apply",
  destroy: "Destroy",
  "refresh-only": "Refresh-only apply",
};
const APPLIED: Record<Report["mode"], string> = {
  plan: "Applied",
  destroy: "Destroyed",
  "refresh-only": "State refreshed",
};

const TITLES: Record<Verdict, (mode: Report["mode"], subject: string) => string> = {
  planned: (_, subject) => `📋 ${subject}`,
  "no-changes": (mode) => (mode === "destroy" ? "✅ Nothing to destroy" : "✅ No changes"),
  applied: (mode) => `✅ ${APPLIED[mode]}`,
  held: (mode) => `✋ ${APPLY[mode]} held`,
  errored: (_, subject) => `❌ ${subject} failed`,
  canceled: (_, subject) => `⚪ ${subject} canceled`,
  discarded: (_, subject) => `⚪ ${subject} discarded`,
  "timed-out": (_, subject) => `❌ ${subject} timed out`,
  "policy-failed": () => "❌ Policy check failed",
  unknown: () => "⚠️ Outcome unknown",
};

/** The heading: verdict, organization and workspace, and the directory and the label where there is one. */
export function heading(report: Report): string {
  const { organization, workspace, directory, label } = report.target;
  const place = organization === "" ? workspace : `${organization}/${workspace}`;
  const subject = report.applying === true ? APPLY[report.mode] : planName(report);
  const names = [place, directory === "." ? "" : directory, label].filter((name) => name !== "");
  const spans = names.map((name) => codeSpan(name, 150));
  const isUnreviewed = report.verdict === "applied" && report.unreviewed === true;
  const title = `${TITLES[report.verdict](report.mode, subject)}${isUnreviewed ? " without a review" : ""}`;
  return `### ${[title, ...spans].join(" · ")}`;
}

/** A plan of some resources only must not pass for the whole. */
function planName({ mode, options }: Report): string {
  const name = SUBJECT[mode];
  const isTargeted = options !== undefined && options.targets.length > 0;
  return isTargeted ? `Targeted ${name.toLowerCase()}` : name;
}

/** What "no changes" means for this kind of plan. */
function nothingToChange({ mode, options }: Report): string {
  if (mode === "destroy") return "There is nothing to destroy.";
  if (mode === "refresh-only") return "The state matches the real objects.";
  const what =
    options !== undefined && options.targets.length > 0 ? "What is targeted" : "The infrastructure";
  const unseen = options?.refresh === false ? ", as far as the state tells, which was not refreshed" : "";
  return `${what} matches the configuration${unseen}.`;
}

/** The counts as the CLI's `Plan:` line has them, and what the counts do not tell: outputs and drift. */
export function countsLine(report: Report): string {
  const sentences: string[] = [];
  const counts = report.counts;
  const nothing = counts === undefined || Object.values(counts).every((value) => value === 0);
  if (counts !== undefined && !nothing) sentences.push(countSentence(counts, report.verdict === "applied"));
  if (report.verdict === "no-changes") sentences.push(nothingToChange(report));
  const outputs = (report.plan?.outputs ?? []).filter((output) => output.action !== "no-op").length;
  if (outputs > 0 && nothing) sentences.push(`No resource changes, ${plural(outputs, "output")} to change.`);
  const drift = (report.plan?.drift ?? []).filter(({ action }) => action !== "no-op").length;
  if (drift > 0 && report.mode === "refresh-only") {
    sentences.push(`${plural(drift, "object")} changed outside of this configuration.`);
  }
  return sentences.join(" ");
}

function countSentence(counts: Counts, applied: boolean): string {
  const always: [number, string][] = [
    [counts.add, applied ? "added" : "to add"],
    [counts.change, applied ? "changed" : "to change"],
    [counts.destroy, applied ? "destroyed" : "to destroy"],
  ];
  const sometimes: [number, string][] = [
    [counts.import, applied ? "imported" : "to import"],
    [counts.move, applied ? "moved" : "to move"],
    [counts.forget, applied ? "forgotten" : "to forget"],
  ];
  const parts = [...always, ...sometimes.filter(([value]) => value > 0)];
  return `**${applied ? "Applied" : "Plan"}: ${parts.map(([value, word]) => `${count(value)} ${word}`).join(", ")}.**`;
}

/** The small print: run, commit, archive, server and job. */
export function footer(report: Report): string {
  const { run, commit, archive, job, target } = report;
  const parts = [
    run && link(`Run ${codeSpan(run.id, 80)}`, run.url),
    commit && `commit ${link(codeSpan(commit.sha.slice(0, 7)), commit.url)}`,
    archive &&
      `archive ${codeSpan(archive.digest.slice(0, 12))} (${plural(archive.files, "file")}, ${bytes(archive.bytes)})`,
    target.hostname !== "" && `on ${codeSpan(target.hostname, 100)}`,
    job && link("job", job.url),
  ].filter((part) => typeof part === "string");
  return parts.length === 0 ? "" : `<sub>${parts.join(" · ")}</sub>`;
}

function bytes(value: number): string {
  if (value < 1000) return plural(value, "byte");
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}
