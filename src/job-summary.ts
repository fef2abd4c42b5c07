import { summary } from "@actions/core";

/**
 * Adds Markdown to the job summary. Resolves to a warning instead of throwing when the runner does not take it: a
 * missing summary changes no verdict.
 */
export async function writeJobSummary(markdown: string): Promise<string | undefined> {
  try {
    await summary.addRaw(markdown, true).write();
    return undefined;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return `The job summary could not be written: ${why}`;
  }
}
