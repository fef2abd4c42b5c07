import { type ExactNumber, formatNumber } from "../number.ts";

/** A decimal number apart from its sign: `0.digits × 10^point`. */
type Decimal = { digits: string; point: number };

/** The notations of Go's `%e`, `%f` and `%g` without sign and padding; `precision` undefined is the verb's default. */
export function decimalText(
  number: ExactNumber,
  verb: "e" | "f" | "g",
  precision: number | undefined,
): string {
  if (verb === "f")
    return fixed(rounded(exactDecimal(number), pointOf(number) + (precision ?? 6)), precision ?? 6);
  if (verb === "e") return exponential(rounded(exactDecimal(number), (precision ?? 6) + 1), precision ?? 6);
  return general(number, precision);
}

/** The shorter of the two notations: exponents from -4 up to the precision are written out. */
function general(number: ExactNumber, precision: number | undefined): string {
  const significant = precision === undefined ? undefined : Math.max(precision, 1);
  const shortest = trimmed(shortestDecimal(number));
  const decimal = significant === undefined ? shortest : trimmed(rounded(exactDecimal(number), significant));
  const limit = significant ?? 6;
  const longest =
    limit > decimal.digits.length && decimal.digits.length >= decimal.point ? decimal.digits.length : limit;
  const exponent = decimal.point - 1;
  const isPlain =
    decimal.digits === "" || (exponent >= -4 && exponent < (significant === undefined ? 6 : longest));
  if (isPlain) return fixed(decimal, Math.max(decimal.digits.length - decimal.point, 0));
  return exponential(decimal, decimal.digits.length - 1);
}

function shortestDecimal(number: ExactNumber): Decimal {
  const [whole = "", fraction = ""] = formatNumber(number).replace("-", "").split(".");
  return { digits: whole + fraction, point: whole.length };
}

function exactDecimal({ mantissa, exponent }: ExactNumber): Decimal {
  const magnitude = mantissa < 0n ? -mantissa : mantissa;
  if (exponent >= 0)
    return trimmed({
      digits: String(magnitude << BigInt(exponent)),
      point: String(magnitude << BigInt(exponent)).length,
    });
  const digits = String(magnitude * 5n ** BigInt(-exponent));
  return trimmed({ digits, point: digits.length + exponent });
}

function pointOf(number: ExactNumber): number {
  return exactDecimal(number).point;
}

/** Without zeros at the ends. */
function trimmed({ digits, point }: Decimal): Decimal {
  const zeros = digits.length - digits.replace(/^0+/, "").length;
  const kept = digits.slice(zeros).replace(/0+$/, "");
  return kept === "" ? { digits: "", point: 0 } : { digits: kept, point: point - zeros };
}

/** To so many digits, ties to even. */
function rounded({ digits, point }: Decimal, count: number): Decimal {
  if (count < 0) return { digits: "", point: 0 };
  if (count >= digits.length) return { digits, point };
  const [kept, rest] = [BigInt(digits.slice(0, count) || "0"), digits.slice(count)];
  const half = `5${"0".repeat(rest.length - 1)}`;
  const isUp = rest > half || (rest === half && kept % 2n === 1n);
  const result = String(isUp ? kept + 1n : kept).padStart(count, "0");
  return trimmed({ digits: result, point: point + result.length - count });
}

function fixed({ digits, point }: Decimal, decimals: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, "0") : "0";
  const fraction = ("0".repeat(Math.max(-point, 0)) + digits.slice(Math.max(point, 0))).padEnd(decimals, "0");
  return decimals === 0 ? whole : `${whole}.${fraction.slice(0, decimals)}`;
}

function exponential({ digits, point }: Decimal, decimals: number): string {
  const exponent = digits === "" ? 0 : point - 1;
  const [first, rest] = [digits[0] ?? "0", digits.slice(1).padEnd(decimals, "0").slice(0, decimals)];
  const power = String(Math.abs(exponent)).padStart(2, "0");
  return `${first}${decimals === 0 ? "" : `.${rest}`}e${exponent < 0 ? "-" : "+"}${power}`;
}
