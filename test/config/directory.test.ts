import { spawnSync } from "node:child_process";
import { chmod, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  listConfigurationFiles,
  readCandidate,
  selectConfigurationFiles,
} from "../../src/config/directory.ts";
import { failureOf, moduleWith } from "./module.ts";

describe("selectConfigurationFiles", () => {
  test.each<[string, string[], string[], string[]]>([
    [
      "all four kinds, in name order",
      ["b.tf", "a.tofu", "d.tf.json", "c.tofu.json"],
      ["a.tofu", "b.tf", "c.tofu.json", "d.tf.json"],
      [],
    ],
    [
      "nothing else",
      ["main.tfvars", "main.tf.bak", "README.md", "x.hcl", "main.TF", "tf", "x.tftest.hcl"],
      [],
      [],
    ],
    [".tofu takes the place of .tf", ["main.tf", "main.tofu", "other.tf"], ["main.tofu", "other.tf"], []],
    [".tofu.json takes the place of .tf.json", ["main.tf.json", "main.tofu.json"], ["main.tofu.json"], []],
    ["but not across syntaxes", ["main.tf", "main.tofu.json"], ["main.tf", "main.tofu.json"], []],
    [
      "override files",
      ["override.tf", "x_override.tf.json", "override.tofu", "y_override.tofu.json", "a.tf"],
      ["a.tf"],
      ["override.tofu", "x_override.tf.json", "y_override.tofu.json"],
    ],
    [
      "_override is a suffix of the whole base name",
      ["_override.tf", "override_x.tf", "myoverride.tf", "override.x.tf"],
      ["myoverride.tf", "override.x.tf", "override_x.tf"],
      ["_override.tf"],
    ],
    [
      "hidden and backup files are ignored",
      [".main.tf", "main.tf~", "#main.tf#", ".#main.tf", "#main.tf", ".tf"],
      ["#main.tf"],
      [],
    ],
  ])("%s", (...[, names, primary, override]) => {
    expect(selectConfigurationFiles(names)).toEqual({ primary, override });
    expect(selectConfigurationFiles(names.toReversed())).toEqual({ primary, override });
  });
});

describe("listConfigurationFiles", () => {
  test("names files relative to the job's workspace and leaves out directories", async () => {
    const module = await moduleWith({ "main.tf": "", "x.tofu.json": "{}", "modules.tf/nested.tf": "" });
    expect(await listConfigurationFiles(module)).toEqual({
      primary: [
        { path: join(module.directory, "main.tf"), file: "infra/main.tf", syntax: "native" },
        { path: join(module.directory, "x.tofu.json"), file: "infra/x.tofu.json", syntax: "json" },
      ],
      override: [],
    });
  });

  test.each([
    ["a directory that is missing", "missing", '"infra/missing" does not exist'],
    ["a file", "README.md", '"infra/README.md" is not a directory'],
    ["a directory without configuration", "docs", '"infra/docs" holds no configuration files'],
  ])("%s is the input's fault", async (_, name, expected) => {
    const module = await moduleWith({ "README.md": "", "docs/index.md": "" });
    const directory = join(module.directory, name);
    const failure = await failureOf(() => listConfigurationFiles({ ...module, directory }));
    expect(failure.reason).toBe("input");
    expect(failure.message).toContain(`The working-directory ${expected}`);
    expect(failure.message).toContain("check out the repository");
    expect(failure.message).not.toContain(module.workspaceRoot);
  });

  test("the workspace itself is shown as a dot", async () => {
    const { workspaceRoot } = await moduleWith({});
    const failure = await failureOf(() =>
      listConfigurationFiles({ directory: workspaceRoot, workspaceRoot }),
    );
    expect(failure.message).toContain('The working-directory "." holds no configuration files');
  });
});

describe("readCandidate", () => {
  async function read(name: string, content: string | Uint8Array): Promise<string | undefined> {
    const { primary } = await listConfigurationFiles(await moduleWith({ [name]: content }));
    return primary[0] === undefined ? undefined : readCandidate(primary[0]);
  }

  test.each([
    ["x.tf", 'terraform { backend "remote" {} }', true],
    ["x.tf", "terraform { cloud {} }", true],
    ["x.tf", 'terraform { required_version = ">= 1" }', false],
    ["x.tf", 'resource "cloud" "x" {}', false],
    ["x.tf.json", '{"\\u0074erraform":{"cloud":{}}}', true],
    ["x.tf.json", '{"variable":{}}', false],
  ])("%s with %s: may hold a block: %s", async (name, content, expected) => {
    expect((await read(name, content)) !== undefined).toBe(expected);
  });

  test("a byte order mark is left out, bytes that are no UTF-8 are replaced", async () => {
    expect(await read("x.tf", Buffer.from("\ufeffterraform { cloud {} }"))).toBe("terraform { cloud {} }");
    expect(await read("x.tf", Buffer.from([...Buffer.from("terraform cloud "), 0xff]))).toBe(
      "terraform cloud \ufffd",
    );
  });

  test.each([
    ["UTF-16 LE", Buffer.from("\ufeffterraform { cloud {} }", "utf16le"), "UTF-16"],
    ["UTF-16 BE", Buffer.from("\ufeffterraform { cloud {} }", "utf16le").swap16(), "UTF-16"],
    ["a huge file", Buffer.from(`terraform { cloud {} }${" ".repeat(2 * 1024 * 1024)}`), "larger than 2 MiB"],
  ])("%s is refused", async (_, content, expected) => {
    const failure = await failureOf(() => read("x.tf", content));
    expect(failure.message).toContain(expected);
    expect(failure.position).toEqual({ file: "infra/x.tf" });
  });

  test("a huge file without the block is nobody's concern", async () => {
    expect(await read("x.tf", Buffer.alloc(3 * 1024 * 1024, "# x\n"))).toBeUndefined();
  });

  test.skipIf(spawnSync("mkfifo", ["--version"]).error !== undefined)(
    "a link is followed, a broken one and a pipe are refused",
    async () => {
      const module = await moduleWith({ "real/a.txt": "terraform { cloud {} }" });
      await symlink("real/a.txt", join(module.directory, "a.tf"));
      await symlink("nowhere", join(module.directory, "b.tf"));
      spawnSync("mkfifo", [join(module.directory, "c.tf")]);
      const [link, broken, pipe] = (await listConfigurationFiles(module)).primary;
      if (link === undefined || broken === undefined || pipe === undefined)
        throw new Error("expected three files");
      expect(await readCandidate(link)).toBe("terraform { cloud {} }");
      expect((await failureOf(() => readCandidate(broken))).message).toContain(
        "(infra/b.tf): The file could not be read (ENOENT)",
      );
      expect((await failureOf(() => readCandidate(pipe))).message).toContain(
        "(infra/c.tf): It is not a regular file",
      );
    },
  );

  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "an unreadable file is refused",
    async () => {
      const module = await moduleWith({});
      await writeFile(join(module.directory, "a.tf"), "terraform { cloud {} }");
      await chmod(join(module.directory, "a.tf"), 0);
      const [file] = (await listConfigurationFiles(module)).primary;
      if (file === undefined) throw new Error("expected a file");
      expect((await failureOf(() => readCandidate(file))).message).toContain("EACCES");
    },
  );
});
