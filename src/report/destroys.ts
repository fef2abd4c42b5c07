import type { ResourceFacts } from "../plan/model.ts";
import { cleanText, codeSpan, details, fence, oneLine } from "./markdown.ts";
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

/** One object that goes away; `note` is Markdown. */
type Doomed = { verb: "destroy" | "replace"; address: string; deposed: string | undefined; note: string };

/**
 * Destroys and replacements by address, in a warning that nobody has to unfold; after a hundred the rest is folded.
 * Empty when there are none.
 */
export function destroySection(report: Report, space: number, room: Room): string {
  const all = report.plan === undefined ? doomedInText(report.planText ?? "") : doomedInPlan(report);
  if (all.length === 0) return "";
  const ordered = [
    ...all.filter(({ verb }) => verb === "destroy"),
    ...all.filter(({ verb }) => verb === "replace"),
  ];
  const { lines, left } = fitLines(ordered.map(doomedLine), space / 2, { ...room, most: room.listLimit * 4 });
  const title = `**${titleOf(all, tenseOf(report))}**`;
  const more = left === 0 ? [] : [`- and ${count(left)} more, below`];
  const warning = ["[!CAUTION]", title, "", ...lines, ...more]
    .map((line) => `> ${line}`.trimEnd())
    .join("\n");
  if (left === 0) return warning;
  const used = room.size(warning) + 300;
  return `${warning}\n\n${foldedRest(ordered.slice(-left), space - used, room)}`;
}

function foldedRest(rest: Doomed[], space: number, room: Room): string {
  const all = rest.map(({ verb, address, deposed }) => {
    const object = deposed === undefined ? "" : ` (deposed object ${deposed})`;
    return oneLine(`- ${verb} ${address}${object}`);
  });
  const { lines, left } = fitLines(all, space, room);
  if (left > 0) lines.push(`- … and ${count(left)} more`);
  return details(`${count(rest.length)} more to destroy or replace`, fence(lines.join("\n"), "diff"));
}

type Tense = "done" | "planned" | "failed";

/** Of what was not to come, or only in part, nobody may read that it will. */
function tenseOf({ verdict, failure }: Report): Tense {
  if (verdict === "applied") return "done";
  return failure === undefined ? "planned" : "failed";
}

const FUTURE = { planned: "will be", failed: "to be" };

function titleOf(all: Doomed[], tense: Tense): string {
  const replaced = all.filter(({ verb }) => verb === "replace").length;
  const destroyed = all.length - replaced;
  const be = (value: number) => (tense === "done" ? (value === 1 ? "was" : "were") : FUTURE[tense]);
  if (destroyed === 0) return `${plural(replaced, "resource")} ${be(replaced)} replaced`;
  const first = `${plural(destroyed, "resource")} ${be(destroyed)} destroyed`;
  return replaced === 0 ? first : `${first}, ${count(replaced)} ${be(replaced)} replaced`;
}

function doomedLine({ verb, address, deposed, note }: Doomed): string {
  const object = deposed === undefined ? "" : ` (deposed object ${codeSpan(deposed, 40)})`;
  return `- ${verb} ${codeSpan(address, 300)}${object}${note === "" ? "" : `: ${note}`}`;
}

/** A data source that goes with its configuration is a `delete` too, but nothing is destroyed. */
function doomedInPlan({ plan, values }: Report): Doomed[] {
  return (plan?.resources ?? [])
    .filter(({ action, mode }) => action === "replace" || (action === "delete" && mode === "managed"))
    .map((change) => ({
      verb: change.action === "replace" ? "replace" : "destroy",
      address: change.address,
      deposed: change.deposed,
      note: noteOf(change, values),
    }));
}

/** Names of attributes are no addresses, so `hide` leaves them out. */
function noteOf(change: ResourceFacts, values: Report["values"]): string {
  const reason = change.actionReason ?? "";
  const known = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  const kept = change.replaceOrder === "forget" ? "the old object is kept, but no longer managed" : undefined;
  const forced = known === undefined && values === "show" ? forcedBy(change) : undefined;
  return [known, forced, kept].filter((part) => part !== undefined).join("; ");
}

function forcedBy({ action, replacePaths }: ResourceFacts): string | undefined {
  const names = [...new Set(replacePaths.map((path) => String(path[0] ?? "")))].filter((name) => name !== "");
  if (action !== "replace" || names.length === 0) return undefined;
  const more = names.length > 3 ? ` and ${count(names.length - 3)} more` : "";
  return `forced by ${names
    .slice(0, 3)
    .map((name) => codeSpan(name, 60))
    .join(", ")}${more}`;
}

const DESTROYED = /^ {2}# (\S.*?)(?: \(deposed object (\w+)\))? will be destroyed$/;
const REPLACED =
  /^ {2}# (\S.*?) (?:must be replaced|is tainted, so must be replaced|will be replaced(?:,| due to).*)$/;

/** What goes away by the titles in a log's text (opentofu internal/command/jsonformat), where there is no structured plan. */
function doomedInText(text: string): Doomed[] {
  return cleanText(text)
    .split("\n")
    .flatMap((line): Doomed[] => {
      const [, destroyed, deposed] = DESTROYED.exec(line) ?? [];
      if (destroyed !== undefined) return [{ verb: "destroy", address: destroyed, deposed, note: "" }];
      const [, replaced] = REPLACED.exec(line) ?? [];
      return replaced === undefined
        ? []
        : [{ verb: "replace", address: replaced, deposed: undefined, note: "" }];
    });
}
