import { bool, list, NUMBER, STRING, text } from "../values.ts";
import {
  characters,
  countOf,
  type FunctionTable,
  LIST_OF_STRING,
  required,
  textOf,
  textsOf,
} from "./arguments.ts";
import { FunctionError, type LanguageFunction } from "./signature.ts";

function ofText(change: (text: string) => string): LanguageFunction {
  return { parameters: [required("str", STRING)], apply: ([value]) => text(change(textOf(value))) };
}

function ofTwo(change: (text: string, other: string) => string): LanguageFunction {
  const parameters = [required("str", STRING), required("other", STRING)];
  return { parameters, apply: ([value, other]) => text(change(textOf(value), textOf(other))) };
}

function testOf(holds: (text: string, part: string) => boolean): LanguageFunction {
  const parameters = [required("str", STRING), required("part", STRING)];
  return { parameters, apply: ([value, part]) => bool(holds(textOf(value), textOf(part))) };
}

/** Functions of texts (go-cty, stdlib/string.go; opentofu internal/lang/funcs/string.go). */
export const STRING_FUNCTIONS: FunctionTable = {
  chomp: ofText((value) => value.replace(/(?:\r\n?|\n)+$/, "")),
  endswith: testOf((value, suffix) => value.endsWith(suffix)),
  indent: {
    parameters: [required("spaces", NUMBER), required("str", STRING)],
    apply: ([spaces, value]) => text(indented(countOf(spaces, "number of spaces"), textOf(value))),
  },
  join: {
    parameters: [required("separator", STRING)],
    rest: required("lists", LIST_OF_STRING),
    apply: ([separator, ...lists]) => {
      if (lists.length === 0) throw new FunctionError("at least one list is required");
      return text(lists.flatMap(textsOf).join(textOf(separator)));
    },
  },
  lower: ofText((value) => mapped(value, (letter) => letter.toLowerCase())),
  split: {
    parameters: [required("separator", STRING), required("str", STRING)],
    apply: ([separator, value]) => list(STRING, parts(textOf(value), textOf(separator)).map(text)),
  },
  startswith: testOf((value, prefix) => value.startsWith(prefix)),
  strcontains: testOf((value, part) => value.includes(part)),
  strrev: ofText((value) => characters(value).reverse().join("")),
  substr: {
    parameters: [required("str", STRING), required("offset", NUMBER), required("length", NUMBER)],
    apply: ([value, offset, length]) =>
      text(substring(textOf(value), countOf(offset, "offset"), countOf(length, "length"))),
  },
  title: ofText((value) =>
    value.replace(/(?<=^|[^\p{L}\p{N}_\u0080-\u{10ffff}]|\s)\p{L}/gu, (letter) =>
      mapped(letter, (one) => one.toUpperCase()),
    ),
  ),
  trim: ofTwo((value, cut) => {
    const isCut = (character: string | undefined): boolean =>
      character !== undefined && [...cut].includes(character);
    const kept = [...value];
    while (isCut(kept[0])) kept.shift();
    while (isCut(kept.at(-1))) kept.pop();
    return kept.join("");
  }),
  trimprefix: ofTwo((value, prefix) => (value.startsWith(prefix) ? value.slice(prefix.length) : value)),
  trimspace: ofText((value) => value.replace(SPACE_AT_ENDS, "")),
  trimsuffix: ofTwo((value, suffix) =>
    suffix !== "" && value.endsWith(suffix) ? value.slice(0, -suffix.length) : value,
  ),
  upper: ofText((value) => mapped(value, (letter) => letter.toUpperCase())),
};

/** Letter by letter, as Go does it: a letter that would become several stays. */
function mapped(value: string, change: (letter: string) => string): string {
  return [...value].map((letter) => ([...change(letter)].length === 1 ? change(letter) : letter)).join("");
}

/** What Go counts as white space. */
const SPACE_AT_ENDS = /^[\s\u0085]+|[\s\u0085]+$/gu;

function indented(spaces: number, value: string): string {
  if (spaces < 0 || spaces > 1000) throw new FunctionError("the number of spaces must be between 0 and 1000");
  return value.replaceAll("\n", `\n${" ".repeat(spaces)}`);
}

function parts(value: string, separator: string): string[] {
  return separator === "" ? [...value] : value.split(separator);
}

/** By characters; a negative offset counts from the end, a negative length means all the rest. */
function substring(value: string, offset: number, length: number): string {
  const all = characters(value);
  const start = offset < 0 ? Math.max(0, offset + all.length) : offset;
  if (length === 0) return offset < 0 ? all.slice(start).join("") : "";
  return all.slice(start, length < 0 ? undefined : start + length).join("");
}
