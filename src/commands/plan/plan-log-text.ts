import { open } from "node:fs/promises";
import { plainText, splitLines } from "../../foreign-text.ts";
import { diagnosticsFromText } from "../../plan/diagnostics.ts";
import type { Diagnostic } from "../../plan/model.ts";
import { parseStructuredLine } from "../../plan/structured-log.ts";
import { planTextFromLog } from "../../plan/text.ts";

/** The last part of a log is enough for its diagnostics and the plan's text; the whole of it is in the log file. */
const LOG_BYTES = 16 * 1024 * 1024;

/**
 * What a log holds: all of its text, the plan in it, and the diagnostics. A log of JSON lines tells what happens, but
 * does not show the plan.
 */
export type LogContents = {
  text: string[];
  planText: string[];
  showsPlan: boolean;
  diagnostics: Diagnostic[];
};

/** Reads the log of a plan. It is text, or JSON lines, or both: JSON lines bring their own diagnostics. */
export async function readPlanLog(file: string | undefined): Promise<LogContents> {
  const text: string[] = [];
  const diagnostics: Diagnostic[] = [];
  let showsPlan = true;
  for (const line of await readLines(file)) {
    const structured = parseStructuredLine(line);
    if (structured === undefined) text.push(plainText(line));
    else {
      showsPlan = false;
      text.push(...structured.text.map(plainText));
      if (structured.diagnostic !== undefined) diagnostics.push(structured.diagnostic);
    }
  }
  return {
    text,
    planText: planTextFromLog(text),
    showsPlan,
    diagnostics: diagnostics.length > 0 ? diagnostics : diagnosticsFromText(text),
  };
}

async function readLines(file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, LOG_BYTES);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return splitLines(buffer.toString("utf8"));
  } finally {
    await handle.close();
  }
}
