import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandCall, hasFlag } from "../../cli/commands.ts";
import { readFmtOutput } from "../../cli/fmt-output.ts";
import { splitLines } from "../../foreign-text.ts";
import type { JsonValue } from "../../json.ts";
import { drawDiagnostic } from "../../plan/diagnostic-box.ts";
import { diagnosticsFromText } from "../../plan/diagnostics.ts";
import type { Diagnostic } from "../../plan/model.ts";
import { annotationsOf } from "../../report/annotations.ts";
import { directoryName } from "../plan-report.ts";
import type { Step } from "../step.ts";
import type { Called } from "./call-binary.ts";

/** Brings what a command complains about to the lines of the files. */
export type OnLines = {
  /** What it prints is shown in another form by `tell`. */
  hidesOutput: boolean;
  /** Annotates; returns why the command failed, where that is more than its first error. */
  tell: (called: Called) => Promise<string | undefined>;
};

/** `file` has the standard output of the command. */
export function showOnLines(step: Step, { command, file }: { command: CommandCall; file: string }): OnLines {
  if (command.name === "validate" && hasFlag(command.options, "json")) {
    return { hidesOutput: true, tell: (called) => tellValidation(step, file, called) };
  }
  if (command.name === "fmt" && hasFlag(command.options, "check")) {
    return { hidesOutput: false, tell: (called) => tellUnformatted(step, file, called) };
  }
  return {
    hidesOutput: false,
    tell: async ({ stderr }) => {
      annotate(step, diagnosticsFromText(stderr));
      return undefined;
    },
  };
}

function annotate(step: Step, diagnostics: Diagnostic[]): void {
  const { inputs, log } = step;
  if (!inputs.annotations) return;
  const target = { hostname: "", organization: "", workspace: "", directory: directoryName(step), label: "" };
  for (const { severity, title, message, file, line, endLine } of annotationsOf({
    diagnostics,
    target,
    values: "show",
  })) {
    const lines = { ...(line !== undefined && { line }), ...(endLine !== undefined && { endLine }) };
    log.annotate(severity, message, { title, position: file === undefined ? undefined : { file, ...lines } });
  }
}

/** The JSON of `validate -json`, shown as the CLI shows it without that option. */
async function tellValidation(step: Step, file: string, { stderr }: Called): Promise<string | undefined> {
  const drawn = parseValidation(await readFile(file, "utf8"));
  if (drawn === undefined) {
    annotate(step, diagnosticsFromText(stderr));
    return undefined;
  }
  for (const { lines } of drawn) step.log.foreign(lines);
  annotate(
    step,
    drawn.map(({ diagnostic }) => diagnostic),
  );
  if (drawn.length === 0) step.log.line("The configuration is valid.");
  return drawn.find(({ diagnostic }) => diagnostic.severity === "error")?.diagnostic.summary;
}

function parseValidation(text: string) {
  try {
    const value = JSON.parse(text) as JsonValue;
    const list = value instanceof Object && !Array.isArray(value) ? value["diagnostics"] : undefined;
    return (Array.isArray(list) ? list : []).map(drawDiagnostic).filter((drawn) => drawn !== undefined);
  } catch {
    return undefined;
  }
}

async function tellUnformatted(
  step: Step,
  file: string,
  { stderr, code }: Called,
): Promise<string | undefined> {
  annotate(step, diagnosticsFromText(stderr));
  const found = readFmtOutput(splitLines(await readFile(file, "utf8")));
  if (found.length === 0 || code !== 3) return undefined;
  if (step.inputs.annotations) {
    for (const { file: name, line } of found.slice(0, MOST)) {
      const position = {
        file: join(directoryName(step), name).replaceAll("\\", "/"),
        ...(line !== undefined && { line }),
      };
      step.log.annotate("error", "This file is not formatted as `fmt` formats it.", {
        title: "Not formatted",
        position,
      });
    }
  }
  const names = found.slice(0, MOST).map(({ file: name }) => name);
  const more = found.length > MOST ? ` and ${found.length - MOST} more` : "";
  return `${found.length === 1 ? "one file is" : `${found.length} files are`} not formatted: ${names.join(", ")}${more}`;
}

/** The runner shows ten annotations of a step and kind; the tenth is left to the step's own error. */
const MOST = 9;
