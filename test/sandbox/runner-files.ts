import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The files through which a step talks to GitHub's runner, by the variable that names each. */
export type RunnerFiles = Record<(typeof fileVariables)[number], string>;

const fileVariables = [
  "GITHUB_OUTPUT",
  "GITHUB_STATE",
  "GITHUB_STEP_SUMMARY",
  "GITHUB_ENV",
  "GITHUB_PATH",
] as const;

let created = 0;

/** Makes the five files, empty, under `directory`; every step has its own. */
export function makeRunnerFiles(directory: string): RunnerFiles {
  mkdirSync(directory, { recursive: true });
  created += 1;
  const entry = (name: string): string => {
    const file = path.join(directory, `${name.toLowerCase()}_${created}`);
    writeFileSync(file, "");
    return file;
  };
  return {
    GITHUB_OUTPUT: entry("GITHUB_OUTPUT"),
    GITHUB_STATE: entry("GITHUB_STATE"),
    GITHUB_STEP_SUMMARY: entry("GITHUB_STEP_SUMMARY"),
    GITHUB_ENV: entry("GITHUB_ENV"),
    GITHUB_PATH: entry("GITHUB_PATH"),
  };
}

/**
 * Reads a file of `name=value` and `name<<DELIMITER … DELIMITER` records, as the runner does with GITHUB_OUTPUT and
 * GITHUB_STATE. Throws on what the runner refuses: a record of neither form, a delimiter that never comes.
 */
export function readRecords(file: string): Record<string, string> {
  const lines = readFileSync(file, "utf8").split(/\r?\n/u);
  const records: Record<string, string> = {};
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    at += 1;
    if (line === "") continue;
    const equals = line.indexOf("=");
    const heredoc = line.indexOf("<<");
    if (heredoc > 0 && (equals < 0 || heredoc < equals)) {
      const end = lines.indexOf(line.slice(heredoc + 2), at);
      if (end < 0) throw new Error(`${file}: delimiter ${line.slice(heredoc + 2)} of ${line} never comes`);
      records[line.slice(0, heredoc)] = lines.slice(at, end).join("\n");
      at = end + 1;
    } else if (equals > 0) {
      records[line.slice(0, equals)] = line.slice(equals + 1);
    } else {
      throw new Error(`${file}: not a record: ${line}`);
    }
  }
  return records;
}
