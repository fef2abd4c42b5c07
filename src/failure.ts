/** Why a step failed, as the output `failure-reason` says it; docs/outputs.md explains each. */
export const FAILURE_REASONS = [
  "input",
  "configuration",
  "credentials",
  "unauthorized",
  "forbidden",
  "not-found",
  "unreachable",
  "not-a-tfe-server",
  "server",
  "execution-mode",
  "no-binary",
  "command-failed",
  "version-mismatch",
  "archive",
  "archive-too-large",
  "run-errored",
  "run-canceled",
  "run-discarded",
  "policy",
  "needs-approval",
  "locked",
  "no-reviewed-plan",
  "plan-changed",
  "archive-changed",
  "no-structured-plan",
  "confirmed-elsewhere",
  "timeout",
  "interrupted",
  "unsupported",
  "outputs",
  "internal",
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

/** A place in a file, lines and columns counted from 1; `file` is relative to the job's workspace, with `/`. */
export type SourcePosition = { file: string; line?: number; column?: number; endLine?: number };

/**
 * The one error type that this action throws on purpose. Its message is what the user reads in the one `::error`:
 * it names what went wrong, where (input, file, endpoint), the status or value met, and what to do. It never holds a
 * token, a signed URL or raw HTML. The original error, if any, is in `cause`.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly reason: FailureReason;
  readonly position: SourcePosition | undefined;

  constructor(
    reason: FailureReason,
    message: string,
    options: { cause?: unknown; position?: SourcePosition } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.position = options.position;
  }
}
