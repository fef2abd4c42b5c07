import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * All that the tests leave lies in one folder, which goes with the run: workers are ended by a signal and cannot tidy up
 * themselves. Returns what to do at the end.
 */
export default function setup(): () => void {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "tests-"));
  for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
