import { codeSpan } from "./markdown.ts";
import type { Report } from "./model.ts";
import { count, type Room } from "./room.ts";

/** Longest address that is shown whole, in UTF-16 units. */
const ADDRESS_LIMIT = 150;

/** The options that shape the plan, one a line: whoever reads the plan has to know what it leaves out. */
export function optionsSection({ options }: Report, space: number, room: Room): string {
  if (options === undefined) return "";
  const { targets, replace, refresh, variables, terraformVersion, allowEmptyApply, saved } = options;
  // The sentences around three lists, and the other lines.
  const list = (all: string[]) => names(all, (space - 500) / 3, room);
  const lines = [
    targets.length > 0 && `Targeted, nothing else is planned: ${list(targets)}`,
    replace.length > 0 && `To be replaced as requested: ${list(replace)}`,
    !refresh && "Planned without reading the real objects (`refresh: false`)",
    variables.length > 0 && `Variables given: ${list(variables)}`,
    terraformVersion !== undefined && `Planned with version ${codeSpan(terraformVersion, 40)}`,
    allowEmptyApply && "Applied even without changes (`allow-empty-apply`)",
    saved && "Saved: `command: apply` on the merge applies exactly this plan, if it is not outdated by then",
  ];
  return lines
    .filter((line) => line !== false)
    .map((line) => `- ${line}`)
    .join("\n");
}

/** As many names as fit into `space`, in the room's measure. */
function names(all: string[], space: number, room: Room): string {
  const spans = all.slice(0, room.listLimit).map((name) => codeSpan(name, ADDRESS_LIMIT));
  let used = 0;
  const shown = spans.filter((span) => {
    used += room.size(span) + 2;
    return used <= space;
  });
  const left = all.length - shown.length;
  return [...shown, ...(left > 0 ? [`${shown.length > 0 ? "and " : ""}${count(left)} more`] : [])].join(", ");
}
