import type { SourcePosition } from "../../failure.ts";

/**
 * What an evaluation cannot give a value for: OpenTofu's summary and detail. `try` and `can` take it for an answer; everything
 * else ends with it, and with the place of the innermost expression that it happened in.
 */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
  readonly summary: string;
  position: SourcePosition | undefined;

  constructor(summary: string, detail: string, position?: SourcePosition) {
    super(detail);
    this.summary = summary;
    this.position = position;
  }
}
