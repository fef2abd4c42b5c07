import { Failure, type FailureReason } from "../failure.ts";

/** A request to the server that did not succeed. */
export class ApiError extends Failure {
  /** The HTTP status, `undefined` when none was received. */
  readonly status: number | undefined;
  /** The request may have reached the server and taken effect. */
  readonly ambiguous: boolean;

  constructor(
    reason: FailureReason,
    message: string,
    options: { status?: number | undefined; ambiguous?: boolean; cause?: unknown } = {},
  ) {
    super(reason, message, { cause: options.cause });
    this.status = options.status;
    this.ambiguous = options.ambiguous ?? false;
  }
}
