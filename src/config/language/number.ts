/**
 * A number as the language has it: `mantissa · 2^exponent`, rounded to `precision` bits (ties to even). The mantissa is odd, or
 * zero with the exponent zero, so that equal numbers have equal fields. What is written in a file has 512 bits (go-cty).
 */
export type ExactNumber = { mantissa: bigint; exponent: number; precision: number };

/** More than any use has, and small enough that every number can be written out. */
const MAX_DECIMAL_EXPONENT = 4000;
const PRECISION = 512;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$/;

/**
 * Reads decimal text such as `-12.5e3`; undefined for anything else. Numbers beyond 10^4000 count as no numbers.
 */
export function parseNumber(text: string): ExactNumber | undefined {
  const match = NUMBER.exec(text);
  const digits = (match?.[2] ?? "") + (match?.[3] ?? "");
  if (match === null || digits === "") return undefined;
  const exponent = Number(match[4] ?? "0") - (match[3]?.length ?? 0);
  if (Math.abs(exponent) > MAX_DECIMAL_EXPONENT || digits.length > MAX_DECIMAL_EXPONENT) return undefined;
  const magnitude = BigInt(digits);
  const signed = match[1] === "-" ? -magnitude : magnitude;
  if (exponent >= 0) return rounded(signed * 10n ** BigInt(exponent), 0, PRECISION);
  return quotient(signed, 10n ** BigInt(-exponent), PRECISION);
}

/** A whole number, such as a length or an index: 64 bits, or as many as it needs. */
export function wholeNumber(value: number | bigint): ExactNumber {
  return rounded(BigInt(value), 0, Math.max(64, bitLength(BigInt(value))));
}

/** A number that was computed in 64-bit floating point and shows as such; undefined for infinities and NaN. */
export function floatNumber(value: number): ExactNumber | undefined {
  if (!Number.isFinite(value)) return undefined;
  let [mantissa, exponent] = [value, 0];
  while (!Number.isInteger(mantissa)) [mantissa, exponent] = [mantissa * 2, exponent - 1];
  return rounded(BigInt(mantissa), exponent, 53);
}

/** The nearest 64-bit floating point number. */
export function toFloat(number: ExactNumber): number {
  return Number(formatNumber(number));
}

/** The whole number that this is; undefined if it has a fraction. */
export function toInteger(number: ExactNumber): bigint | undefined {
  return number.exponent < 0 ? undefined : number.mantissa << BigInt(number.exponent);
}

/** Towards zero. */
export function truncated(number: ExactNumber): bigint {
  const magnitude = shifted(absolute(number.mantissa), number.exponent);
  return number.mantissa < 0n ? -magnitude : magnitude;
}

export function add(left: ExactNumber, right: ExactNumber): ExactNumber {
  const exponent = Math.min(left.exponent, right.exponent);
  const sum = aligned(left, exponent) + aligned(right, exponent);
  return rounded(sum, exponent, Math.max(left.precision, right.precision));
}

export function negate(number: ExactNumber): ExactNumber {
  return { ...number, mantissa: -number.mantissa };
}

export function multiply(left: ExactNumber, right: ExactNumber): ExactNumber {
  const precision = Math.max(left.precision, right.precision);
  return rounded(left.mantissa * right.mantissa, left.exponent + right.exponent, precision);
}

/** The divisor must not be zero. */
export function divide(left: ExactNumber, right: ExactNumber): ExactNumber {
  const precision = Math.max(left.precision, right.precision);
  const ratio = quotient(left.mantissa, right.mantissa, precision);
  return rounded(ratio.mantissa, ratio.exponent + left.exponent - right.exponent, precision);
}

/** The remainder of the division that rounds towards zero; of a division by zero it is all (go-cty, Modulo). */
export function remainder(left: ExactNumber, right: ExactNumber): ExactNumber {
  if (right.mantissa === 0n) return left;
  const whole = wholeNumber(truncated(divide(left, right)));
  return add(left, negate(multiply(right, whole)));
}

/** Below, at or above zero as the left one is smaller, equal or greater. */
export function compareNumbers(left: ExactNumber, right: ExactNumber): number {
  const exponent = Math.min(left.exponent, right.exponent);
  const difference = aligned(left, exponent) - aligned(right, exponent);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** The shortest decimal text without an exponent that reads back as the same number at its precision. */
export function formatNumber(number: ExactNumber): string {
  const sign = number.mantissa < 0n ? "-" : "";
  const magnitude = absolute(number.mantissa);
  if (number.exponent >= 0) return sign + String(magnitude << BigInt(number.exponent));
  return sign + shortestFraction(magnitude, number);
}

/** A fraction's digits: as few as tell it from its neighbours, half a unit in the last place away on either side. */
function shortestFraction(magnitude: bigint, { exponent, precision }: ExactNumber): string {
  const spare = precision + 1 - bitLength(magnitude);
  const half = magnitude << BigInt(spare);
  const scale = spare - exponent;
  const unit = 10n ** BigInt(scale);
  const inclusive = (half & 2n) === 0n;
  const decimal = (binary: bigint): bigint => (binary * unit) >> BigInt(scale);
  const [lower, exact, upper] = [decimal(half - 1n), decimal(half), decimal(half + 1n)];
  const fits = (candidate: bigint): boolean =>
    inclusive ? candidate >= lower && candidate <= upper : candidate > lower && candidate < upper;
  for (let dropped = scale; dropped > 0; dropped -= 1) {
    const step = 10n ** BigInt(dropped);
    const down = (exact / step) * step;
    const candidates = [down, down + step].filter(fits);
    const [first, second] = candidates;
    if (first === undefined) continue;
    const nearest = second !== undefined && second - exact < exact - first ? second : first;
    return placed(nearest / step, scale - dropped);
  }
  return placed(exact, scale);
}

function placed(digits: bigint, decimals: number): string {
  const padded = String(digits).padStart(decimals + 1, "0");
  const [whole, fraction] = [
    padded.slice(0, padded.length - decimals),
    padded.slice(padded.length - decimals),
  ];
  const shown = fraction.replace(/0+$/, "");
  return shown === "" ? whole : `${whole}.${shown}`;
}

function quotient(dividend: bigint, divisor: bigint, precision: number): ExactNumber {
  const shift = Math.max(0, precision + 2 + bitLength(divisor) - bitLength(dividend));
  const scaled = absolute(dividend) << BigInt(shift);
  const positive = absolute(divisor);
  const floor = scaled / positive;
  // One more bit that says whether anything was cut off keeps the rounding exact.
  const sticky = (floor << 1n) | (floor * positive === scaled ? 0n : 1n);
  return rounded(dividend < 0n === divisor < 0n ? sticky : -sticky, -shift - 1, precision);
}

function rounded(mantissa: bigint, exponent: number, precision: number): ExactNumber {
  let [magnitude, power] = [absolute(mantissa), exponent];
  const excess = bitLength(magnitude) - precision;
  if (excess > 0) {
    const cut = magnitude & ((1n << BigInt(excess)) - 1n);
    const half = 1n << BigInt(excess - 1);
    magnitude >>= BigInt(excess);
    power += excess;
    if (cut > half || (cut === half && (magnitude & 1n) === 1n)) magnitude += 1n;
  }
  if (magnitude === 0n) return { mantissa: 0n, exponent: 0, precision };
  const zeros = trailingZeros(magnitude);
  magnitude >>= BigInt(zeros);
  return { mantissa: mantissa < 0n ? -magnitude : magnitude, exponent: power + zeros, precision };
}

function aligned(number: ExactNumber, exponent: number): bigint {
  return number.mantissa << BigInt(number.exponent - exponent);
}

function shifted(magnitude: bigint, exponent: number): bigint {
  return exponent < 0 ? magnitude >> BigInt(-exponent) : magnitude << BigInt(exponent);
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function bitLength(value: bigint): number {
  return absolute(value) === 0n ? 0 : absolute(value).toString(2).length;
}

function trailingZeros(value: bigint): number {
  return value.toString(2).length - value.toString(2).replace(/0+$/, "").length;
}
