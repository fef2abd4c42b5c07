import type { Reason } from "./selection.ts";

/** What a rule left out: files, and directories with all that is in them. */
export type LeftOut = { rule: string; line: number | undefined; files: number; directories: number };

/** Counts what is left out, by rule. */
export type LeftOutCounter = { add: (reason: Reason, directory: boolean) => void; list: () => LeftOut[] };

export function createLeftOutCounter(): LeftOutCounter {
  const counts = new Map<string, LeftOut>();
  return {
    add: ({ label, line }, directory) => {
      const key = `${line ?? ""} ${label}`;
      const count = counts.get(key) ?? { rule: label, line, files: 0, directories: 0 };
      counts.set(key, {
        ...count,
        files: count.files + (directory ? 0 : 1),
        directories: count.directories + (directory ? 1 : 0),
      });
    },
    list: () => [...counts.values()],
  };
}
