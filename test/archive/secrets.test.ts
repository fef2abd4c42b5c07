import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSecretScanner } from "../../src/archive/secrets.ts";

/** Whether the scanner finds a secret in the chunks, one after the other. */
function scan(secrets: string[], chunks: Buffer[]): boolean {
  const scanner = createSecretScanner(secrets);
  return chunks.map((chunk) => scanner.holdsSecret(chunk)).includes(true);
}

/** Cuts at the given places. */
function cut(bytes: Buffer, places: number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe("secrets", () => {
  const places = fc.array(fc.nat(), { maxLength: 12 });
  // Few letters, so that secrets overlap with what is around them and with each other.
  const letters = fc.constantFrom("a", "b", "c");
  const secret = fc.string({ unit: letters, minLength: 6, maxLength: 12 });

  test("are found exactly when they are there, however the stream is cut", () => {
    const text = fc.string({ unit: letters, maxLength: 300 });
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        text,
        places,
        (secrets, haystack, where) => {
          const expected = secrets.some((value) => haystack.includes(value));
          expect(scan(secrets, cut(Buffer.from(haystack), where))).toBe(expected);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("are found wherever they were put", () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.record({ value: secret, before: bytes, after: bytes, where: places }), (found) => {
        const stream = Buffer.concat([found.before, Buffer.from(found.value), found.after]);
        expect(scan(["not-in-there-at-all", found.value], cut(stream, found.where))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test("are found in the form in which git keeps them", () => {
    const header = `AUTHORIZATION: basic ${Buffer.from("x-access-token:ghs_0123456789").toString("base64")}`;
    expect(scan(["ghs_0123456789"], [Buffer.from(header)])).toBe(true);
    expect(scan(["ghs_0123456780"], [Buffer.from(header)])).toBe(false);
  });

  test.each([13, 14, 15])("also without the signs that fill up base64: %d characters", (length) => {
    const token = "ghs_0123456789abcdef".slice(0, length);
    const written = Buffer.from(`x-access-token:${token}`).toString("base64url");
    expect(scan([token], [Buffer.from(`"${written}"`)])).toBe(true);
  });

  test("of different lengths across a border, the longest as the shortest", () => {
    const long = "0123456789".repeat(5);
    for (const at of [1, 25, 49]) {
      const chunks = [Buffer.from(`xx${long.slice(0, at)}`), Buffer.from(`${long.slice(at)}xx`)];
      expect(scan(["abcdef", long], chunks)).toBe(true);
    }
  });

  test("without any, nothing is found", () => {
    expect(createSecretScanner([]).holdsSecret(Buffer.from("x"))).toBe(false);
  });

  test("in other than ASCII", () => {
    expect(scan(["pässwörd"], [Buffer.from("xx pässw"), Buffer.from("örd")])).toBe(true);
  });

  test("do not reach from one stream into the next", () => {
    const scanner = createSecretScanner(["abcdefgh"]);
    expect(scanner.holdsSecret(Buffer.from("abcd"))).toBe(false);
    scanner.reset();
    expect(scanner.holdsSecret(Buffer.from("efgh"))).toBe(false);
    scanner.reset();
    expect(scanner.holdsSecret(Buffer.from("abcd"))).toBe(false);
    expect(scanner.holdsSecret(Buffer.from("efgh"))).toBe(true);
  });

  test("of fewer than six characters are no tokens", () => {
    for (const value of ["", "a", "abcde"]) expect(scan([value], [Buffer.from("abcde")])).toBe(false);
    expect(scan(["", "abcdef"], [Buffer.from("abcde"), Buffer.from("f")])).toBe(true);
    expect(scan(["abcdef"], [Buffer.from("abcdef")])).toBe(true);
  });
});
