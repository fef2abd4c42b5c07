import { relative, sep } from "node:path";
import type { Failure, SourcePosition } from "../../failure.ts";
import { type Attribute, configurationFailure } from "../syntax.ts";
import type { Declarations } from "./declarations.ts";
import { evaluate } from "./evaluate.ts";
import { EvaluationError } from "./evaluation-error.ts";
import type { Expression } from "./expression.ts";
import type { GivenValue } from "./given-values.ts";
import { declaredVariable, variableValue } from "./input-variables.ts";
import type { ExpressionParser } from "./parse-expression.ts";
import { type Reference, referencesOf } from "./references.ts";
import { text, type Value } from "./values.ts";

/** What the static part of a root module consists of. */
export type StaticModule = {
  declarations: Declarations;
  given: ReadonlyMap<string, GivenValue>;
  parser: ExpressionParser;
  call: (name: string, args: readonly Value[]) => Value;
  /** `terraform.workspace`. */
  workspace: string;
  /** The root module's folder, absolute. */
  directory: string;
};

/** What needs a value: `backend.remote`, `local.name`. */
type Subject = { name: string; position: SourcePosition };

/**
 * Evaluates what can be known before a run: variables, local values, `path` and `terraform.workspace`. Everything that an
 * expression refers to is evaluated, also where a condition leaves it out (opentofu internal/configs/static_scope.go).
 * Throws a Failure in OpenTofu's words, with the place.
 */
export function evaluateInModule(expression: Expression, subject: Subject, module: StaticModule): Value {
  return resolve(expression, [subject], module);
}

function resolve(expression: Expression, stack: readonly Subject[], module: StaticModule): Value {
  const top = stack.at(-1) ?? { name: "", position: expression.position };
  const values = new Map<string, Value>();
  for (const reference of referencesOf(expression, top.name)) {
    values.set(`${reference.root}.${reference.name}`, referredValue(reference, stack, module));
  }
  try {
    return evaluate(expression, { lookUp: (root, name) => values.get(`${root}.${name}`), call: module.call });
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    const needed =
      stack.length > 1 ? ` ${stack[0]?.name} depends on ${top.name}, which is therefore not available.` : "";
    throw configurationFailure({
      summary: error.summary,
      detail: `${error.message}${needed}`,
      position: error.position ?? expression.position,
    });
  }
}

function referredValue(reference: Reference, stack: readonly Subject[], module: StaticModule): Value {
  switch (reference.root) {
    case "var":
      return variable(reference, module);
    case "local":
      return local(reference, stack, module);
    case "path":
      return path(reference, module);
    case "terraform":
      return terraform(reference, module);
  }
}

function variable({ name, position }: Reference, { declarations, given, parser }: StaticModule): Value {
  const declared = declaredVariable(name, declarations, parser);
  if (declared === undefined) throw undefinedName("variable", `var.${name}`, position);
  return variableValue(declared, given.get(name), parser);
}

function local({ name, position }: Reference, stack: readonly Subject[], module: StaticModule): Value {
  const declared = module.declarations.locals.get(name);
  const [hidden] = module.declarations.syntaxErrors;
  if (declared === undefined) throw hidden ?? undefinedName("local", `local.${name}`, position);
  const subject = { name: `local.${name}`, position: declared.position };
  if (stack.some((earlier) => earlier.name === subject.name)) {
    const way = [...stack.map((earlier) => earlier.name), subject.name].join(" → ");
    throw configurationFailure({
      summary: "Circular reference",
      detail: `${subject.name} is self referential (${way}).`,
      position: declared.position,
    });
  }
  const expression = module.parser.source(declared.source, declared.position);
  return resolve(expression, [...stack, subject], module);
}

function undefinedName(kind: string, name: string, position: SourcePosition): Failure {
  return configurationFailure({
    summary: `Undefined ${kind}`,
    detail: `Undefined ${kind} ${name}.`,
    position,
  });
}

function path({ name, position }: Reference, { directory }: StaticModule): Value {
  if (name === "cwd") return text(directory.split(sep).join("/"));
  if (name === "module" || name === "root") return text(relative(directory, directory) || ".");
  const detail = `The "path" object does not have an attribute named "${name}".`;
  throw configurationFailure({ summary: 'Invalid "path" attribute', detail, position });
}

function terraform({ name, position }: Reference, { workspace }: StaticModule): Value {
  if (name === "workspace") return text(workspace);
  const detail = `The "terraform" object does not have an attribute named "${name}". The only supported attribute is terraform.workspace, the name of the currently-selected workspace.`;
  throw configurationFailure({ summary: 'Invalid "terraform" attribute', detail, position });
}

/** The expression of an attribute whose value is not a literal. */
export function attributeExpression(
  { source, position, name }: Attribute,
  parser: ExpressionParser,
): Expression {
  if (source !== undefined) return parser.source(source, position);
  throw configurationFailure({
    summary: "Invalid expression",
    detail: `The argument "${name}" has no expression.`,
    position,
  });
}
