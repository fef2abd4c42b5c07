import { toInteger } from "../number.ts";
import { ANY, STRING, type Type, type Value } from "../values.ts";
import { FunctionError, type LanguageFunction, type Parameter } from "./signature.ts";

/** A table of functions, by name. */
export type FunctionTable = Readonly<Record<string, LanguageFunction>>;

export const LIST_OF_STRING: Type = { kind: "list", element: STRING };
export const LIST_OF_ANY: Type = { kind: "list", element: ANY };

export function required(name: string, type: Type): Parameter {
  return { name, type };
}

export function nullable(name: string, type: Type): Parameter {
  return { name, type, nullable: true };
}

/** The text of an argument whose parameter is a string; null only where it may be null. */
export function textOf(value: Value | undefined): string {
  return value?.kind === "string" ? value.text : "";
}

/** A whole number that is small enough to count with. */
export function countOf(value: Value | undefined, what: string): number {
  const whole = value?.kind === "number" ? toInteger(value.number) : undefined;
  if (whole === undefined) throw new FunctionError(`invalid ${what}: value must be a whole number`);
  if (whole > 2n ** 31n || whole < -(2n ** 31n))
    throw new FunctionError(`invalid ${what}: value is too large`);
  return Number(whole);
}

/** The items of a list, tuple or set. */
export function itemsOf(value: Value | undefined): readonly Value[] {
  return value?.kind === "sequence" ? value.items : [];
}

/** The items of a list of strings, none of them null. */
export function textsOf(value: Value | undefined): string[] {
  return itemsOf(value).map((item, index) => {
    if (item.kind === "string") return item.text;
    throw new FunctionError(`element ${index} is null; a string is required`);
  });
}

const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });

/** What people take for the characters of a text. */
export function characters(text: string): string[] {
  return [...SEGMENTER.segment(text)].map(({ segment }) => segment);
}
