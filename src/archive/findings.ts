import { countOf, formatBytes } from "./amounts.ts";
import { likelySecret } from "./never.ts";
import type { Rule } from "./rules.ts";

const LARGEST = 10;
const NAMES_SHOWN = 5;

/** A file of the archive and its size before compression. */
export type LargeFile = { path: string; bytes: number };

/** What is worth telling about the files that were packed, collected while they are. */
export type Findings = {
  add: (file: { path: string; bytes: number; bare: Rule | undefined }) => void;
  warn: (warning: string) => void;
  files: () => number;
  largest: () => LargeFile[];
  warnings: () => string[];
  surprises: () => string[];
};

type Kept = { files: number; bytes: number };

export function createFindings(): Findings {
  let files = 0;
  let largest: LargeFile[] = [];
  const given: string[] = [];
  const kept = new Map<Rule, Kept>();
  const secrets = new Map<string, string[]>();
  return {
    add: ({ path, bytes, bare }) => {
      files += 1;
      largest = withFile(largest, { path, bytes });
      if (bare !== undefined) kept.set(bare, withKept(kept.get(bare), bytes));
      const kind = likelySecret(path);
      if (kind !== undefined) secrets.set(kind, [...(secrets.get(kind) ?? []), path]);
    },
    warn: (warning) => {
      given.push(warning);
    },
    files: () => files,
    largest: () => largest,
    warnings: () => [...given, ...[...secrets].map(secretWarning), ...noFiles(files)],
    surprises: () => [...kept].map(bareSurprise),
  };
}

function withFile(largest: LargeFile[], file: LargeFile): LargeFile[] {
  const at = largest.findIndex((other) => other.bytes < file.bytes);
  return largest.toSpliced(at < 0 ? largest.length : at, 0, file).slice(0, LARGEST);
}

function withKept(kept: Kept | undefined, bytes: number): Kept {
  return { files: (kept?.files ?? 0) + 1, bytes: (kept?.bytes ?? 0) + bytes };
}

function secretWarning([kind, paths]: [string, string[]]): string {
  const shown = paths.slice(0, NAMES_SHOWN).map((path) => JSON.stringify(path));
  const more = paths.length > NAMES_SHOWN ? ` and ${paths.length - NAMES_SHOWN} more` : "";
  const verb = paths.length === 1 ? "is" : "are";
  return `${shown.join(", ")}${more} ${verb} uploaded, and such files often hold secrets. If the run does not need them, write ${kind} into .terraformignore.`;
}

function bareSurprise([rule, kept]: [Rule, Kept]): string {
  return (
    `The rule ${JSON.stringify(rule.text)} (.terraformignore, line ${rule.line}) leaves out directories of that name, but not what is in them: ` +
    `${countOf(kept.files, "file")} (${formatBytes(kept.bytes)}) ${kept.files === 1 ? "is" : "are"} uploaded all the same, as the CLI does. To leave them out write ${JSON.stringify(`${rule.text}/`)}.`
  );
}

function noFiles(files: number): string[] {
  return files === 0 ? ["The archive holds no file: every file is excluded, or the directory is empty."] : [];
}
