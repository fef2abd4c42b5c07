import type { SourcePosition } from "../../failure.ts";
import { ConversionError } from "./convert.ts";
import { EvaluationError } from "./evaluation-error.ts";
import type { Value } from "./values.ts";

/** Runs a conversion and puts its complaint into the words of the place. */
export function converting(
  run: () => Value,
  words: { summary: string; detail: (problem: string) => string; position?: SourcePosition },
): Value {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new EvaluationError(words.summary, words.detail(error.message), words.position);
  }
}
