import { describe, expect, test } from "vitest";
import { createTarHeaders, tarPadding } from "../../src/archive/tar-entries.ts";

const MOST_IN_USTAR = 8 * 1024 ** 3 - 1;

describe("headers", () => {
  test("take one block where everything fits, two blocks more where something does not", () => {
    const header = createTarHeaders();
    const file = { type: "file", path: "a", executable: false } as const;
    expect(header({ ...file, size: MOST_IN_USTAR }).length).toBe(512);
    expect(header({ ...file, size: MOST_IN_USTAR + 1 }).length).toBe(1536);
    // The slash at the end counts.
    expect(header({ type: "directory", path: "d".repeat(98) }).length).toBe(512);
    expect(header({ type: "directory", path: "d".repeat(99) }).length).toBe(1536);
    expect(header({ type: "directory", path: "é".repeat(50) }).length).toBe(1536);
    expect(header({ type: "link", path: "l", target: "t".repeat(100) }).length).toBe(512);
    expect(header({ type: "link", path: "l", target: "t".repeat(101) }).length).toBe(1536);
  });

  test("extended ones hold the size of a file of more than 8 GiB only, and never a file's target", () => {
    const path = "é".repeat(120);
    const extended = (size: number) =>
      createTarHeaders()({ type: "file", path, size, executable: false }).toString("utf8", 512, 1024);
    expect(extended(MOST_IN_USTAR)).toMatch(/^\d+ path=é+\n\0*$/);
    expect(extended(MOST_IN_USTAR + 1)).toMatch(/^\d+ path=é+\n\d+ size=8589934592\n\0*$/);
  });

  test("do not keep what the one before had", () => {
    const header = createTarHeaders();
    const plain = { type: "file", path: "a", size: 0, executable: false } as const;
    const first = Buffer.from(header(plain));
    header({ type: "link", path: "b", target: "elsewhere" });
    header({ type: "file", path: "c".repeat(90), size: 4096, executable: true });
    expect(header(plain).equals(first)).toBe(true);
  });

  test.each([
    { type: "file", path: "a", size: 7, executable: false, expected: ["000644", "0000000007", ""] },
    { type: "file", path: "a", size: 8, executable: true, expected: ["000755", "0000000010", ""] },
    { type: "directory", path: "a", expected: ["000755", "0000000000", ""] },
    { type: "link", path: "a", target: "b/c", expected: ["000755", "0000000000", "b/c"] },
  ] as const)("of a $type have every field: $expected", ({ expected, ...entry }) => {
    const block = createTarHeaders()(entry);
    const field = (start: number, length: number) =>
      block.toString("latin1", start, start + length).replace(/[ \0]+$/, "");
    const [mode, size, target] = expected;
    expect(field(100, 8)).toBe(mode);
    expect([field(108, 8), field(116, 8)]).toEqual(["000000", "000000"]);
    expect([field(124, 12), field(136, 12)]).toEqual([size, "0000000000"]);
    expect(field(157, 100)).toBe(target);
    expect([field(257, 6), field(265, 64)]).toEqual(["ustar", ""]);
    expect([field(329, 8), field(337, 8), field(345, 167)]).toEqual(["000000", "000000", ""]);
  });

  test("name their kind", () => {
    const header = createTarHeaders();
    const kind = (block: Buffer) => block.toString("latin1", 156, 157);
    expect(kind(header({ type: "file", path: "a", size: 1, executable: false }))).toBe("0");
    expect(kind(header({ type: "directory", path: "a" }))).toBe("5");
    expect(kind(header({ type: "link", path: "a", target: "b" }))).toBe("2");
  });
});

test.each([
  [0, 0],
  [1, 511],
  [511, 1],
  [512, 0],
  [513, 511],
])("after %d bytes come %d zeros", (size, zeros) => {
  expect(tarPadding(size)).toEqual(Buffer.alloc(zeros));
});
