import ignore from "ignore";
import { Failure } from "../failure.ts";
import { neverUploaded } from "./never.ts";
import { evaluate, type Rule } from "./rules.ts";

const MAX_LINE = 4096;

/** Who decided: `label` and `line` as the report names them. */
export type Reason = { label: string; line: number | undefined };

/**
 * What becomes of a path. `skip`: left out; `below` says whether what is in a skipped directory is looked at all the
 * same. `matched`: a file that some rule names and keeps; `broughtBack`: a line of the input did. `bare`: the rule that
 * took the directory's own entry but not what is in it.
 */
export type Choice =
  | { action: "take"; matched: boolean; broughtBack: boolean }
  | { action: "skip"; reason: Reason; below: boolean; bare: Rule | undefined };

const TAKE_NAMED: Choice = { action: "take", matched: true, broughtBack: false };
const TAKE_UNNAMED: Choice = { action: "take", matched: false, broughtBack: false };

/**
 * A path as the archive will name it, and as the rules of `.terraformignore` see it (they differ below followed links);
 * `broughtBack` when it lies in a directory that a line of the input brought back.
 */
export type Candidate = { path: string; rulePath: string; directory: boolean; broughtBack: boolean };

export type Selection = (candidate: Candidate) => Choice;

/**
 * Joins the three kinds of rules: what never leaves decides first, then the lines of the input `ignore` in the meaning
 * of gitignore, then `.terraformignore`.
 * @throws {Failure} `input` when a line of `ignore` is no pattern
 */
export function createSelection(rules: readonly Rule[], ignoreLines: readonly string[]): Selection {
  const matcher = ignore({ ignorecase: false }).add([...ignoreLines]);
  const bringsBack = ignoreLines.some((line) => line.startsWith("!"));
  return (candidate) => {
    const path = candidate.directory ? `${candidate.path}/` : candidate.path;
    const never = neverUploaded(path);
    if (never !== undefined) return skip({ label: `${never} (never uploaded)`, line: undefined });
    if (ignoreLines.length > 0) {
      const tested = matcher.test(path);
      if (tested.ignored)
        return skip({ label: `${tested.rule?.pattern ?? ""} (input ignore)`, line: undefined });
      if (tested.unignored || candidate.broughtBack)
        return { action: "take", matched: true, broughtBack: true };
    }
    return chooseByRules(rules, candidate, bringsBack);
  };
}

/** Whether the link at a path below the packed directory, no link above it, gets into the archive. */
export function takesLink(select: Selection, path: string): boolean {
  const names = path.split("/");
  let broughtBack = false;
  for (let depth = 1; depth < names.length; depth++) {
    const folder = names.slice(0, depth).join("/");
    const choice = select({ path: folder, rulePath: folder, directory: true, broughtBack });
    if (choice.action === "skip" && !choice.below) return false;
    broughtBack = choice.action === "take" && choice.broughtBack;
  }
  const choice = select({ path, rulePath: path, directory: false, broughtBack });
  return choice.action === "take" && neverUploaded(`${path}/`) === undefined;
}

function skip(reason: Reason): Choice {
  return { action: "skip", reason, below: false, bare: undefined };
}

/** A directory's own name decides about its entry; the name with a slash decides whether it is entered. */
function chooseByRules(rules: readonly Rule[], candidate: Candidate, bringsBack: boolean): Choice {
  const named = evaluate(rules, candidate.rulePath);
  if (!candidate.directory) {
    if (named.excluded) return skip(reasonOf(named.rule));
    return named.rule === undefined ? TAKE_UNNAMED : TAKE_NAMED;
  }
  // go-slug goes on below a directory whose bare name is excluded, whatever the name with a slash says.
  if (named.excluded) return { action: "skip", reason: reasonOf(named.rule), below: true, bare: named.rule };
  const entered = evaluate(rules, `${candidate.rulePath}/`);
  if (!entered.excluded) return TAKE_UNNAMED;
  return {
    action: "skip",
    reason: reasonOf(entered.rule),
    below: !entered.dominating || bringsBack,
    bare: undefined,
  };
}

function reasonOf({ text, line }: Rule): Reason {
  return { label: line === undefined ? `${text} (default)` : text, line };
}

/**
 * Checks the lines of the input `ignore` before anything is packed.
 * @throws {Failure} `input`, naming the line
 */
export function checkIgnoreLines(lines: readonly string[]): void {
  for (const line of lines) {
    const shown = JSON.stringify(line.length > 60 ? `${line.slice(0, 60)}…` : line);
    if (line.length > MAX_LINE) {
      throw new Failure(
        "input",
        `The line ${shown} of the input ignore is longer than ${MAX_LINE} characters. Shorten it.`,
      );
    }
    if (/(?<!\\)(\\\\)*\\$/.test(line)) {
      throw new Failure(
        "input",
        `The line ${shown} of the input ignore ends with a backslash, so it excludes nothing. Remove it.`,
      );
    }
  }
}
