import { Failure } from "../../failure.ts";
import { type Declarations, readDeclarations } from "./declarations.ts";
import { encode } from "./encode.ts";
import { type GivenValue, givenValues, hasOwnValues, type VariableInputs } from "./given-values.ts";
import { declaredVariable, fitting, rawValue } from "./input-variables.ts";
import { formatNumber } from "./number.ts";
import { type ExpressionParser, loadExpressionParser } from "./parse-expression.ts";
import { childrenOf, type Value } from "./values.ts";
import type { Variable } from "./variable.ts";
import { automaticVariableFiles, readVariableFile } from "./variable-files.ts";

/** The variables of one run, ready to be sent. */
export type RunVariables = {
  /** `value` is an expression of the language; sorted by name. */
  variables: Array<{ key: string; value: string }>;
  /** The texts of the values of sensitive variables, to be masked before anything is printed. */
  masks: string[];
  /** Sentences about values that are not used. */
  warnings: string[];
  /** Names of `variables` that an uploaded file which counts without being named sets, too. */
  alsoInFiles: string[];
};

/**
 * The variables that a run needs beyond what the server finds in the uploaded files: those of the inputs `variables` and `var-files` and of
 * `TF_VAR_*` (opentofu internal/cloud/cloud_variables.go). The declared type decides how a text is understood: for a string, number or
 * boolean it is taken as it is, for all else as an expression. Reads nothing where nothing is given.
 * Throws a Failure for values that do not fit their variable, and in `variables` for names that are not declared.
 */
export async function runVariables(inputs: VariableInputs): Promise<RunVariables> {
  if (!hasOwnValues(inputs)) return { variables: [], masks: [], warnings: [], alsoInFiles: [] };
  const { given, declarations, parser } = await readAll(inputs);
  const names = [...given.keys()].sort();
  const used = names.flatMap((name) => usedValue(given.get(name), declarations, parser));
  const own = used.filter(({ given: { origin } }) => origin !== "automatic-file");
  const inFiles = await namesInFiles(inputs.module);
  return {
    variables: own.map(({ key, value }) => ({ key, value: encode(value) })),
    alsoInFiles: own.map(({ key }) => key).filter((key) => inFiles.has(key)),
    masks: [...new Set(used.flatMap(secretsOf))],
    warnings: undeclaredInFiles([...given.values()], declarations),
  };
}

/**
 * What `masks` of runVariables would be, for a program that judges the values itself: those that do not fit are passed over.
 * Throws a Failure for lines that are no assignments, and for files that cannot be read.
 */
export async function sensitiveTexts(inputs: VariableInputs): Promise<string[]> {
  const { given, declarations, parser } = await readAll(inputs);
  return [...given.values()].flatMap((value) => {
    try {
      return usedValue(value, declarations, parser).flatMap(secretsOf);
    } catch (error) {
      if (error instanceof Failure && error.reason !== "internal") return [];
      throw error;
    }
  });
}

async function readAll(inputs: VariableInputs) {
  return {
    given: await givenValues(inputs),
    declarations: await readDeclarations(inputs.module),
    parser: await loadExpressionParser(),
  };
}

async function namesInFiles(module: VariableInputs["module"]): Promise<ReadonlySet<string>> {
  const files = await automaticVariableFiles(module);
  const values = await Promise.all(files.map((path) => readVariableFile(path, module)));
  return new Set(values.flat().map(({ name }) => name));
}

type Used = { key: string; value: Value; variable: Variable; given: GivenValue };

function usedValue(
  given: GivenValue | undefined,
  declarations: Declarations,
  parser: ExpressionParser,
): Used[] {
  if (given === undefined) return [];
  if (!declarations.variables.has(given.name) && given.origin !== "argument") return [];
  const variable = declaredVariable(given.name, declarations, parser);
  if (variable === undefined) throw undeclared(given.name);
  const value = rawValue(given, variable, parser);
  fitting(value, variable, given);
  return [{ key: given.name, value, variable, given }];
}

function undeclared(name: string): Failure {
  return new Failure(
    "input",
    `Value for undeclared variable: a variable named "${name}" was assigned in the input variables, but the root module does not declare a variable of that name. ` +
      `To use this value, add a variable "${name}" block to the configuration, or else remove the line.`,
  );
}

function undeclaredInFiles(given: readonly GivenValue[], { variables }: Declarations): string[] {
  const unknown = given.filter((value) => "source" in value && !variables.has(value.name));
  const shown = unknown
    .slice(0, 2)
    .map(
      ({ name, from }) =>
        `Value for undeclared variable: the root module does not declare a variable named "${name}" but a value was found at ${from}.`,
    );
  const more = unknown.length - shown.length;
  return more > 0 ? [...shown, `Values for undeclared variables: ${more} more in variable files.`] : shown;
}

/** A number is only masked when it is long enough to be a secret: every `1` in the log, and in outputs of the job, would go with it. */
const SHORTEST_NUMBER = 4;

/** Of a sensitive variable every text and number in the value, and the text as given where there are any. */
function secretsOf({ value, variable, given }: Used): string[] {
  if (!variable.sensitive && !variable.ephemeral) return [];
  const { kind } = variable.constraint.type;
  const isTelling = (text: string) => kind !== "number" || text.length >= SHORTEST_NUMBER;
  const leaves = kind === "bool" ? [] : leavesOf(value).filter(isTelling);
  return leaves.length > 0 && "text" in given ? [given.text, ...leaves] : leaves;
}

function leavesOf(value: Value): string[] {
  if (value.kind === "string") return value.text === "" ? [] : [value.text];
  if (value.kind !== "number") return childrenOf(value).flatMap(leavesOf);
  const digits = formatNumber(value.number);
  return digits.length >= SHORTEST_NUMBER ? [digits] : [];
}
