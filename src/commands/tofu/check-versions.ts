import { type VersionQuestion, versionMismatch } from "../../cli/version-agreement.ts";
import { Failure } from "../../failure.ts";
import type { Step } from "../step.ts";

/**
 * Says that the version of the binary and of the workspace do not agree: a warning where that is to be ignored. Throws
 * Failure("version-mismatch") otherwise, before anything is written.
 */
export function checkVersions(
  { log }: Pick<Step, "log">,
  question: VersionQuestion,
  { ignored }: { ignored: boolean },
): void {
  const mismatch = versionMismatch(question);
  if (mismatch === undefined) return;
  const message = `${mismatch.summary}: ${mismatch.detail}`;
  if (ignored) {
    log.warning(message);
    return;
  }
  const remedy =
    "Install the version of the workspace. If you are sure that its state is to be upgraded, the input " +
    "ignore-remote-version: true goes on; the workspace may become unusable for its own version.";
  throw new Failure("version-mismatch", `${message} ${remedy}`);
}
