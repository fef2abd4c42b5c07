import type { Action, OutputChange, Plan, ResourceChange } from "../plan/model.ts";
import { codeSpan, fence } from "./markdown.ts";
import type { Report } from "./model.ts";
import { count, fitLines, plural, type Room } from "./room.ts";

/** Why an object is destroyed or replaced, by `action_reason` of the structured plan (opentofu internal/command/jsonplan). */
const REASONS: Record<string, string> = {
  replace_because_tainted: "it is tainted",
  replace_by_request: "as requested",
  replace_by_triggers: "by `replace_triggered_by`",
  delete_because_no_resource_config: "no longer in the configuration",
  delete_because_no_module: "its module is gone",
  delete_because_no_move_target: "its new address is not in the configuration",
  delete_because_wrong_repetition: "it uses `count` or `for_each` differently",
  delete_because_count_index: "its index is out of `count`",
  delete_because_each_key: "its key is not in `for_each`",
};

/** Destroys and replacements by address, in a warning that nobody has to unfold. Empty when there are none. */
export function destroySection(report: Report, space: number, room: Room): string {
  const doomed = (report.plan?.resources ?? []).filter(
    ({ action }) => action === "delete" || action === "replace",
  );
  if (doomed.length === 0) return "";
  const done = report.verdict === "applied";
  const ordered = [
    ...doomed.filter((c) => c.action === "delete"),
    ...doomed.filter((c) => c.action === "replace"),
  ];
  const lines = ordered.map((change) => `- ${destroyLine(change, report.values)}`);
  const { lines: shown, left } = fitLines(lines, space - 200, { ...room, most: room.listLimit * 4 });
  if (left > 0) shown.push(`- and ${count(left)} more`);
  const title = `**${destroyTitle(ordered, done)}**`;
  return ["[!CAUTION]", title, "", ...shown].map((line) => `> ${line}`.trimEnd()).join("\n");
}

function destroyTitle(doomed: ResourceChange[], done: boolean): string {
  const replaced = doomed.filter(({ action }) => action === "replace").length;
  const destroyed = doomed.length - replaced;
  const was = done ? ["was", "were"] : ["will be", "will be"];
  const verb = (value: number) => was[value === 1 ? 0 : 1] ?? "";
  if (destroyed === 0) return `${plural(replaced, "resource")} ${verb(replaced)} replaced`;
  const first = `${plural(destroyed, "resource")} ${verb(destroyed)} destroyed`;
  return replaced === 0 ? first : `${first}, ${count(replaced)} ${verb(replaced)} replaced`;
}

function destroyLine(change: ResourceChange, values: Report["values"]): string {
  const verb = change.action === "replace" ? "replace" : "destroy";
  const deposed = change.deposed === undefined ? "" : ` (deposed object ${codeSpan(change.deposed, 40)})`;
  const reason = values === "hide" ? "" : reasonOf(change);
  return `${verb} ${codeSpan(change.address, 300)}${deposed}${reason === "" ? "" : `: ${reason}`}`;
}

function reasonOf(change: ResourceChange): string {
  const known = Object.hasOwn(REASONS, change.actionReason ?? "")
    ? REASONS[change.actionReason ?? ""]
    : undefined;
  if (known !== undefined) return known;
  const names = [...new Set(change.replacePaths.map((path) => String(path[0] ?? "")))].filter(
    (name) => name !== "",
  );
  if (change.action !== "replace" || names.length === 0) return "";
  const more = names.length > 3 ? ` and ${count(names.length - 3)} more` : "";
  return `forced by ${names
    .slice(0, 3)
    .map((name) => codeSpan(name, 60))
    .join(", ")}${more}`;
}

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

/** Addresses by action, destroys and replacements left out (they stand in the warning). Empty when there are none. */
export function changesSection(plan: Plan | undefined, space: number, room: Room): string {
  const groups = (Object.keys(MARKS) as Listed[])
    .map((action) => ({
      action,
      changes: (plan?.resources ?? []).filter((change) => change.action === action),
    }))
    .filter(({ changes }) => changes.length > 0);
  if (groups.length === 0) return "";
  const share = (space - 120) / groups.length - 60;
  return fence(
    groups
      .flatMap(({ action, changes }) => changeLines(action, changes, { ...room, limit: share }))
      .join("\n"),
    "diff",
  );
}

function changeLines(action: Listed, changes: ResourceChange[], room: Room): string[] {
  const lines = changes.map((change) => oneLine(`${MARKS[action]} ${action.padEnd(7)} ${addressOf(change)}`));
  const { lines: shown, left } = fitLines(lines, room.limit, { ...room, most: room.listLimit });
  return left > 0 ? [...shown, `${MARKS[action]} … and ${count(left)} more to ${action}`] : shown;
}

function addressOf(change: ResourceChange): string {
  if (change.previousAddress === undefined) return change.address;
  return change.action === "move"
    ? `${change.previousAddress} → ${change.address}`
    : `${change.address} (moved from ${change.previousAddress})`;
}

/** Names of the outputs that change. Empty when there are none. */
export function outputsSection(outputs: OutputChange[], space: number, room: Room): string {
  const marks: Partial<Record<Action, string>> = { create: "+", delete: "-" };
  const lines = outputs
    .filter(({ action }) => action !== "no-op")
    .map(({ name, action }) => oneLine(`${marks[action] ?? "!"} ${name}`));
  if (lines.length === 0) return "";
  const { lines: shown, left } = fitLines(lines, space - 200, { ...room, most: room.listLimit });
  if (left > 0) shown.push(`# … and ${count(left)} more`);
  return `Changes to outputs:\n\n${fence(shown.join("\n"), "diff")}`;
}

/** Foreign names hold no line breaks in a list, or one could forge a line of its own. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\u0085\u2028\u2029]+/g, " ");
}
