import { writeJobSummary } from "../job-summary.ts";
import { details, fence } from "../report/markdown.ts";
import { prepareArchive } from "./prepare-archive.ts";
import type { Step, StepResult } from "./step.ts";

/** `command: archive`: builds what a plan would upload, without any server, and shows what is in it. */
export async function archiveOnlyCommand(step: Step): Promise<StepResult> {
  const { inputs, log } = step;
  const { outputs, report } = await prepareArchive(step, "");
  if (inputs.summary) {
    const warning = await writeJobSummary(
      details("What would be uploaded", fence(report.join("\n"), "text"), true),
    );
    if (warning !== undefined) log.warning(warning);
  }
  return { outputs: { ...outputs, status: "done" } };
}
