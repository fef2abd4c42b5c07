import { diagnosticsFromText } from "../../plan/diagnostics.ts";

/** `: ` and the first error that the CLI wrote, or its first words where it names none; `""` where it wrote nothing. */
export function firstError(stderr: string[]): string {
  const error = diagnosticsFromText(stderr).find(({ severity }) => severity === "error");
  const words = error?.summary ?? stderr.find((line) => line.trim() !== "")?.trim();
  return words === undefined || words === "" ? "" : `: ${words}`;
}
