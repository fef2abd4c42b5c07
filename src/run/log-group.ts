import type { RunLog } from "./types.ts";

/** The log of a phase in the job log: what goes before what people wait for is in a group, the rest stands open. */
export type LogGroup = { foreign: (lines: string[]) => void; end: () => void };

/**
 * Opens the group, which ends before the first line that `begins` the rest. GitHub shows groups folded, also while a step
 * runs, so what is within one is not seen live: that is for what nobody needs to see.
 */
export function openLogGroup(
  log: Pick<RunLog, "foreign" | "startGroup" | "endGroup">,
  { title, begins }: { title: string; begins: (line: string) => boolean },
): LogGroup {
  let open = true;
  const end = () => {
    if (open) log.endGroup();
    open = false;
  };
  log.startGroup(title);
  return {
    foreign: (lines) => {
      const at = open ? lines.findIndex(begins) : 0;
      const before = at < 0 ? lines : lines.slice(0, at);
      if (before.length > 0) log.foreign(before);
      if (at < 0) return;
      end();
      log.foreign(lines.slice(at));
    },
    end,
  };
}
