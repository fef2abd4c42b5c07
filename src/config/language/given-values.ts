import { Failure, type SourcePosition } from "../../failure.ts";
import type { Environment } from "../credentials.ts";
import type { ModuleDirectory } from "../directory.ts";
import { type ExpressionSource, place } from "../syntax.ts";
import { automaticVariableFiles, readVariableFile } from "./variable-files.ts";

/** Where the values of variables may be given; `directory` of the module is what relative paths start from. */
export type VariableInputs = {
  module: ModuleDirectory;
  /** Lines `name=value`, as `-var` takes them. */
  variables: readonly string[];
  /** Paths, as `-var-file` takes them. */
  varFiles: readonly string[];
  /** For `TF_VAR_name`. */
  environment: Environment;
};

/** A value that counts for a variable: text of an input or of the environment, or what a file says. */
export type GivenValue = { name: string /** In words, for messages. */; from: string } & (
  | { origin: "environment" | "argument"; text: string }
  | { origin: "automatic-file" | "file"; source: ExpressionSource; position: SourcePosition }
);

const PREFIX = "TF_VAR_";

/** True where something is given that a run on a server does not find in the uploaded files. */
export function hasOwnValues({ variables, varFiles, environment }: VariableInputs): boolean {
  return (
    variables.length + varFiles.length > 0 || Object.keys(environment).some((name) => name.startsWith(PREFIX))
  );
}

/**
 * The value that counts for each name, by OpenTofu's order: environment, `terraform.tfvars`, `terraform.tfvars.json`,
 * `*.auto.tfvars` and `*.auto.tfvars.json` by name, `var-files` as listed, `variables` as listed.
 * Throws a Failure for lines that are no assignments and files that cannot be read.
 */
export async function givenValues(inputs: VariableInputs): Promise<Map<string, GivenValue>> {
  const given = new Map<string, GivenValue>();
  const put = (value: GivenValue): unknown => given.set(value.name, value);
  for (const value of fromEnvironment(inputs.environment)) put(value);
  const automatic = await automaticVariableFiles(inputs.module);
  for (const path of automatic) (await fromFile(path, "automatic-file", inputs)).forEach(put);
  for (const path of inputs.varFiles) (await fromFile(path, "file", inputs)).forEach(put);
  for (const line of inputs.variables) put(fromLine(line));
  return given;
}

function fromEnvironment(environment: Environment): GivenValue[] {
  return Object.entries(environment).flatMap(([variable, text]) => {
    if (!variable.startsWith(PREFIX) || text === undefined) return [];
    return [{ name: variable.slice(PREFIX.length), origin: "environment" as const, text, from: variable }];
  });
}

async function fromFile(
  path: string,
  origin: "automatic-file" | "file",
  { module }: VariableInputs,
): Promise<GivenValue[]> {
  const values = await readVariableFile(path, module);
  return values.map(({ name, source, position }) => ({
    name,
    origin,
    source,
    position,
    from: place(position),
  }));
}

function fromLine(line: string): GivenValue {
  const at = line.indexOf("=");
  const name = line.slice(0, Math.max(at, 0));
  if (at < 1 || /\s$/.test(name)) {
    const shown = at < 1 ? JSON.stringify(line.split(/\s/)[0]?.slice(0, 40)) : JSON.stringify(name);
    throw new Failure(
      "input",
      `Invalid line ${shown} in the input variables: it must be a variable's name, an equals sign and the value, without a space before the sign, as in region=eu-west-1.`,
    );
  }
  return { name, origin: "argument", text: line.slice(at + 1), from: "the input variables" };
}
