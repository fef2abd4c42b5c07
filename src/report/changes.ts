import type { Action, PlanFacts, ResourceFacts } from "../plan/model.ts";
import { fence, oneLine } from "./markdown.ts";
import type { Report } from "./model.ts";
import { count, fitLines, type Room } from "./room.ts";

type Listed = Exclude<Action, "delete" | "replace" | "no-op">;
/** What the list shows, in its order, and the mark that colours a line of a diff. */
const MARKS: Record<Listed, string> = {
  create: "+",
  update: "!",
  import: "#",
  move: "#",
  forget: "#",
  read: "#",
};

/**
 * Addresses by action, destroys and replacements left out (they stand in the warning); for a refresh-only plan what
 * was found changed. Empty when there are none.
 */
export function changesSection({ plan, mode }: Report, space: number, room: Room): string {
  const groups = (Object.keys(MARKS) as Listed[])
    .map((action) => ({
      action,
      changes: (plan?.resources ?? []).filter((change) => change.action === action),
    }))
    .filter(({ changes }) => changes.length > 0);
  const drift = mode === "refresh-only" ? (plan?.drift ?? []).filter(({ action }) => action !== "no-op") : [];
  const share = (space - 120) / (groups.length + 1) - 60;
  const lines = groups.flatMap(({ action, changes }) =>
    changeLines(action, changes, { ...room, limit: share }),
  );
  lines.push(...driftLines(drift, { ...room, limit: share }));
  return lines.length === 0 ? "" : fence(lines.join("\n"), "diff");
}

function driftLines(drift: ResourceFacts[], room: Room): string[] {
  const lines = drift.map(({ action, address }) =>
    oneLine(action === "delete" ? `- deleted ${address}` : `! changed ${address}`),
  );
  const { lines: shown, left } = fitLines(lines, room.limit, { ...room, most: room.listLimit });
  return left > 0 ? [...shown, `! … and ${count(left)} more`] : shown;
}

function changeLines(action: Listed, changes: ResourceFacts[], room: Room): string[] {
  const lines = changes.map((change) => oneLine(`${MARKS[action]} ${action.padEnd(7)} ${addressOf(change)}`));
  const { lines: shown, left } = fitLines(lines, room.limit, { ...room, most: room.listLimit });
  return left > 0 ? [...shown, `${MARKS[action]} … and ${count(left)} more to ${action}`] : shown;
}

function addressOf(change: ResourceFacts): string {
  if (change.previousAddress === undefined) return change.address;
  return change.action === "move"
    ? `${change.previousAddress} → ${change.address}`
    : `${change.address} (moved from ${change.previousAddress})`;
}

/** The state's outputs after an apply, else the names of those that the plan changes. Empty when there are none. */
export function outputsSection({ plan, stateOutputs }: Report, space: number, room: Room): string {
  if (stateOutputs === undefined) return changedOutputs(plan?.outputs ?? [], space, room);
  if (stateOutputs.length === 0) return "";
  const { lines, left } = fitLines(stateOutputs, space - 200, room);
  if (left > 0) lines.push(`… and ${count(left)} more lines`);
  return `Outputs:\n\n${fence(lines.join("\n"), "text")}`;
}

function changedOutputs(outputs: PlanFacts["outputs"], space: number, room: Room): string {
  const marks: Partial<Record<Action, string>> = { create: "+", delete: "-" };
  const lines = outputs
    .filter(({ action }) => action !== "no-op")
    .map(({ name, action }) => oneLine(`${marks[action] ?? "!"} ${name}`));
  if (lines.length === 0) return "";
  const { lines: shown, left } = fitLines(lines, space - 200, { ...room, most: room.listLimit });
  if (left > 0) shown.push(`# … and ${count(left)} more`);
  return `Changes to outputs:\n\n${fence(shown.join("\n"), "diff")}`;
}
