import { type Matcher, RE2JS } from "re2js";
import { list, nullOf, objectOf, objectType, STRING, type Type, text, tuple, type Value } from "../values.ts";
import { type FunctionTable, required, textOf } from "./arguments.ts";
import { FunctionError } from "./signature.ts";

const PARAMETERS = [required("pattern", STRING), required("string", STRING)];

/** Functions with regular expressions in Go's syntax, linear in time (go-cty, stdlib/regexp.go). */
export const REGEXP_FUNCTIONS: FunctionTable = {
  regex: {
    parameters: PARAMETERS,
    apply: ([pattern, value]) => {
      const matcher = compiled(textOf(pattern)).matcher(textOf(value));
      if (!matcher.find()) throw new FunctionError("pattern did not match any part of the given string");
      return captured(matcher);
    },
  },
  regexall: {
    parameters: PARAMETERS,
    apply: ([pattern, value]) => {
      const expression = compiled(textOf(pattern));
      const matcher = expression.matcher(textOf(value));
      const found: Value[] = [];
      while (matcher.find()) found.push(captured(matcher));
      return list(found[0]?.type ?? emptyType(expression), found);
    },
  },
  replace: {
    parameters: [required("str", STRING), required("substr", STRING), required("replace", STRING)],
    apply: ([value, wanted, replacement]) =>
      text(replaced(textOf(value), textOf(wanted), textOf(replacement))),
  },
};

function compiled(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : "it cannot be compiled";
    throw new FunctionError(`invalid regexp pattern: ${problem}`);
  }
}

/** The whole match, or its groups: by name where they have names, else in order. */
function captured(matcher: Matcher): Value {
  const names = namesOf(matcher.pattern());
  const count = matcher.groupCount();
  if (count === 0) return text(matcher.group(0) ?? "");
  const groups = Array.from({ length: count }, (_, index) => groupValue(matcher.group(index + 1)));
  if (names.length === 0) return tuple(groups);
  return objectOf(names.map(([name, index]) => [name, groups[index - 1] ?? nullOf(STRING)]));
}

function groupValue(group: string | null): Value {
  return group === null ? nullOf(STRING) : text(group);
}

function namesOf(expression: RE2JS): Array<[string, number]> {
  const names = Object.entries(expression.namedGroups());
  if (names.length > 0 && names.length !== expression.groupCount()) {
    throw new FunctionError("invalid regexp pattern: cannot mix both named and unnamed capture groups");
  }
  return names;
}

function emptyType(expression: RE2JS): Type {
  const names = namesOf(expression);
  if (names.length > 0) return objectType(new Map(names.map(([name]) => [name, STRING])));
  const count = expression.groupCount();
  return count === 0 ? STRING : { kind: "tuple", elements: Array.from({ length: count }, () => STRING) };
}

/** Between slashes the text to replace is a regular expression. */
function replaced(value: string, wanted: string, replacement: string): string {
  if (wanted.length < 2 || !wanted.startsWith("/") || !wanted.endsWith("/")) {
    return wanted === ""
      ? [...value].reduce((done, next) => done + next + replacement, replacement)
      : value.replaceAll(wanted, () => replacement);
  }
  const matcher = compiled(wanted.slice(1, -1)).matcher(value);
  let [result, at] = ["", 0];
  while (matcher.find()) {
    result += value.slice(at, matcher.start()) + expanded(replacement, matcher);
    at = matcher.end();
  }
  return result + value.slice(at);
}

/** `$1`, `$name` and `${name}` stand for groups, `$$` for a dollar sign. */
function expanded(replacement: string, matcher: Matcher): string {
  const names = matcher.pattern().namedGroups();
  return replacement.replace(/\$(?:\$|\{\w+\}|\w+)/g, (reference) => {
    if (reference === "$$") return "$";
    const name = reference.replace(/[${}]/g, "");
    const index = /^\d+$/.test(name) ? Number(name) : (names[name] ?? -1);
    return index >= 0 && index <= matcher.groupCount() ? (matcher.group(index) ?? "") : "";
  });
}
