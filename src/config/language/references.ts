import type { SourcePosition } from "../../failure.ts";
import { configurationFailure } from "../syntax.ts";
import type { Expression } from "./expression.ts";

/** What an expression refers to and can be known before a run: `var.name`, `local.name`, `path.name`, `terraform.name`. */
export type Reference = {
  root: "var" | "local" | "path" | "terraform";
  name: string;
  position: SourcePosition;
};

const ROOTS = ["var", "local", "path", "terraform"] as const;
/** Roots of two names and of three; everything else is a resource, of two. */
const NAMED: Readonly<Record<string, number>> = { self: 1, data: 3, resource: 3, ephemeral: 3, module: 3 };

/**
 * All that an expression refers to, chosen or not. `subject` is what needs its value, such as `backend.remote`.
 * Throws a Failure in OpenTofu's words for what is only known in a run.
 */
export function referencesOf(expression: Expression, subject: string): Reference[] {
  const references: Reference[] = [];
  const visit = (part: Expression, bound: readonly string[]): void => {
    const root = rootOf(part);
    if (root !== undefined && !bound.includes(root.name)) references.push(staticReference(root, subject));
    if (part.kind === "call" && part.name.startsWith("provider::")) throw providerFunction(part, subject);
    for (const [inner, names] of innerExpressions(part)) visit(inner, [...bound, ...names]);
  };
  visit(expression, []);
  return references;
}

type Root = { name: string; path: string[]; position: SourcePosition };

/** The names at the start of a traversal. */
function rootOf(expression: Expression): Root | undefined {
  if (expression.kind === "name") return { name: expression.name, path: [], position: expression.position };
  if (expression.kind !== "attribute") return undefined;
  const root = rootOf(expression.of);
  return root === undefined ? undefined : { ...root, path: [...root.path, expression.name] };
}

function staticReference({ name, path, position }: Root, subject: string): Reference {
  const root = ROOTS.find((candidate) => candidate === name);
  const [first] = path;
  if (root !== undefined && first !== undefined) return { root, name: first, position };
  if (root !== undefined) {
    const detail = `The "${name}" object cannot be accessed directly. Instead, access one of its attributes.`;
    throw configurationFailure({ summary: "Invalid reference", detail, position });
  }
  const shown = [name, ...path.slice(0, (NAMED[name] ?? 2) - 1)].join(".");
  if (path.length === 0 && name !== "self") {
    const detail = `A reference to a resource type must be followed by at least one attribute access, specifying the resource name, but "${name}" is not (in ${subject}).`;
    throw configurationFailure({ summary: "Invalid reference", detail, position });
  }
  const summary =
    name === "module" ? "Module output not supported in static context" : "Dynamic value in static context";
  throw configurationFailure({
    summary,
    detail: `Unable to use ${shown} in static context, which is required by ${subject}.`,
    position,
  });
}

function providerFunction(
  { name, position }: { name: string; position: SourcePosition },
  subject: string,
): Error {
  const detail = `Unable to use ${name} in static context, which is required by ${subject}.`;
  return configurationFailure({ summary: "Provider function in static context", detail, position });
}

type Inner = Array<readonly [Expression, readonly string[]]>;

/** The parts of an expression, each with the names that it can use in addition. A traversal is one reference, not several. */
function innerExpressions(expression: Expression): Inner {
  const plain = (...parts: Expression[]): Inner => parts.map((part) => [part, []]);
  switch (expression.kind) {
    case "literal":
    case "name":
      return [];
    case "attribute":
      return rootOf(expression) === undefined ? plain(expression.of) : [];
    case "index":
      return plain(expression.of, expression.key);
    case "splat":
      return [...plain(expression.of), [expression.each, [expression.name]]];
    case "unary":
      return plain(expression.operand);
    case "binary":
      return plain(expression.left, expression.right);
    case "conditional":
      return plain(expression.condition, expression.yes, expression.no);
    case "call":
      return plain(...expression.args);
    case "template":
      return plain(...expression.parts);
    case "tuple":
      return plain(...expression.items);
    case "object":
      return expression.entries.flatMap(({ key, value }) =>
        plain(...(key.kind === "name" ? [] : [key]), value),
      );
    case "join":
      return plain(expression.items);
    case "parentheses":
      return plain(expression.inner);
    case "for":
      return forParts(expression);
  }
}

function forParts(expression: Extract<Expression, { kind: "for" }>): Inner {
  const names = [expression.keyName, expression.valueName].filter((name) => name !== undefined);
  const inside = [expression.key, expression.value, expression.condition].filter(
    (part) => part !== undefined,
  );
  return [[expression.collection, []], ...inside.map((part) => [part, names] as const)];
}
