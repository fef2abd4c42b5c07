import { convert } from "../convert.ts";
import { ANY, BOOL, bool, type Mark, NUMBER, STRING, type Type, type Value } from "../values.ts";
import { type FunctionTable, nullable } from "./arguments.ts";
import type { LanguageFunction } from "./signature.ts";

function to(type: Type): LanguageFunction {
  return {
    parameters: [nullable("v", ANY)],
    apply: ([value]) => (value === undefined ? bool(false) : convert(value, type)),
  };
}

function withMarks(change: (value: Value) => Value): LanguageFunction {
  return {
    parameters: [nullable("value", ANY)],
    marks: "own",
    apply: ([value]) => (value === undefined ? bool(false) : change(value)),
  };
}

function without(value: Value, mark: Mark): Value {
  return { ...value, marks: new Set([...value.marks].filter((other) => other !== mark)) };
}

/** Explicit conversions, and what is sensitive (opentofu internal/lang/funcs/conversion.go, sensitive.go). */
export const CONVERSION_FUNCTIONS: FunctionTable = {
  issensitive: withMarks((value) => bool(value.marks.has("sensitive"))),
  nonsensitive: withMarks((value) => without(value, "sensitive")),
  sensitive: withMarks((value) => ({ ...value, marks: new Set<Mark>([...value.marks, "sensitive"]) })),
  tobool: to(BOOL),
  tolist: to({ kind: "list", element: ANY }),
  tomap: to({ kind: "map", element: ANY }),
  tonumber: to(NUMBER),
  toset: to({ kind: "set", element: ANY }),
  tostring: to(STRING),
};
