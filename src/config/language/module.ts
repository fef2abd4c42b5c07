import { type Attribute, configurationFailure, type Value as SyntaxValue } from "../syntax.ts";
import { readDeclarations } from "./declarations.ts";
import { functionsIn } from "./functions/table.ts";
import { givenValues, type VariableInputs } from "./given-values.ts";
import { formatNumber } from "./number.ts";
import { loadExpressionParser } from "./parse-expression.ts";
import { attributeExpression, evaluateInModule, type StaticModule } from "./static-scope.ts";
import { allMarks, type Value } from "./values.ts";

/** Gives attributes of a `backend` or `cloud` block literal values. */
export type BlockEvaluator = {
  /**
   * The attribute with the value that its expression has; one that is a literal comes back as it is. `subject` is the block in
   * OpenTofu's words: `backend.remote`, `backend.cloud`.
   * Throws a Failure with file and line where it cannot be known before a run, or is sensitive or ephemeral.
   */
  evaluate: (attribute: Attribute, subject: string) => Attribute;
};

/**
 * Reads the variables and local values of a root module and what is given for them, so that expressions in its backend block can be
 * evaluated as OpenTofu does early. `workspace` is the selected workspace, for `terraform.workspace`. Only to be called (and this module only
 * to be imported) where a block holds an expression.
 * Throws a Failure for declarations and variable files that cannot be read.
 */
export async function loadBlockEvaluator(inputs: VariableInputs, workspace: string): Promise<BlockEvaluator> {
  const module: StaticModule = {
    declarations: await readDeclarations(inputs.module),
    given: await givenValues(inputs),
    parser: await loadExpressionParser(),
    call: functionsIn(inputs.module),
    workspace,
    directory: inputs.module.directory,
  };
  return { evaluate: (attribute, subject) => evaluateAttribute(attribute, subject, module) };
}

function evaluateAttribute(attribute: Attribute, subject: string, module: StaticModule): Attribute {
  const { name, position, source } = attribute;
  if (source === undefined) return attribute;
  const expression = attributeExpression(attribute, module.parser);
  const value = evaluateInModule(expression, { name: subject, position }, module);
  refuseMarks(value, attribute);
  return { name, position, value: literalOf(value) };
}

function refuseMarks(value: Value, { name, position }: Attribute): void {
  for (const mark of allMarks(value)) {
    throw configurationFailure({
      summary: `Backend config contains ${mark} values`,
      detail: `The argument "${name}" is made of a variable that is ${mark}. The backend configuration is stored in plain text, so such values may not be part of it.`,
      position,
      remedy: "Set the input of the same name, or for a token the input token or TF_TOKEN_*, instead.",
    });
  }
}

/** Numbers and booleans become text, which is what string arguments take. */
function literalOf(value: Value): SyntaxValue {
  switch (value.kind) {
    case "null":
      return { kind: "null" };
    case "string":
      return { kind: "text", text: value.text };
    case "number":
      return { kind: "text", text: formatNumber(value.number) };
    case "bool":
      return { kind: "text", text: String(value.truth) };
    case "sequence":
      return { kind: "list", items: value.items.map(literalOf) };
    case "mapping":
      return {
        kind: "map",
        entries: [...value.entries].map(([key, item]) => ({ key, value: literalOf(item) })),
      };
  }
}
