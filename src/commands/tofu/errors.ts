import { diagnosticsFromText } from "../../plan/diagnostics.ts";
import type { Diagnostic } from "../../plan/model.ts";

/** `: ` and the first error that the CLI wrote, or its first words where it names none; `""` where it wrote nothing. */
export function firstError(stderr: string[]): string {
  const error = diagnosticsFromText(stderr).find(({ severity }) => severity === "error");
  const words = wordsOf(error) ?? stderr.find((line) => line.trim() !== "")?.trim();
  return words === undefined || words === "" ? "" : `: ${words}`;
}

/** A summary that ends with a colon says nothing without its detail. */
function wordsOf(error: Diagnostic | undefined): string | undefined {
  if (error?.summary.endsWith(":") !== true) return error?.summary;
  return `${error.summary} ${error.detail.split("\n").join(" ")}`;
}
