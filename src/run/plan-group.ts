import { type LogGroup, openLogGroup } from "./log-group.ts";
import type { RunLog } from "./types.ts";

const STYLE = /\u001b\[[0-9;]*m/g;
/** How the CLI begins what people wait for: the changes, that there are none, an error or a warning. */
const BEGINNINGS =
  /^(?:[╷│] ?(?:Error|Warning|$)|(?:Error|Warning): |(?:OpenTofu|Terraform) (?:used the selected|planned the following|will perform)|No changes\.|Note: Objects have changed|Changes to Outputs:|Plan: |You can apply this plan)/;

/** Whether a line is the first of what people wait for, styles allowed. */
export function beginsPlan(line: string): boolean {
  return BEGINNINGS.test(line.replace(STYLE, ""));
}

/** The log of a plan in the job log: initialisation and refresh in a group, the plan open. */
export function openPlanGroup(log: Pick<RunLog, "foreign" | "startGroup" | "endGroup">): LogGroup {
  return openLogGroup(log, { title: "Plan: initialisation and refresh", begins: beginsPlan });
}
