import { EvaluationError } from "../evaluation-error.ts";
import type { Value } from "../values.ts";
import { callFunction, type LanguageFunction } from "./signature.ts";

/** The functions that expressions may call; files are read relative to `directory`. */
export async function loadFunctions(
  _directory: string,
): Promise<(name: string, args: readonly Value[]) => Value> {
  const table: Readonly<Record<string, LanguageFunction>> = {};
  return (written, args) => {
    const name = written.replace(/^core::/, "");
    const found = Object.hasOwn(table, name) ? table[name] : undefined;
    if (found !== undefined) return callFunction(name, found, args);
    throw new EvaluationError("Call to unknown function", `There is no function named "${name}".`);
  };
}
