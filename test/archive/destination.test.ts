import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openRegularFile } from "../../src/archive/file-content.ts";
import { createGzipFile } from "../../src/archive/gzip.ts";
import { Failure } from "../../src/failure.ts";
import { list, pack, repository, temporaryFolder } from "./tree.ts";

describe("the file of the archive", () => {
  test("is the user's own, and takes the place of what was there", async () => {
    const destination = join(temporaryFolder(), "archive.tar.gz");
    writeFileSync(destination, "x".repeat(100_000));
    const archive = await pack({ ...repository({ a: "1" }), destination });
    expect(archive.file).toBe(destination);
    expect(statSync(destination).size).toBe(archive.bytes);
    const fresh = await pack(repository({ a: "1" }));
    expect(readFileSync(destination).equals(readFileSync(fresh.file))).toBe(true);
    expect(statSync(fresh.file).mode & 0o777).toBe(0o600);
  });

  test("is not written through a link", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "target"), "kept");
    symlinkSync("target", join(folder, "link"));
    const packing = pack({ ...repository({ a: "1" }), destination: join(folder, "link") });
    await expect(packing).rejects.toMatchObject({
      reason: "archive",
      message: expect.stringContaining("cannot be written to the runner's temporary folder (ELOOP)"),
      cause: { code: "ELOOP" },
    });
    expect(readFileSync(join(folder, "target"), "utf8")).toBe("kept");
  });

  test("may lie beside what is packed, under a name that starts alike or with dots", async () => {
    const { root, repositoryRoot } = repository({ a: "1" });
    for (const name of ["infra2", "..out"]) {
      mkdirSync(join(repositoryRoot, name));
      const destination = join(repositoryRoot, name, "a.tar.gz");
      expect(list((await pack({ root, repositoryRoot, destination })).file)).toEqual(["a"]);
    }
  });

  test("may be gone when packing fails, which then says why it failed", async () => {
    const destination = join(temporaryFolder(), "archive.tar.gz");
    const request = { ...repository({ a: "0123456789" }), destination, secrets: ["0123456789"] };
    const packing = pack({ ...request, onProgress: () => rmSync(destination) });
    await expect(packing).rejects.toThrow("holds the value of a token");
  });

  test.skipIf(process.platform !== "linux")("on a full disk is an error", () => {
    const file = openSync("/dev/full", "w");
    expect(() => createGzipFile(file)).toThrow(
      "The archive cannot be written to the runner's temporary folder (ENOSPC). Make room there",
    );
    closeSync(file);
  });

  test("is not begun when the signal was aborted before", async () => {
    const destination = join(temporaryFolder(), "archive.tar.gz");
    const reason = new Failure("interrupted", "stop");
    const packing = pack({ ...repository({}), destination, signal: AbortSignal.abort(reason) });
    await expect(packing).rejects.toBe(reason);
    expect(existsSync(destination)).toBe(false);
  });
});

test.skipIf(process.platform !== "linux")(
  "no file stays open, whether packing ends well or not",
  async () => {
    const good = repository({ a: "1", ".terraformignore": "x\n" });
    const bad = repository({ a: "0123456789" });
    const directory = repository({ ".terraformignore/x": "" });
    const open = () => readdirSync("/proc/self/fd").length;
    await pack(good);
    const before = open();
    for (let round = 0; round < 20; round += 1) {
      await pack(good);
      await expect(pack({ ...bad, secrets: ["0123456789"] })).rejects.toThrow("token");
      expect(() => openRegularFile(good.root, "x")).toThrow("changed");
      await expect(pack(directory)).rejects.toThrow("not a regular file");
    }
    expect(open()).toBeLessThan(before + 10);
  },
);
