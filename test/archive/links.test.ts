import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { Failure } from "../../src/failure.ts";
import { type Content, hasPipes, list, pack, repository, temporaryFolder, unpack } from "./tree.ts";

async function packed(contents: Record<string, Content>): Promise<string[]> {
  return list((await pack(repository(contents))).file);
}

async function refused(contents: Record<string, Content>): Promise<string> {
  const error: unknown = await pack(repository(contents)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  expect(error).toMatchObject({ reason: "archive" });
  return error instanceof Failure ? error.message : "";
}

describe("links inside of the tree are kept", () => {
  test.each([
    ["to a file", "sub/a", "f/l"],
    ["to nothing", "nowhere/at/all", "l"],
    ["to itself", "l", "l"],
    ["to its directory", ".", "l"],
    ["up and down", "../f/./..//sub/a", "f/l"],
    ["to the root", "..", "f/l"],
  ])("%s", async (_, target, path) => {
    expect(await packed({ "sub/a": "", "f/x": "", [path]: { link: target } })).toContain(
      `${path} -> ${target}`,
    );
  });

  test("also in a circle of two", async () => {
    expect(await packed({ a: { link: "b" }, b: { link: "a" } })).toEqual(["a -> b", "b -> a"]);
  });

  test("an absolute one becomes relative, because the server unpacks elsewhere", async () => {
    const { root, repositoryRoot } = repository({ "sub/a": "", "f/x": "" });
    symlinkSync(join(root, "sub/a"), join(root, "f/l"));
    symlinkSync(join(root, "gone"), join(root, "f/gone"));
    symlinkSync(root, join(root, "self"));
    const names = list((await pack({ root, repositoryRoot })).file);
    expect(names).toEqual(expect.arrayContaining(["f/l -> ../sub/a", "f/gone -> ../gone", "self -> ."]));
  });

  test("one that goes out and comes back in is kept with the way inside", async () => {
    expect(await packed({ "sub/a": "", "f/l": { link: "../../infra/sub/a" } })).toContain("f/l -> ../sub/a");
  });

  test("one that leads through another link is walked as the server will", async () => {
    // here/.. is the root's parent on disk, although the text of the target stays inside
    const contents = { "sub/a": "", "../outer": "outer", here: { link: "." }, l: { link: "here/../outer" } };
    expect(await packed(contents)).toEqual(["here -> .", "l", "sub/", "sub/a"]);
    expect(await packed({ "s/t/a": "", d: { link: "s/t" }, l: { link: "d/../t/a" } })).toContain(
      "l -> d/../t/a",
    );
  });

  test("one whose way is another when a rule leaves out a link on it must stay inside on both", async () => {
    const excluded = { ".terraformignore": "/c\n", l: { link: "c/../.." } };
    expect(await refused({ ...excluded, c: { link: "d/e/f" } })).toContain(
      "leads out of the packed directory",
    );
    const deep = { "d/e/f/x": "", "up/here": { link: "." }, "up/c": { link: "../d/e/f" } };
    // With up/c left out, up/here/c/../../.. is the root's parent; what is really there is in the tree.
    const mixed = { ...deep, ".terraformignore": "/up/c\n", l: { link: "up/here/c/../../.." } };
    expect(await packed(mixed)).toContain("l -> .");
    expect(await packed({ ...deep, l: { link: "up/here/c/../x" } })).toContain("l -> up/here/c/../x");
  });

  test("one that leads through a followed directory is kept", async () => {
    const contents = {
      "../shared/a": "",
      mods: { link: "../shared" },
      l: { link: "mods/a" },
      up: { link: "mods/../l" },
    };
    expect(await packed(contents)).toEqual(["l -> mods/a", "mods/a", "up -> mods/../l"]);
  });

  test.each([
    {
      what: "a name doubled by two slashes does not count",
      contents: { "x/f": "", l: { link: "x//../../outer" }, "../outer": "" },
      entry: "l",
    },
    {
      what: "a link on the way starts where it lies",
      contents: { "f/t/a": "", "f/d": { link: "t" }, x: "", l: { link: "f/d/../../x" } },
      entry: "l -> f/d/../../x",
    },
    {
      what: "a link on the way that goes out and comes back in is where it comes to",
      contents: { hop: { link: "../infra/s/t" }, "s/t/a": "", x: "", l: { link: "hop/../../x" } },
      entry: "l -> hop/../../x",
    },
    {
      what: "a link after another one is walked, too",
      contents: {
        d: { link: "s/t" },
        "s/t/a": "",
        "s/k": { link: "p/q" },
        "s/p/q/a": "",
        x: "",
        l: { link: "d/../k/../../../x" },
      },
      entry: "l -> d/../k/../../../x",
    },
    {
      what: "a link on the way to nothing is where it would lead",
      contents: { d: { link: "gone/deep" }, x: "", l: { link: "d/../../x" } },
      entry: "l -> d/../../x",
    },
    {
      what: "in a followed directory there are no links any more",
      contents: {
        mods: { link: "../shared" },
        "../shared/inner": { link: "deep/er" },
        "../shared/deep/er/a": "",
        "../x": "",
        l: { link: "mods/inner/../../../x" },
      },
      entry: "l",
    },
  ])("$what", async ({ contents, entry }) => {
    expect(await packed(contents)).toContain(entry);
  });

  test("chains of links that multiply end", async () => {
    const links = Array.from({ length: 30 }, (_, index) => [
      `l${index}`,
      { link: `l${index + 1}/../l${index + 1}/../l${index + 1}` },
    ]);
    expect(await packed({ ...Object.fromEntries(links), "l30/x": "" })).toHaveLength(32);
  });
});

describe("links to elsewhere in the repository are followed", () => {
  test("a file, with the target's executable bit", async () => {
    const archive = await pack(
      repository({
        l: { link: "../run.sh" },
        chain: { link: "../l2" },
        "../l2": { link: "run.sh" },
        "../run.sh": { mode: 0o755, content: "run" },
      }),
    );
    expect(list(archive.file)).toEqual(["chain", "l"]);
    expect(readFileSync(join(unpack(archive.file), "l"), "utf8")).toBe("run");
    expect(archive.files).toBe(2);
  });

  test("a directory, with all links in it followed, too", async () => {
    const names = await packed({
      mods: { link: "../shared" },
      "main.tf": "",
      "../shared/a/x.tf": "",
      "../shared/file": { link: "a/x.tf" },
      "../shared/dir": { link: "../other" },
      "../shared/back": { link: "../infra/main.tf" },
      "../other/y.tf": "",
    });
    expect(names).toEqual(["main.tf", "mods/a/", "mods/a/x.tf", "mods/back", "mods/dir/y.tf", "mods/file"]);
  });

  test("the same directory twice", async () => {
    expect(await packed({ a: { link: "../s" }, b: { link: "../s" }, "../s/x": "" })).toEqual(["a/x", "b/x"]);
  });

  test.each([
    ["to the directory around the root", { l: { link: ".." } }, '"l" -> ".."'],
    [
      "to itself from a followed one",
      { l: { link: "../s" }, "../s/in/again": { link: ".." } },
      '"l/in/again" leads back',
    ],
    [
      "between two followed ones",
      { l: { link: "../s" }, "../s/t": { link: "../t" }, "../t/s": { link: "../s" } },
      '"l/t/s" leads back',
    ],
    ["back to the root", { l: { link: "../s" }, "../s/r": { link: "../infra" } }, '"l/r" leads back'],
  ])("a circle is an error: %s", async (_, contents, text) => {
    const message = await refused(contents);
    expect(message).toMatch(/leads back to the directory|leads in a circle/);
    expect(message).toContain(text.split(" ")[0]);
  });

  test("a circle of links beside the tree is an error", async () => {
    expect(await refused({ l: { link: "../c" }, "../c": { link: "c" } })).toBe(
      'The link "l" -> "../c" leads in a circle. Correct the link, or exclude it in .terraformignore.',
    );
  });

  test.skipIf(!hasPipes)("a pipe is left out", async () => {
    const { root, repositoryRoot } = repository({ l: { link: "../pipe" }, a: "" });
    execFileSync("mkfifo", [join(repositoryRoot, "pipe")]);
    const archive = await pack({ root, repositoryRoot });
    expect(list(archive.file)).toEqual(["a"]);
    expect(archive.excluded).toEqual([
      { rule: "sockets, pipes and devices", line: undefined, files: 1, directories: 0 },
    ]);
  });

  test("1,000 directories are taken, one more is an error that names the last link", async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `l${index + 1000}`);
    const links = Object.fromEntries(names.map((name) => [name, { link: "../s" }]));
    expect(await packed({ ...links, "../s/": null })).toEqual([]);
    expect(await refused({ ...links, m: { link: "../s" }, "../s/": null })).toBe(
      'More than 1000 links lead to directories outside of the packed one, the last is "m". Exclude them in .terraformignore.',
    );
  });

  test("a circle is an error that names link and directory", async () => {
    expect(await refused({ l: { link: "../s" }, "../s/in/again": { link: "../../s" } })).toBe(
      'The link "l/in/again" leads back to the directory "s" that it lies in. Remove it, or exclude it in .terraformignore.',
    );
    const { root, repositoryRoot } = repository({ "d/l": { link: "../.." } });
    await expect(pack({ root, repositoryRoot })).rejects.toThrow(
      `The link "d/l" leads back to the directory "${basename(repositoryRoot)}" that it lies in.`,
    );
  });

  test("directories that multiply are an error", async () => {
    const { root, repositoryRoot } = repository({ l: { link: "../d0" } });
    for (let index = 0; index < 10; index += 1) {
      mkdirSync(join(repositoryRoot, `d${index}`));
      for (const name of ["a", "b"]) symlinkSync(`../d${index + 1}`, join(repositoryRoot, `d${index}`, name));
    }
    mkdirSync(join(repositoryRoot, "d10"));
    await expect(pack({ root, repositoryRoot })).rejects.toThrow("More than 1000 links lead to directories");
  });
});

describe("links out of the repository are errors that name link and target", () => {
  test.each(["file", "folder"])("to a %s", async (kind) => {
    const outside = temporaryFolder();
    writeFileSync(join(outside, "file"), "secret");
    const target = kind === "file" ? join(outside, "file") : outside;
    const message = await refused({ "sub/l": { link: target } });
    expect(message).toContain(`The link "sub/l" -> ${JSON.stringify(target)} leaves the repository.`);
  });

  test("through another link, or from within a followed directory", async () => {
    const outside = join(temporaryFolder(), "file");
    writeFileSync(outside, "secret");
    expect(await refused({ l: { link: "../hop" }, "../hop": { link: outside } })).toContain(
      '"l" -> "../hop" leaves',
    );
    expect(await refused({ d: { link: "../s" }, "../s/x": { link: outside } })).toContain('"d/x" ->');
  });

  test("to nothing", async () => {
    const message = await refused({ l: { link: "../nothing" } });
    expect(message).toContain(
      'The link "l" -> "../nothing" leads out of the packed directory to where nothing can be read (ENOENT)',
    );
    expect(await refused({ d: { link: "../s" }, "../s/x": { link: "gone" } })).toContain('"d/x" -> "gone"');
    const packing = pack(repository({ l: { link: "../nothing" } }));
    await expect(packing).rejects.toMatchObject({ cause: { code: "ENOENT" } });
  });

  test("unless a rule excludes them", async () => {
    const names = await packed({ ".terraformignore": "l\n", l: { link: "/etc/passwd" }, a: "" });
    expect(names).toEqual([".terraformignore", "a"]);
  });

  test("links to what never leaves are errors, too", async () => {
    const never = { "../.git/config": "AUTHORIZATION: basic x", "../gha-creds-1.json": "{}" };
    expect(await refused({ ...never, "notes.txt": { link: "../.git/config" } })).toContain(
      '"notes.txt" -> "../.git/config" leads to what never leaves the machine (.git/)',
    );
    expect(await refused({ ...never, l: { link: "../.git" } })).toContain("(.git/)");
    expect(await refused({ ...never, l: { link: "../gha-creds-1.json" } })).toContain("(gha-creds-*.json)");
  });
});
