import { convert } from "../convert.ts";
import { type ExactNumber, toInteger } from "../number.ts";
import { ANY, BOOL, list, NUMBER, STRING, text, type Value } from "../values.ts";
import { characters, type FunctionTable, nullable, required, textOf } from "./arguments.ts";
import { decimalText } from "./decimal-format.ts";
import { jsonText } from "./json.ts";
import { FunctionError } from "./signature.ts";

/** `%[flags][width][.precision][[argument]]verb`. */
const VERB =
  /%%|%(?<flags>[0#\-+ ]*)(?<width>[1-9]\d*)?(?<precision>\.\d*)?(?:\[(?<argument>[1-9]\d*)\])?(?<verb>[a-zA-Z])/y;

type Verb = { raw: string; flags: string; width: number; precision: number | undefined; verb: string };

/** `format` and `formatlist` (go-cty, stdlib/format.go). */
export const FORMAT_FUNCTIONS: FunctionTable = {
  format: {
    parameters: [required("format", STRING)],
    rest: nullable("args", ANY),
    apply: ([pattern, ...args]) => text(formatted(textOf(pattern), args)),
  },
  formatlist: {
    parameters: [required("format", STRING)],
    rest: nullable("args", ANY),
    apply: ([pattern, ...args]) => formatList(textOf(pattern), args),
  },
};

function formatList(pattern: string, args: readonly Value[]): Value {
  const lists = args.filter((arg) => arg.kind === "sequence");
  const [first, ...others] = lists.map((arg) => arg.items.length);
  if (others.some((length) => length !== first))
    throw new FunctionError("all list arguments must have the same length");
  const rounds = Array.from({ length: first ?? 1 }, (_, index) =>
    args.map((arg) => (arg.kind === "sequence" ? (arg.items[index] ?? arg) : arg)),
  );
  return list(
    STRING,
    rounds.map((round) => text(formatted(pattern, round))),
  );
}

function formatted(pattern: string, args: readonly Value[]): string {
  let [result, at, next, highest] = ["", 0, 1, 0];
  while (at < pattern.length) {
    if (pattern[at] !== "%") {
      result += pattern[at];
      at += 1;
      continue;
    }
    VERB.lastIndex = at;
    const match = VERB.exec(pattern);
    if (match === null) throw new FunctionError(`invalid format string starting at offset ${at}`);
    at += match[0].length;
    if (match[0] === "%%") {
      result += "%";
      continue;
    }
    const index = Number(match.groups?.["argument"] ?? next);
    const arg = args[index - 1];
    if (arg === undefined)
      throw new FunctionError(
        `not enough arguments for "${match[0]}": need index ${index} but have ${args.length} total`,
      );
    result += formattedVerb(verbOf(match), arg);
    [next, highest] = [index + 1, Math.max(highest, index)];
  }
  if (highest < args.length)
    throw new FunctionError(`too many arguments; only ${highest} used by format string`);
  return result;
}

function verbOf(match: RegExpExecArray): Verb {
  const { flags = "", width, precision, verb = "" } = match.groups ?? {};
  return {
    raw: match[0],
    flags,
    width: Number(width ?? 0),
    precision: precision === undefined ? undefined : Number(precision.slice(1) || "0"),
    verb,
  };
}

function formattedVerb(verb: Verb, arg: Value): string {
  if (verb.verb === "v") return padded(plain(verb, arg), verb);
  if (arg.kind === "null")
    throw new FunctionError(`unsupported value for "${verb.raw}": null value cannot be formatted`);
  if (verb.verb === "t") return textOf(convert(convert(arg, BOOL), STRING));
  if (verb.verb === "s" || verb.verb === "q") {
    const written = textOf(convert(arg, STRING));
    const cut = verb.precision ? characters(written).slice(0, verb.precision).join("") : written;
    return padded(verb.verb === "q" ? jsonText(text(cut)) : cut, verb);
  }
  const value = convert(arg, NUMBER);
  if (value.kind === "number" && /^[bdoxX]$/.test(verb.verb)) return integerText(value.number, verb);
  if (value.kind === "number" && /^[eEfgG]$/.test(verb.verb)) return floatText(value.number, verb);
  throw new FunctionError(`unsupported format verb '${verb.verb}' in "${verb.raw}"`);
}

function plain({ flags }: Verb, arg: Value): string {
  if (!flags.includes("#") && arg.kind === "string") return arg.text;
  if (!flags.includes("#") && arg.kind === "number")
    return signOf(arg.number) + decimalText(arg.number, "g", undefined);
  return jsonText(arg);
}

function signOf({ mantissa }: ExactNumber): string {
  return mantissa < 0n ? "-" : "";
}

function integerText(number: ExactNumber, verb: Verb): string {
  const whole = toInteger(number);
  if (whole === undefined)
    throw new FunctionError(`unsupported value for "${verb.raw}": an integer is required`);
  const base = { b: 2, o: 8, x: 16, X: 16 }[verb.verb] ?? 10;
  const digits = (whole < 0n ? -whole : whole).toString(base).padStart(verb.precision ?? 0, "0");
  const prefix = verb.flags.includes("#") ? ({ b: "0b", o: "0", x: "0x", X: "0X" }[verb.verb] ?? "") : "";
  return signed(number, { before: prefix, digits: verb.verb === "X" ? digits.toUpperCase() : digits, verb });
}

function floatText(number: ExactNumber, verb: Verb): string {
  const lower = verb.verb.toLowerCase();
  const digits = decimalText(number, lower === "e" ? "e" : lower === "f" ? "f" : "g", verb.precision);
  return signed(number, { before: "", digits: verb.verb === lower ? digits : digits.toUpperCase(), verb });
}

/** Zeros go between sign and digits, spaces before or after all. */
function signed(
  number: ExactNumber,
  { before, digits, verb }: { before: string; digits: string; verb: Verb },
): string {
  const plus = verb.flags.includes("+") ? "+" : verb.flags.includes(" ") ? " " : "";
  const start = (signOf(number) || plus) + before;
  if (verb.flags.includes("-")) return (start + digits).padEnd(verb.width);
  if (verb.flags.includes("0")) return start + digits.padStart(verb.width - start.length, "0");
  return (start + digits).padStart(verb.width);
}

function padded(written: string, { flags, width }: Verb): string {
  const missing = width - characters(written).length;
  if (missing <= 0) return written;
  const padding = (flags.includes("0") ? "0" : " ").repeat(missing);
  return flags.includes("-") ? written + padding : padding + written;
}
