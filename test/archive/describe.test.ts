import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { countOf, formatBytes } from "../../src/archive/amounts.ts";
import { archiveTooLarge, describeArchive } from "../../src/archive/describe.ts";
import type { Archive } from "../../src/archive/pack.ts";
import { createPackProgress } from "../../src/archive/progress.ts";
import { createTarHeaders } from "../../src/archive/tar-entries.ts";
import { archiveCommand } from "../../src/commands/archive.ts";
import { Failure } from "../../src/failure.ts";
import { list, repository, temporaryFolder } from "./tree.ts";

const archive: Archive = {
  file: "/tmp/archive.tar.gz",
  bytes: 1500,
  rawBytes: 12_345_678,
  files: 1234,
  digest: "ab".repeat(32),
  largest: [
    { path: "big.bin", bytes: 12_000_000 },
    { path: "main.tf", bytes: 1 },
  ],
  excluded: [
    { rule: "*.md", line: 3, files: 1, directories: 0 },
    { rule: "node_modules/", line: 4, files: 2, directories: 1 },
    { rule: ".git/ (never uploaded)", line: undefined, files: 0, directories: 2 },
  ],
  warnings: ["a warning"],
  surprises: ["a surprise"],
};

test("the report", () => {
  expect(describeArchive(archive)).toEqual([
    "1,234 files, 12 MiB, 1.5 KiB compressed",
    `Digest: ${"ab".repeat(32)}`,
    "Left out:",
    "  *.md (.terraformignore, line 3): 1 file",
    "  node_modules/ (.terraformignore, line 4): 2 files, 1 whole directory",
    "  .git/ (never uploaded): 2 whole directories",
    "a surprise",
    "Largest files:",
    "  11 MiB  big.bin",
    "  1 byte  main.tf",
  ]);
});

test("the report of an empty archive", () => {
  const empty = { ...archive, files: 0, rawBytes: 1024, largest: [], excluded: [], surprises: [] };
  expect(describeArchive(empty)).toEqual([
    "0 files, 1.0 KiB, 1.5 KiB compressed",
    `Digest: ${"ab".repeat(32)}`,
  ]);
});

test("the error for an archive that is too large keeps what the server said and names sizes and files", () => {
  const refusal = new Failure("archive-too-large", "The server refused the archive with status 422.");
  const failure = archiveTooLarge(archive, refusal);
  expect(failure).toMatchObject({ reason: "archive-too-large", cause: refusal });
  expect(failure.message.split("\n")).toEqual([
    "The server refused the archive with status 422.",
    "The archive has 1,234 files, 12 MiB, 1.5 KiB compressed.",
    "Largest files:",
    "  11 MiB  big.bin",
    "  1 byte  main.tf",
    "Exclude what the run does not need in .terraformignore or with the input ignore.",
  ]);
});

describe("amounts", () => {
  test.each([
    [0, "0 bytes"],
    [1, "1 byte"],
    [1023, "1,023 bytes"],
    [1024, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [10 * 1024, "10 KiB"],
    [1024 ** 2 - 1, "1,024 KiB"],
    [1024 ** 2, "1.0 MiB"],
    [5 * 1024 ** 3, "5.0 GiB"],
    [5000 * 1024 ** 4, "5,000 TiB"],
  ])("%d bytes: %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test("counts", () => {
    expect([countOf(1, "file"), countOf(1_000_000, "file"), countOf(2, "entry", "entries")]).toEqual([
      "1 file",
      "1,000,000 files",
      "2 entries",
    ]);
  });
});

test("progress is told every five seconds, not before", () => {
  const lines: string[] = [];
  let time = 1000;
  const tell = createPackProgress(
    (text) => lines.push(text),
    () => time,
  );
  for (const now of [1000, 5999, 6000, 6001, 10_999, 11_000]) {
    time = now;
    tell({ files: now, bytes: 2048 });
  }
  expect(lines).toEqual(["Packing: 6,000 files, 2.0 KiB so far", "Packing: 11,000 files, 2.0 KiB so far"]);
});

test("progress goes by a clock of its own", () => {
  const lines: string[] = [];
  createPackProgress((text) => lines.push(text))({ files: 1, bytes: 1 });
  expect(lines).toEqual([]);
});

test("a file of more than 8 GiB has its size in an extended header", () => {
  const header = createTarHeaders()({ type: "file", path: "huge", size: 9 * 1024 ** 3, executable: false });
  expect(header.length).toBe(1536);
  expect(header.toString("latin1", 512, 600)).toContain("size=9663676416\n");
});

describe("command: archive", () => {
  test("writes the archive, prints the report, returns the outputs", async () => {
    const { root, repositoryRoot } = repository({ "main.tf": "x", "a.log": "", ".env": "S=1" });
    const lines: string[] = [];
    const warnings: string[] = [];
    const destinationFolder = temporaryFolder();
    const log = { line: (text: string) => lines.push(text), warning: (text: string) => warnings.push(text) };
    const signal = new AbortController().signal;
    const order = {
      directory: root,
      repositoryRoot,
      ignore: ["*.log"],
      secrets: ["0123456789"],
      destinationFolder,
      signal,
      log,
    };
    const one = await archiveCommand(order);
    const two = await archiveCommand(order);
    expect(one.outputs).toEqual({ "archive-file": one.archive.file, "archive-digest": one.archive.digest });
    expect(dirname(dirname(one.archive.file))).toBe(destinationFolder);
    expect(two.archive.file).not.toBe(one.archive.file);
    expect(readFileSync(two.archive.file).equals(readFileSync(one.archive.file))).toBe(true);
    expect(list(one.archive.file)).toEqual([".env", "main.tf"]);
    expect(warnings.slice(1)).toEqual([expect.stringContaining('".env" is uploaded')]);
    expect(lines.slice(0, lines.length / 2)).toEqual(describeArchive(one.archive));
    expect(one.report).toEqual([...describeArchive(one.archive), ...one.archive.warnings]);
  });

  test("fails as packing does", async () => {
    const { root, repositoryRoot } = repository({ a: "0123456789" });
    const log = { line: () => undefined, warning: () => undefined };
    const order = {
      directory: root,
      repositoryRoot,
      ignore: [],
      secrets: ["0123456789"],
      destinationFolder: temporaryFolder(),
      log,
    };
    const failing = archiveCommand({ ...order, signal: new AbortController().signal });
    await expect(failing).rejects.toThrow('"a" holds the value of a token');
  });
});
