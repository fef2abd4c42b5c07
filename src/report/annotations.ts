import { posix } from "node:path";
import { plainText } from "../foreign-text.ts";
import type { Diagnostic } from "../plan/model.ts";
import { cutText } from "./markdown.ts";
import type { Report } from "./model.ts";
import { plural } from "./room.ts";

/** A diagnostic on a line of the diff. `file` is relative to the job's workspace, with `/`; lines count from 1. */
export type ReportAnnotation = {
  severity: Diagnostic["severity"];
  title: string;
  message: string;
  file?: string;
  line?: number;
  endLine?: number;
};

/** The runner shows ten annotations of a step and kind; the tenth is left to the step's own error. */
const MOST = 9;
/** How the CLI calls what `console` reads (opentofu, internal/repl/session.go). */
const CONSOLE = "<console-input>";
/** Longest message that the runner keeps (actions/runner, ExecutionContext.cs). */
const MESSAGE_LIMIT = 4096;

/**
 * The annotations of a report, errors first, at most nine: where there are more diagnostics, the ninth says how many
 * are left. Places outside of the job's workspace are not pointed to. `values: hide` leaves out details and code.
 */
export function annotationsOf(report: Pick<Report, "diagnostics" | "target" | "values">): ReportAnnotation[] {
  const errors = report.diagnostics.filter(({ severity }) => severity === "error");
  const warnings = report.diagnostics.filter(({ severity }) => severity === "warning");
  const all = [...errors, ...warnings];
  const toAnnotation = (diagnostic: Diagnostic) => annotation(diagnostic, report);
  if (all.length <= MOST) return all.map(toAnnotation);
  const left = all.slice(MOST - 1);
  return [...all.slice(0, MOST - 1).map(toAnnotation), rest(left)];
}

function rest(left: Diagnostic[]): ReportAnnotation {
  const errors = left.filter(({ severity }) => severity === "error").length;
  const warnings = left.length - errors;
  const parts = [errors > 0 && plural(errors, "error"), warnings > 0 && plural(warnings, "warning")];
  const words = parts.filter((part) => typeof part === "string").join(" and ");
  const message = `There are ${words} more: see the job log, and of a plan the job summary or the comment.`;
  return { severity: errors > 0 ? "error" : "warning", title: `${words} more`, message };
}

function annotation(diagnostic: Diagnostic, report: Pick<Report, "target" | "values">): ReportAnnotation {
  const { severity, summary, detail, address } = diagnostic;
  const title = cutText(plainText(summary).replaceAll("\n", " "), 200);
  const parts = [report.values === "hide" ? "" : detail, address === undefined ? "" : `with ${address}`];
  const message = plainText(parts.filter((part) => part.trim() !== "").join("\n\n"));
  return {
    severity,
    title,
    message: cutMessage(message === "" ? title : message),
    ...placeOf(diagnostic, report.target.directory),
  };
}

function cutMessage(message: string): string {
  return message.length <= MESSAGE_LIMIT ? message : `${cutText(message, MESSAGE_LIMIT - 1)}…`;
}

function placeOf(
  diagnostic: Diagnostic,
  directory: string,
): Pick<ReportAnnotation, "file" | "line" | "endLine"> {
  const { file, line, endLine } = diagnostic;
  if (file === undefined || file === "" || posix.isAbsolute(file) || file === CONSOLE) return {};
  const path = posix.join(directory, plainText(file).replaceAll("\\", "/"));
  if (path.startsWith("../") || path.includes("\n")) return {};
  if (line === undefined || !Number.isSafeInteger(line) || line < 1) return { file: path };
  const ends = endLine !== undefined && Number.isSafeInteger(endLine) && endLine >= line;
  return { file: path, line, ...(ends && { endLine }) };
}
