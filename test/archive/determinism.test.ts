import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { executablesInIndex } from "../../src/archive/executable.ts";
import { type Content, create, hasGit, pack, repository, temporaryFolder, verbose } from "./tree.ts";

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

const paths = fc.uniqueArray(
  fc.constantFrom<string>("a", "a.tf", "a-b", "b/c", "b/d/e", "b/d/f", "é/x", "z", "Z/y"),
  { minLength: 2 },
);

test("copies with other times, in other order of creation, have the same bytes and digest", async () => {
  const sample = fc.record({
    paths,
    order: fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
    time: fc.nat(2e9),
  });
  await fc.assert(
    fc.asyncProperty(sample, async (made) => {
      const one = repository(Object.fromEntries(made.paths.map((path) => [path, `content of ${path}`])));
      const two = repository({});
      const rank = (path: string) => made.order[made.paths.indexOf(path)] ?? 0;
      for (const path of made.paths.toSorted((a, b) => rank(a) - rank(b))) {
        create(join(two.root, path), `content of ${path}`);
        utimesSync(join(two.root, path), made.time, made.time);
      }
      const [first, second] = [await pack(one), await pack(two)];
      expect(sha256(first.file)).toBe(sha256(second.file));
      expect({ ...first, file: "" }).toEqual({ ...second, file: "" });
    }),
    { numRuns: 60 },
  );
});

test("large archives, too", async () => {
  const noise = createHash("shake256", { outputLength: 5 * 1048576 })
    .update("seed")
    .digest();
  const contents = { a: "text ".repeat(2000000), b: noise, c: noise.toString("hex") };
  const digests = [];
  for (let round = 0; round < 3; round += 1) digests.push(sha256((await pack(repository(contents))).file));
  expect(new Set(digests).size).toBe(1);
});

/** The digest of one tree, worked out from its description: path NUL type NUL executable NUL content. */
function expectedDigest(lines: string[]): string {
  return createHash("sha256").update(lines.join("")).digest("hex");
}

test("the digest is over path, type, executable bit and content, nothing else", async () => {
  const large = Array.from({ length: 400_000 }, (_, index) => `${index}`).join("\n");
  const contents: Record<string, Content> = {
    "b/run": { mode: 0o711, content: "x" },
    "b/a": "",
    "b/large": large,
    l: { link: "b/run" },
  };
  const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
  const expected = expectedDigest([
    "b\0directory\0\0\n",
    `b/a\0file\0\0${hashOf("")}\n`,
    `b/large\0file\0\0${hashOf(large)}\n`,
    `b/run\0file\0x\0${hashOf("x")}\n`,
    "l\0link\0\0b/run\n",
  ]);
  expect((await pack(repository(contents))).digest).toBe(expected);
  for (const change of [{ "b/run": "x" }, { "b/a": "y" }, { l: { link: "b/a" } }, { "b/c/": null }]) {
    expect((await pack(repository({ ...contents, ...change }))).digest).not.toBe(expected);
  }
});

test.skipIf(!hasGit)("where files have no executable bit, git's index says it", async () => {
  const { root, repositoryRoot } = repository({
    "a.sh": "",
    "sub/é.sh": "",
    "b.tf": { mode: 0o755, content: "" },
  });
  const git = (...options: string[]) => execFileSync("git", options, { cwd: repositoryRoot });
  git("init", "-q");
  git("add", ".");
  git("update-index", "--chmod=+x", "infra/a.sh", "infra/sub/é.sh");
  git("update-index", "--chmod=-x", "infra/b.tf");
  const archive = await pack({ root, repositoryRoot, executableBits: "git-index" });
  expect(verbose(archive.file).map((line) => line.slice(0, 10))).toEqual([
    "-rwxr-xr-x",
    "-rw-r--r--",
    "drwxr-xr-x",
    "-rwxr-xr-x",
  ]);
  expect(archive.warnings).toEqual([]);
});

test.skipIf(!hasGit)("an index may have many entries", async () => {
  const folder = temporaryFolder();
  const names = Array.from({ length: 15_000 }, (_, index) => `directory-with-a-long-name/${index}`);
  const lines = names.map((name) => `100755 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\t${name}\n`);
  execFileSync("git", ["init", "-q"], { cwd: folder });
  execFileSync("git", ["update-index", "--index-info"], { cwd: folder, input: lines.join("") });
  expect((await executablesInIndex(folder))?.size).toBe(15_000);
});

test("without an index nothing is executable, with a warning", async () => {
  const folder = temporaryFolder();
  create(join(folder, "x"), { mode: 0o755, content: "" });
  const archive = await pack({ root: folder, repositoryRoot: folder, executableBits: "git-index" });
  expect(verbose(archive.file)[0]).toMatch(/^-rw-r--r--/);
  expect(archive.warnings).toEqual([
    "Git's index cannot be read, so no file is marked as executable in the archive.",
  ]);
});
