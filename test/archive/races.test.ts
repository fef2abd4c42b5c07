import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type OpenFile, openRegularFile, readInto } from "../../src/archive/file-content.ts";
import { Failure } from "../../src/failure.ts";
import { type Content, hasPipes, list, pack, repository, temporaryFolder, unpack } from "./tree.ts";

/** Packs, and does something when so many bytes were packed. */
async function packWhile(
  contents: Record<string, Content>,
  action: (root: string) => void,
): Promise<unknown> {
  const { root, repositoryRoot } = repository(contents);
  let done = false;
  const onProgress = () => {
    if (!done) action(root);
    done = true;
  };
  return pack({ root, repositoryRoot, onProgress }).catch((error: unknown) => error);
}

const large = "x".repeat(2_500_000);

describe("what changes while it is packed is an error that names it", () => {
  const read = '"a" changed while it was being read';
  test.each([
    { what: "grows", action: (root: string) => appendFileSync(join(root, "a"), "more"), text: read },
    { what: "shrinks", action: (root: string) => truncateSync(join(root, "a"), 10), text: read },
    {
      what: "is written to",
      action: (root: string) => writeFileSync(join(root, "a"), "y", { flag: "r+" }),
      text: read,
    },
    { what: "is touched", action: (root: string) => utimesSync(join(root, "a"), 1, 1), text: read },
    {
      what: "vanishes before its turn",
      action: (root: string) => rmSync(join(root, "b")),
      text: '"b" vanished while the archive was made',
    },
  ])("a file that $what", async ({ action, text }) => {
    const error = await packWhile({ a: large, b: "b" }, action);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ message: expect.stringContaining(text) });
  });

  test("a file that becomes a link, a directory or a pipe before its turn", async () => {
    const link = (root: string) => {
      rmSync(join(root, "b"));
      symlinkSync("/etc/hostname", join(root, "b"));
    };
    const folder = (root: string) => {
      rmSync(join(root, "b"));
      mkdirSync(join(root, "b"));
    };
    const pipe = (root: string) => {
      rmSync(join(root, "b"));
      execFileSync("mkfifo", [join(root, "b")]);
    };
    for (const action of hasPipes ? [link, folder, pipe] : [link, folder]) {
      const error = await packWhile({ a: large, b: "b" }, action);
      expect(error).toMatchObject({
        reason: "archive",
        message: expect.stringContaining('"b" changed while it was being read'),
      });
    }
  });

  test("a directory that gets another file after it was listed", async () => {
    const error = await packWhile({ a: large, "d/b": "" }, (root) => writeFileSync(join(root, "new"), ""));
    expect(error).toMatchObject({
      message: expect.stringContaining('"infra" changed while the archive was made'),
    });
  });

  test("a directory that vanishes before its turn", async () => {
    const error = await packWhile({ a: large, "d/b": "" }, (root) =>
      rmSync(join(root, "d"), { recursive: true }),
    );
    expect(error).toMatchObject({ message: expect.stringContaining('"d/" vanished while the archive was') });
  });

  test("the packed directory that vanishes", async () => {
    const { root, repositoryRoot } = repository({ a: "" });
    const packing = pack({ root, repositoryRoot });
    rmSync(root, { recursive: true });
    await expect(packing).rejects.toThrow("The packed directory vanished while the archive was made");
  });

  test("what a link leads to outside of the tree", async () => {
    const error = await packWhile({ a: large, l: { link: "../s/f" }, "../s/f": "1" }, (root) => {
      rmSync(join(root, "../s/f"));
      writeFileSync(join(root, "../s/f"), "2");
    });
    expect(error).toMatchObject({
      message: expect.stringContaining('"s/f" changed while the archive was made'),
    });
  });

  test("a directory that was moved away and back", async () => {
    const error = await packWhile({ "d/a": large, b: "" }, (root) => {
      renameSync(join(root, "d"), join(root, "../parked"));
      renameSync(join(root, "../parked"), join(root, "d"));
    });
    expect(error).toMatchObject({
      reason: "archive",
      message: expect.stringContaining("changed while the archive was made"),
    });
  });

  test("a followed link's directory that vanishes", async () => {
    const { root, repositoryRoot } = repository({
      "0": large,
      l: { link: "../s" },
      "../s/x": "",
      "m/n": large,
    });
    let calls = 0;
    const onProgress = () => {
      calls += 1;
      if (calls === 4) rmSync(join(repositoryRoot, "s"), { recursive: true });
    };
    const error: unknown = await pack({ root, repositoryRoot, onProgress }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      message: expect.stringContaining('"s" vanished while the archive was made'),
    });
  });
});

test("a file is read as long as it was when it was opened", () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "0123456789");
  const open: OpenFile = openRegularFile(path, "file");
  const bytes = Buffer.alloc(100);
  const sink = { put: () => 0, space: () => bytes, advance: () => undefined, isFull: () => false };
  appendFileSync(path, "more");
  expect(() => [...readInto(open, sink, () => undefined)]).toThrow('"file" changed while it was being read');
  expect(bytes.subarray(0, 12).toString()).toBe("0123456789\0\0");
});

test("a file that the system cannot read", () => {
  const folder = temporaryFolder();
  const open: OpenFile = { file: openSync(folder, "r"), stat: statSync(folder), path: "x" };
  const bytes = Buffer.alloc(100);
  const sink = { put: () => 0, space: () => bytes, advance: () => undefined, isFull: () => false };
  expect(() => [...readInto(open, sink, () => undefined)]).toThrow('"x" cannot be read (EISDIR)');
  closeSync(open.file);
});

test("what is packed in quiet is what is there", async () => {
  const archive = await pack(repository({ a: "INSIDE", "d/b": "INSIDE" }));
  expect(list(archive.file)).toEqual(["a", "d/", "d/b"]);
  expect(readFileSync(join(unpack(archive.file), "d/b"), "utf8")).toBe("INSIDE");
});
