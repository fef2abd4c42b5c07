import { describe, expect, test } from "vitest";
import { list, pack, repository } from "./tree.ts";

async function packed(ignore: string[], rules: string, paths: string[]): Promise<string[]> {
  const contents = Object.fromEntries(paths.map((path) => [path, ""]));
  const { root, repositoryRoot } = repository({ ...contents, ".terraformignore": rules });
  const names = list((await pack({ root, repositoryRoot, ignore })).file);
  return names.filter((name) => name !== ".terraformignore");
}

describe("the input ignore", () => {
  test.each([
    {
      name: "a bare name takes directories with their contents",
      ignore: ["foo"],
      paths: ["foo/a", "b/foo", "c"],
      rest: ["b/", "c"],
    },
    {
      name: "a slash inside anchors",
      ignore: ["a/b"],
      paths: ["a/b", "x/a/b"],
      rest: ["a/", "x/", "x/a/", "x/a/b"],
    },
    { name: "case counts", ignore: ["A"], paths: ["a", "A"], rest: ["a"] },
    { name: "comments and empty lines", ignore: ["# a", "", "b"], paths: ["a", "b"], rest: ["a"] },
    {
      name: "the last line that matches decides",
      ignore: ["*.md", "!a.md"],
      paths: ["a.md", "b.md"],
      rest: ["a.md"],
    },
    {
      name: "nothing comes back below an ignored directory",
      ignore: ["d/", "!d/a"],
      paths: ["d/a", "b"],
      rest: ["b"],
    },
  ])("$name", async ({ ignore, paths, rest }) => {
    expect(await packed(ignore, "", paths)).toEqual(rest);
  });

  test("comes on top of .terraformignore", async () => {
    expect(await packed(["*.md"], "*.log\n", ["a.md", "b.log", "c"])).toEqual(["c"]);
    expect(await packed(["*.log"], "!*.log\n", ["b.log", "c"])).toEqual(["c"]);
  });

  test("brings back what .terraformignore excludes: a file, one below a pruned directory, a directory", async () => {
    expect(await packed(["!a.log"], "*.log\n", ["a.log", "b.log"])).toEqual(["a.log"]);
    expect(await packed(["!build/keep"], "build/\n", ["build/keep", "build/x"])).toEqual(["build/keep"]);
    const names = await packed(["!build/", "*.o"], "build/\n", ["build/sub/x", "build/y.o"]);
    expect(names).toEqual(["build/", "build/sub/", "build/sub/x"]);
  });

  test("sees followed links under their names in the archive", async () => {
    const { root, repositoryRoot } = repository({
      mods: { link: "../shared" },
      "../shared/a/x": "",
      "../shared/b": "",
    });
    expect(list((await pack({ root, repositoryRoot, ignore: ["mods/a"] })).file)).toEqual(["mods/b"]);
  });

  test.each([
    ["foo\\", 'The line "foo\\\\" of the input ignore ends with a backslash'],
    ["a\\\\\\", "ends with a backslash"],
    [`${"y".repeat(59)}\\`, `The line "${"y".repeat(59)}\\\\" of the input`],
    ["x".repeat(4097), `The line "${"x".repeat(60)}…" of the input ignore is longer than 4096 characters`],
  ])("a line that cannot mean anything is an error: %s", async (line, text) => {
    const packing = pack({ ...repository({}), ignore: ["ok", line] });
    await expect(packing).rejects.toMatchObject({ reason: "input" });
    await expect(packing).rejects.toThrow(text);
  });

  test.each(["foo\\\\", "x".repeat(4096), "a\\ "])("but %j is taken", async (line) => {
    await expect(pack({ ...repository({}), ignore: [line] })).resolves.toBeDefined();
  });
});
