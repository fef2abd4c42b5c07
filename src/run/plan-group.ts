import type { RunLog } from "./types.ts";

/** The log of a plan in the job log: what goes before the plan itself is in a group, the plan stands open. */
export type PlanGroup = { foreign: (lines: string[]) => void; end: () => void };

const STYLE = /\u001b\[[0-9;]*m/g;
/** How the CLI begins what people wait for: the changes, that there are none, an error or a warning. */
const BEGINNINGS =
  /^(?:[╷│] ?(?:Error|Warning|$)|(?:Error|Warning): |(?:OpenTofu|Terraform) (?:used the selected|planned the following|will perform)|No changes\.|Note: Objects have changed|Changes to Outputs:|Plan: |You can apply this plan)/;

/** Whether a line is the first of what people wait for, styles allowed. */
export function beginsPlan(line: string): boolean {
  return BEGINNINGS.test(line.replace(STYLE, ""));
}

/**
 * Opens the group. GitHub shows groups folded, also while a step runs, so a plan within one would not be seen live;
 * initialisation and refresh are what nobody needs to see.
 */
export function openPlanGroup(log: Pick<RunLog, "foreign" | "startGroup" | "endGroup">): PlanGroup {
  let open = true;
  const end = () => {
    if (open) log.endGroup();
    open = false;
  };
  log.startGroup("Plan: initialisation and refresh");
  return {
    foreign: (lines) => {
      const at = open ? lines.findIndex(beginsPlan) : 0;
      const before = at < 0 ? lines : lines.slice(0, at);
      if (before.length > 0) log.foreign(before);
      if (at < 0) return;
      end();
      log.foreign(lines.slice(at));
    },
    end,
  };
}
