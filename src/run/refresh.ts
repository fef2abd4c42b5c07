/**
 * The lines that a plan begins with for every object it reads say nothing that a reader needs; there may be thousands.
 * They are counted, and stay in the file that holds the log.
 */
export type RefreshCount = { objects: number; toldAt: number };

/** What to print, and the count that goes on. */
export type RefreshStep = { lines: string[]; count: RefreshCount };

/** How long nothing is said of a refresh that goes on, in milliseconds. */
const TOLD_EVERY = 30_000;
/** Refresh lines hold an address and an id; what is longer is something else. */
const LONGEST_REFRESH_LINE = 8192;

const REFRESHING = /^[A-Za-z_].*: (?:Refreshing state\.\.\.|Read complete after |Refresh complete)/;
const READING = /^[A-Za-z_].*: (?:Reading\.\.\.|Still reading\.\.\.|Refreshing\.\.\.)/;
const STYLE = /\u001b\[[0-9;]*m/g;

/** What a line is: `object` counts one that was read, `noise` belongs to the reading of one, `other` is shown. */
export type LineClass = "object" | "noise" | "other";

/** Classes a line of the CLI's text, terminal styles allowed. */
export function classifyLine(line: string): LineClass {
  if (line.length > LONGEST_REFRESH_LINE) return "other";
  const text = line.includes("\u001b") ? line.replace(STYLE, "") : line;
  if (REFRESHING.test(text)) return "object";
  return READING.test(text) ? "noise" : "other";
}

/** Counts a refresh line at time `now`; now and then says how far it got. */
export function countRefresh(count: RefreshCount, object: boolean, now: number): RefreshStep {
  const objects = count.objects + (object ? 1 : 0);
  if (now - count.toldAt < TOLD_EVERY) return { lines: [], count: { objects, toldAt: count.toldAt } };
  return { lines: [`${amount(objects)} refreshed so far`], count: { objects, toldAt: now } };
}

/** The line that stands for the refresh lines counted so far, if there were any. */
export function tellRefresh(count: RefreshCount, now: number): RefreshStep {
  const lines = count.objects === 0 ? [] : [`${amount(count.objects)} refreshed`];
  return { lines, count: { objects: 0, toldAt: now } };
}

function amount(objects: number): string {
  return objects === 1 ? "1 object" : `${objects} objects`;
}
