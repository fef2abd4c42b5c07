import { open } from "node:fs/promises";
import type { JobLog } from "../../job-log.ts";
import type { Findings } from "../findings.ts";
import type { Step } from "../step.ts";

/** Lines of a plan that the job log shows; a browser does not get through many more. */
const MOST_LINES = 10_000;
/** Lines that are printed at once. */
const BATCH = 500;

/** A log of JSON lines tells what happens but does not show the plan: its beginning is printed from the file. */
export async function showInLog(
  { log }: Pick<Step, "log">,
  { shown }: Pick<Findings, "shown">,
): Promise<void> {
  if (shown === undefined || shown.inLog || shown.plan === undefined) return;
  log.startGroup("Plan");
  const isCut = await printLines(log, shown.textFile);
  if (isCut) log.line(`The plan goes on; all of it is in the file ${shown.textFile} (output plan-text-file)`);
  log.endGroup();
}

/** Returns whether there were more lines than are printed. */
async function printLines(log: JobLog, file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    let batch: string[] = [];
    let count = 0;
    for await (const line of handle.readLines({ autoClose: false })) {
      count += 1;
      if (count > MOST_LINES) break;
      batch.push(line);
      if (batch.length === BATCH) {
        log.foreign(batch);
        batch = [];
      }
    }
    log.foreign(batch);
    return count > MOST_LINES;
  } finally {
    await handle.close();
  }
}
