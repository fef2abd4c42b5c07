import { Failure } from "./failure.ts";

/** Gives the text of an input, `""` where it was not given; in the runner that is @actions/core's getInput. */
export type InputReader = (name: string) => string;

/**
 * Milliseconds of a duration such as `90s`, `30m` or `1h30m`; `undefined` for anything else, zero included. At most
 * 24 days, what a timer can hold.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?$/.exec(text);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  const total = ((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000;
  return total > 0 && total <= 24 * 86_400_000 ? total : undefined;
}

/** A boolean of the YAML 1.2 core schema, `undefined` for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(true|True|TRUE)$/.test(text)) return true;
  return /^(false|False|FALSE)$/.test(text) ? false : undefined;
}

/** One of `allowed`, the first where nothing was given. Throws Failure("input"). */
export function oneOf<T extends string>(read: InputReader, name: string, allowed: readonly [T, ...T[]]): T {
  const given = read(name) || allowed[0];
  const found = allowed.find((value) => value === given);
  if (found === undefined) throw invalid(name, given, `one of ${allowed.join(", ")}`);
  return found;
}

/** Milliseconds. Throws Failure("input"). */
export function duration(read: InputReader, name: string, otherwise: string): number {
  const given = read(name) || otherwise;
  const parsed = parseDuration(given);
  if (parsed === undefined)
    throw invalid(name, given, "a duration such as 90s, 30m or 1h30m, more than 0 and at most 24 days");
  return parsed;
}

/** Throws Failure("input"). */
export function boolean(read: InputReader, name: string, otherwise: boolean): boolean {
  const given = read(name);
  if (given === "") return otherwise;
  const parsed = parseBoolean(given);
  if (parsed === undefined) throw invalid(name, given, "true or false");
  return parsed;
}

/** The items of a list, one a line, without blank lines; what stands inside a line is kept as it is. */
export function lines(read: InputReader, name: string): string[] {
  return read(name)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function invalid(name: string, given: string, allowed: string): Failure {
  return new Failure("input", `Input "${name}" is ${JSON.stringify(given)}, but must be ${allowed}.`);
}
