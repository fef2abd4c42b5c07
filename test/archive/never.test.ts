import { describe, expect, test } from "vitest";
import { likelySecret, neverUploaded } from "../../src/archive/never.ts";
import { list, pack, repository } from "./tree.ts";

const labels: Record<string, string> = {
  ".git/config": ".git/",
  "vendored/x/.git/objects/y": ".git/",
  ".GIT/config": ".git/",
  ".terraform/terraform.tfstate": ".terraform/**/terraform.tfstate",
  "sub/.terraform/x/y/terraform.tfstate.backup": ".terraform/**/terraform.tfstate",
  "gha-creds-0123456789abcdef.json": "gha-creds-*.json",
  "sub/gha-creds-1.json": "gha-creds-*.json",
  ".terraformrc": ".terraformrc",
  ".tofurc": ".tofurc",
  "home/.tofurc": ".tofurc",
  "credentials.tfrc.json": "credentials.tfrc.json",
  ".terraform.d/credentials.tfrc.json": "credentials.tfrc.json",
};
const never = Object.keys(labels);
const allowed = [
  ".git",
  ".gitignore",
  "x.git/config",
  ".terraform/environment",
  "terraform.tfstate",
  "x.terraform/terraform.tfstate",
  "gha-creds.json",
  "gha-creds-1.json.tf",
  "my.terraformrc",
  ".terraformrc.example",
  ".tofurc.example",
  ".terraform/terraform.tfstate.d/x",
  "credentials.tfrc.json.example",
];

describe("what is never uploaded", () => {
  test.each(Object.entries(labels))("%s, as %s", (path, label) => {
    expect(neverUploaded(path)).toBe(label);
  });

  test.each(allowed)("but %s may be", (path) => {
    expect(neverUploaded(path)).toBeUndefined();
  });

  test("no rule and no line of the input brings it back", async () => {
    const contents = Object.fromEntries(
      [...never, ...allowed.slice(2), "main.tf"].map((path) => [path, "x"]),
    );
    const { root, repositoryRoot } = repository({
      ...contents,
      ".terraformignore": "!.git/\n!.terraform/\n!**\n",
    });
    const { file } = await pack({
      root,
      repositoryRoot,
      ignore: ["!*", "!**/", "!.git/config", "!gha-creds-*"],
    });
    const files = list(file).filter((name) => !name.endsWith("/"));
    expect(files).toEqual(expect.arrayContaining(["main.tf", ".terraform/environment", "terraform.tfstate"]));
    expect(files.filter((name) => neverUploaded(name) !== undefined)).toEqual([]);
  });

  test("a link named .git is left out, wherever it leads", async () => {
    const contents = {
      ".git": { link: "../../elsewhere/.git" },
      "m/.git": { link: "../main.tf" },
      "main.tf": "",
    };
    const archive = await pack(repository(contents));
    expect(list(archive.file)).toEqual(["m/", "main.tf"]);
    expect(archive.excluded).toEqual([
      { rule: ".git/ (never uploaded)", line: undefined, files: 2, directories: 0 },
    ]);
  });

  test("what a rule leaves out is counted as the rule's", async () => {
    const archive = await pack(repository({ ".terraformignore": ".git\n", ".git": { link: "x" } }));
    expect(archive.excluded).toEqual([{ rule: ".git", line: 1, files: 1, directories: 0 }]);
  });

  test("no rule brings back what a followed link leads to", async () => {
    const contents = {
      ".terraformignore": "*\n!b\n!terraform.tfstate\n",
      t: { link: "../.terraform" },
      "../.terraform/terraform.tfstate": "x",
      "../.terraform/b": "",
    };
    const archive = await pack({ ...repository(contents), ignore: ["!t"] });
    expect(list(archive.file)).toEqual(["t/b"]);
  });

  test("a link named .git in a followed directory is left out", async () => {
    for (const target of ["../elsewhere", "../elsewhere/a"]) {
      const contents = { l: { link: "../s" }, "../s/.git": { link: target }, "../elsewhere/a": "" };
      expect(list((await pack(repository(contents))).file)).toEqual([]);
    }
  });

  test("nor does a followed link to a directory that is below such a name, or holds one", async () => {
    const { file } = await pack(
      repository({
        l: { link: "../s" },
        "../s/.git/config": "x",
        "../s/gha-creds-1.json": "x",
        "../s/a.tf": "",
      }),
    );
    expect(list(file)).toEqual(["l/a.tf"]);
    const below = repository({
      t: { link: "../.terraform" },
      "../.terraform/terraform.tfstate": "x",
      "../.terraform/terraform.tfstate.d/x": "",
      "../.terraform/b": "",
    });
    const archive = await pack(below);
    expect(list(archive.file)).toEqual(["t/b", "t/terraform.tfstate.d/", "t/terraform.tfstate.d/x"]);
    expect(archive.excluded).toEqual([
      { rule: ".terraform/**/terraform.tfstate (never uploaded)", line: undefined, files: 1, directories: 0 },
    ]);
  });
});

describe("what often holds secrets", () => {
  test.each([
    [".env", ".env*"],
    ["a/.env.production", ".env*"],
    [".envrc", ".env*"],
    ["terraform.tfstate", "*.tfstate*"],
    ["a/x.tfstate.backup", "*.tfstate*"],
    ["env", undefined],
    ["x.env", undefined],
    [".env/readme", undefined],
    ["x.tfstate/readme", undefined],
    ["tfstate.tf", undefined],
  ])("%s: %s", (path, kind) => {
    expect(likelySecret(path)).toBe(kind);
  });

  test("is uploaded with a warning, unless it is ignored", async () => {
    const names = ["a", "b", "c", "d", "e", "f"].map((name) => [`.env.${name}`, ""] as const);
    const { warnings } = await pack(repository({ ...Object.fromEntries(names), "terraform.tfstate": "{}" }));
    expect(warnings).toEqual([
      '".env.a", ".env.b", ".env.c", ".env.d", ".env.e" and 1 more are uploaded, and such files often hold secrets. If the run does not need them, write .env* into .terraformignore.',
      '"terraform.tfstate" is uploaded, and such files often hold secrets. If the run does not need them, write *.tfstate* into .terraformignore.',
    ]);
    const five = await pack(repository(Object.fromEntries(names.slice(1))));
    expect(five.warnings).toEqual([expect.stringContaining('".env.f" are uploaded')]);
    const ignored = { ".terraformignore": ".env*\n", ".env": "", "terraform.tfstate": "" };
    expect((await pack({ ...repository(ignored), ignore: ["*.tfstate"] })).warnings).toEqual([]);
  });
});

describe("values of tokens", () => {
  const secret = "ghs_0123456789abcdefghijklmnopqrstuvwxyz";

  test("in a file, also across chunks: an error that names the file but not the value", async () => {
    for (const size of [0, 10, 1048576 - 512 - 20, 1048576 * 2]) {
      const { root, repositoryRoot } = repository({ "sub/x.tf": `${"a".repeat(size)}${secret}` });
      const packing = pack({ root, repositoryRoot, secrets: ["other-secret", secret] });
      await expect(packing).rejects.toThrow(
        '"sub/x.tf" holds the value of a token of this job. Nothing was uploaded.',
      );
      await expect(packing).rejects.toMatchObject({ reason: "archive" });
      await expect(packing).rejects.not.toThrow(secret);
    }
  });

  test.each([
    ["a name", { [`x-${secret}`]: "" }],
    ["a directory's name", { [`${secret}/a`]: "" }],
    ["a link's target", { l: { link: secret } }],
  ])("in %s", async (_, contents) => {
    const packing = pack({ ...repository(contents), secrets: [secret] });
    await expect(packing).rejects.toThrow(
      "The name of a file or the target of a link holds the value of a token",
    );
    await expect(packing).rejects.not.toThrow(secret);
  });

  test("not in what is excluded, and not across two files", async () => {
    const contents = {
      a: secret,
      ".terraformignore": "a\n",
      "b/1": secret.slice(0, 10),
      "b/2": secret.slice(10),
    };
    await expect(pack({ ...repository(contents), secrets: [secret] })).resolves.toMatchObject({ files: 3 });
    const next = { "1": secret.slice(0, 20), [secret.slice(20)]: "" };
    await expect(pack({ ...repository(next), secrets: [secret] })).resolves.toMatchObject({ files: 2 });
  });
});
